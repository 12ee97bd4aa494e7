import { createHmac } from 'node:crypto';
import { problem, type Problem, sameURL } from '@source-integrity/core';
import { coveredSegments } from './credential-scope.ts';
import type { ResolvedAccess } from './repository-access.ts';
import {
  NO_SETTINGS,
  readRepositorySecret,
  type RepositorySecret,
  type RepositorySettings,
  withTemplate,
} from './repository-secret.ts';

/** What an access is resolved from. */
export interface AccessSettings {
  readonly secrets: readonly RepositorySecret[];
  /** Entries of `argocd-tls-certs-cm`: host name without a port → PEM. */
  readonly certificates: ReadonlyMap<string, string>;
  /**
   * Key of the identities. With a key that outlives the process, identities do so too, and may be part of stored
   * keys; nobody who does not know it can try passwords against an identity.
   */
  readonly identityKey: Uint8Array;
}

export type AccessOutcome = { readonly access: ResolvedAccess } | { readonly problem: Problem };

/**
 * The credentials and TLS settings that Argo CD uses for a Helm or OCI repository in a project (`util/db`,
 * `GetRepository`), but that templates are given to their own hosts only: see {@link coveredSegments}.
 */
export function resolveAccess(
  { secrets, certificates, identityKey }: AccessSettings,
  repoURL: string,
  project: string,
): AccessOutcome {
  const ordered = [...secrets].sort((a, b) => (a.name < b.name ? -1 : 1));
  const own = repositorySecret(ordered, repoURL, project);
  const repository = own === undefined ? { settings: NO_SETTINGS } : readRepositorySecret(own);
  if ('problem' in repository) return repository;
  let { settings } = repository;
  const template = settings.hasCredentials ? undefined : templateSecret(ordered, repoURL);
  if (template !== undefined) {
    const inherited = readRepositorySecret(template);
    if ('problem' in inherited) return inherited;
    settings = withTemplate(settings, inherited.settings);
  }
  if (settings.useAzureWorkloadIdentity) {
    const kind = 'an Azure workload identity';
    return { problem: problem('repository-credentials-unsupported', { secret: settings.secret, kind }) };
  }
  const url = withScheme(repoURL, settings.insecureOCIForceHttp);
  const ca = certificateFor(url, certificates);
  return { access: { ...accessOf(settings, url, ca), identity: identityOf(settings, url, ca, identityKey) } };
}

/** Of the Secrets with this URL the project's own, else one of no project (`getRepositorySecret`). */
function repositorySecret(
  secrets: readonly RepositorySecret[],
  repoURL: string,
  project: string,
): RepositorySecret | undefined {
  const candidates = secrets.filter(
    ({ type, data }) => type === 'repository' && sameURL(data.get('url') ?? '', repoURL),
  );
  const ofProject = (name: string): RepositorySecret | undefined =>
    candidates.find(({ data }) => (data.get('project') ?? '') === name);
  return ofProject(project) ?? ofProject('');
}

/** The template that covers most of the path; of several the first. */
function templateSecret(secrets: readonly RepositorySecret[], repoURL: string): RepositorySecret | undefined {
  let best: { readonly secret: RepositorySecret; readonly segments: number } | undefined;
  for (const secret of secrets) {
    if (secret.type !== 'repo-creds') continue;
    const segments = coveredSegments(secret.data.get('url') ?? '', repoURL);
    if (segments !== null && (best === undefined || segments > best.segments)) best = { secret, segments };
  }
  return best?.secret;
}

function accessOf(settings: RepositorySettings, url: string, ca: string | null): Omit<ResolvedAccess, 'identity'> {
  const { username, password, enableOCI, insecureOCIForceHttp, proxy, noProxy, forceHttpBasicAuth } = settings;
  return {
    url,
    username,
    password,
    tls: {
      ca,
      clientCert: settings.clientCert || null,
      clientKey: settings.clientKey || null,
      insecure: settings.insecure,
    },
    enableOCI,
    insecureOCIForceHttp,
    proxy,
    noProxy,
    forceHttpBasicAuth,
  };
}

/** A registry's URL may come without a scheme: credentials still have one origin to go to. */
function withScheme(repoURL: string, isPlainHttp: boolean): string {
  const url = repoURL.trim();
  if (/^https?:\/\//i.test(url)) return url;
  return `${isPlainHttp ? 'http' : 'https'}://${url.replace(/^oci:\/\//i, '')}`;
}

/** `GetCertBundlePathForRepository`: by host name without port. */
function certificateFor(url: string, certificates: ReadonlyMap<string, string>): string | null {
  const host = URL.parse(url)?.hostname;
  if (host === undefined) return null;
  for (const [name, pem] of certificates) if (name.toLowerCase() === host) return pem;
  return null;
}

/** Everything that may change what a repository answers; no more than a keyed digest of it leaves here. */
function identityOf(settings: RepositorySettings, url: string, ca: string | null, key: Uint8Array): string {
  const { secret: _, hasCredentials: __, ...used } = settings;
  const facts = Object.entries(used).sort(([a], [b]) => (a < b ? -1 : 1));
  const isAnonymous = ca === null && facts.every(([, value]) => value === '' || value === false);
  if (isAnonymous) return 'anonymous';
  const origin = URL.parse(url)?.origin ?? url;
  return createHmac('sha256', key)
    .update(JSON.stringify([origin, ca, facts]))
    .digest('base64url');
}
