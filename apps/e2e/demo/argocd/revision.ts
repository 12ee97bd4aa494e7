import { parse } from 'yaml';
import { resolveRevision, wording } from '@source-integrity/core';
import { isRecord } from './application.ts';
import { commitOf } from './commit.ts';
import type { Cluster } from './cluster-folder.ts';
import type { ResolveRevision } from './operation.ts';

const OCI = 'oci://';
/** The repositories are this machine's own. */
const ANSWER_WITHIN_MS = 60_000;
const MANIFESTS = 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json';

/**
 * Resolves target revisions as argocd-server asks the repo-server to: versions of charts against the repository's index
 * or the registry's tags, plain OCI sources to a digest (upstream: reposerver/repository/repository.go).
 */
export function createRevisionResolver(cluster: Cluster): ResolveRevision {
  return async (source, targetRevision) => {
    if (source.repoURL.startsWith(OCI)) return digestOf(source.repoURL.slice(OCI.length), targetRevision);
    const { chart, repoURL } = source;
    if (chart === undefined) return commitOf(source, targetRevision);
    const subject = `Chart ${chart}`;
    // Without a scheme it is a registry; only what needs the list of versions makes Argo CD ask for it.
    return /^https?:\/\//.test(repoURL)
      ? versionOf(subject, targetRevision, async () => indexedVersions(repoURL, chart, cluster))
      : versionOf(subject, targetRevision, async () => tagsOf(`${repoURL}/${chart}`));
  };
}

async function versionOf(subject: string, revision: string, versions: () => Promise<string[]>): Promise<string> {
  const alone = resolveRevision(revision, []);
  const resolved = 'problem' in alone ? resolveRevision(revision, await versions()) : alone;
  if ('problem' in resolved) throw new Error(wording(resolved.problem, subject).sentence);
  return resolved.revision;
}

/** A digest is kept; a tag of that name comes before a constraint (upstream: util/oci/client.go, resolveRevision). */
async function digestOf(repository: string, revision: string): Promise<string> {
  if (revision.startsWith('sha256:')) return revision;
  const tagged = await manifestDigest(repository, revision);
  if (tagged !== null) return tagged;
  const version = await versionOf(`oci://${repository}`, revision, async () => tagsOf(repository));
  const digest = await manifestDigest(repository, version);
  if (digest === null) throw new Error(`cannot get digest for revision ${revision}: not found`);
  return digest;
}

async function manifestDigest(repository: string, reference: string): Promise<string | null> {
  const response = await registry(repository, `manifests/${encodeURIComponent(reference)}`);
  return response.ok ? response.headers.get('docker-content-digest') : null;
}

async function tagsOf(repository: string): Promise<string[]> {
  const response = await registry(repository, 'tags/list');
  const list: unknown = response.ok ? await response.json() : {};
  const tags: unknown = isRecord(list) ? list['tags'] : [];
  return Array.isArray(tags) ? tags.map((tag) => String(tag).replaceAll('_', '+')) : [];
}

/** The demo's registry wants neither TLS nor credentials. */
async function registry(repository: string, path: string): Promise<Response> {
  const [host, ...name] = repository.split('/');
  const url = `http://${host}/v2/${name.join('/')}/${path}`;
  return fetch(url, { headers: { accept: MANIFESTS }, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) }).catch(() => {
    throw new Error(`failed to get oci://${repository}: the registry did not answer`);
  });
}

async function indexedVersions(repoURL: string, chart: string, cluster: Cluster): Promise<string[]> {
  const url = `${repoURL.replace(/\/$/, '')}/index.yaml`;
  const credentials = await cluster.credentials(repoURL);
  const basic = Buffer.from(`${credentials?.username ?? ''}:${credentials?.password ?? ''}`).toString('base64');
  const failed = (reason: string): Error => new Error(`failed to get index from "${repoURL}": ${reason}`);
  const response = await fetch(url, {
    headers: credentials === null ? {} : { authorization: `Basic ${basic}` },
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  }).catch(() => {
    throw failed('the repository did not answer');
  });
  if (!response.ok) throw failed(`${response.status} ${response.statusText}`);
  const index: unknown = parse(await response.text());
  const entries = isRecord(index) && isRecord(index['entries']) ? index['entries'][chart] : [];
  return Array.isArray(entries) ? entries.flatMap((entry) => (isRecord(entry) ? [String(entry['version'])] : [])) : [];
}
