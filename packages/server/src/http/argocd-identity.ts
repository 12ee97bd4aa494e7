import type { Request } from 'express';
import { ApiError } from './api-error.ts';
import { headerValues } from './shared-secret.ts';

/** Who asks, and for which Application, as argocd-server's proxy says it (`server/extension/extension.go`). */
export interface ArgocdIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly project: string;
  /** For display and audit only: a user can forge it where Argo CD has no value to overwrite it with. */
  readonly claimedUsername: string;
}

/** RFC 1123 subdomain, as Kubernetes has it for object names. */
const NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const MAX_NAME = 253;

const isName = (text: string): boolean => text.length <= MAX_NAME && NAME.test(text);

/**
 * Reads `Argocd-Application-Name: <namespace>:<name>` and `Argocd-Project-Name`.
 * A header that is missing, doubled or no name at all ends the request: a proxy that trusts one of two values and a
 * backend that trusts the other is how one tenant reads another's reports.
 */
export function argocdIdentity(request: Request): ArgocdIdentity {
  const application = single(request, 'argocd-application-name');
  const project = single(request, 'argocd-project-name');
  const parts = application.split(':');
  const [namespace = '', name = ''] = parts;
  if (parts.length !== 2 || !isName(namespace) || !isName(name)) {
    throw new ApiError(400, 'bad-headers', 'Argocd-Application-Name must be "<namespace>:<name>".');
  }
  if (!isName(project)) throw new ApiError(400, 'bad-headers', 'Argocd-Project-Name must be the name of a project.');
  const [username = ''] = headerValues(request.rawHeaders, 'argocd-username');
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  return { namespace, name, project, claimedUsername: username.replace(/[\u0000-\u001f\u007f]/g, '').slice(0, 200) };
}

function single(request: Request, name: string): string {
  const values = headerValues(request.rawHeaders, name);
  const [value] = values;
  if (value === undefined || values.length !== 1) {
    throw new ApiError(400, 'bad-headers', `Exactly one ${name} header is needed; there are ${values.length}.`);
  }
  return value;
}
