import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import { resolveRevision, wording } from '@source-integrity/core';
import { isRecord, type Source } from './application.ts';
import type { Cluster } from './cluster-folder.ts';
import type { ResolveRevision } from './operation.ts';

/** Resolves target revisions as argocd-server asks the repo-server to: Helm ranges against the repository's index. */
export function createRevisionResolver(cluster: Cluster): ResolveRevision {
  return async (source, targetRevision) => {
    if (source.chart === undefined) return commitOf(source, targetRevision);
    // Only what needs the list of versions makes Argo CD download the index.
    const alone = resolveRevision(targetRevision, []);
    if (!('problem' in alone)) return alone.revision;
    const resolved = resolveRevision(targetRevision, await versionsOf(source, source.chart, cluster));
    if ('problem' in resolved) throw new Error(wording(resolved.problem, `Chart ${source.chart}`).sentence);
    return resolved.revision;
  };
}

async function versionsOf(source: Source, chart: string, cluster: Cluster): Promise<string[]> {
  const url = `${source.repoURL.replace(/\/$/, '')}/index.yaml`;
  const credentials = await cluster.credentials(source.repoURL);
  const basic = Buffer.from(`${credentials?.username ?? ''}:${credentials?.password ?? ''}`).toString('base64');
  const failed = (reason: string): Error => new Error(`failed to get index from "${source.repoURL}": ${reason}`);
  const response = await fetch(url, {
    headers: credentials === null ? {} : { authorization: `Basic ${basic}` },
    signal: AbortSignal.timeout(5_000),
  }).catch(() => {
    throw failed('the repository did not answer');
  });
  if (!response.ok) throw failed(`${response.status} ${response.statusText}`);
  const index: unknown = parse(await response.text());
  const entries = isRecord(index) && isRecord(index['entries']) ? index['entries'][chart] : [];
  return Array.isArray(entries) ? entries.flatMap((entry) => (isRecord(entry) ? [String(entry['version'])] : [])) : [];
}

/** No Git repository is behind the demo's Git sources: a stand-in for the commit that a branch is at. */
function commitOf(source: Source, targetRevision: string): string {
  if (/^[0-9a-f]{40}$/.test(targetRevision)) return targetRevision;
  return createHash('sha1').update(`${source.repoURL} ${targetRevision}`).digest('hex');
}
