import { type IncomingHttpHeaders, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import type { Cluster } from './cluster-folder.ts';

const PREFIX = '/extensions/source-integrity';
/** RFC 9110, section 7.6.1; and what names the connection's ends, which the proxy sets itself. */
const NOT_FORWARDED = new Set([
  'authorization',
  'connection',
  'cookie',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export interface ExtensionBackend {
  readonly address: URL;
  /** Value of the Authorization header: `extension.config` of argocd-cm, with the secret filled in. */
  readonly token: string;
}

/**
 * argocd-server's proxy for `/extensions/<name>/…` (upstream: server/extension/extension.go). The user may read every
 * Application here; what remains is that the Application exists and belongs to the project that the headers name.
 */
export async function proxyToExtension(
  request: IncomingMessage,
  response: ServerResponse,
  cluster: Cluster,
  backend: ExtensionBackend,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://argocd');
  if (!`${url.pathname}/`.startsWith(`${PREFIX}/`)) return answer(response, 404, 'Extension not found');

  const named = applicationNamed(request.headers);
  if ('fault' in named) return answer(response, 400, `Invalid headers: ${named.fault}`);
  const application = await cluster.get(named.namespace, named.name);
  if (application?.spec.project !== named.project) return answer(response, 401, 'Unauthorized extension request');

  const { destination } = application.spec;
  const headers: Record<string, string | string[]> = {
    ...forwarded(request.headers),
    host: backend.address.host,
    authorization: backend.token,
    'argocd-application-name': `${named.namespace}:${named.name}`,
    'argocd-project-name': named.project,
    'argocd-namespace': 'argocd',
    'argocd-username': 'admin',
    'argocd-user-id': 'admin',
    'x-forwarded-for': request.socket.remoteAddress ?? '',
    'x-forwarded-host': request.headers.host ?? '',
    'x-forwarded-proto': 'http',
    ...(destination.server === undefined ? {} : { 'argocd-target-cluster-url': destination.server }),
    ...(destination.name === undefined ? {} : { 'argocd-target-cluster-name': destination.name }),
  };
  const upstream = httpRequest(
    // The service's own path is ignored.
    new URL(`${url.pathname.slice(PREFIX.length) || '/'}${url.search}`, backend.address.origin),
    { method: request.method, headers },
    (answered) => {
      response.writeHead(answered.statusCode ?? 502, withoutHopByHop(answered.headers));
      answered.pipe(response);
    },
  );
  upstream.on('error', () => {
    if (response.headersSent) response.destroy();
    else answer(response, 502, '');
  });
  response.on('close', () => upstream.destroy());
  request.pipe(upstream);
}

function applicationNamed(
  headers: IncomingHttpHeaders,
): { namespace: string; name: string; project: string } | { fault: string } {
  const application = headers['argocd-application-name'];
  const project = headers['argocd-project-name'];
  if (typeof application !== 'string') return { fault: 'header "Argocd-Application-Name" must be provided' };
  if (typeof project !== 'string' || project === '') return { fault: 'header "Argocd-Project-Name" must be provided' };
  const [, namespace, name] = /^([a-z0-9.-]{1,253}):([a-z0-9.-]{1,253})$/.exec(application) ?? [];
  if (namespace === undefined || name === undefined) {
    return { fault: `invalid value for header "Argocd-Application-Name": expected format: <namespace>:<app-name>` };
  }
  if (!/^[a-z0-9.-]{1,253}$/.test(project)) return { fault: 'invalid value for header "Argocd-Project-Name"' };
  return { namespace, name, project };
}

/** A client's own `Argocd-*` headers would be taken for Argo CD's. */
function forwarded(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(withoutHopByHop(headers)).filter(([name]) => !/^(?:argocd-|x-forwarded-)/.test(name)),
  );
}

function withoutHopByHop(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const named = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !NOT_FORWARDED.has(name) && !named.has(name)) kept[name] = value;
  }
  return kept;
}

function answer(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(message === '' ? '' : `${message}\n`);
}
