import { deployedByHelm } from '../revision/deployed-by-helm.ts';
import { newestVersions, resolveRevision, type ResolvedRevision } from '../revision/resolve-revision.ts';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import type { IndexLookup } from './index-document.ts';
import type { IndexEntry } from './index-entry.ts';
import { readIndex } from './index-reader.ts';
import type { IndexThread } from './index-thread.ts';
import { chartTarget, indexTarget, shownUrl, type Target } from './provenance-location.ts';
import { ask, discard, problemOfStatus, type RepositoryRequest } from './repository-request.ts';

/** A Helm source of an Application in a chart repository over HTTP, as it was asked for. */
export interface RequestedSource {
  readonly repoURL: string;
  readonly chart: string;
  readonly targetRevision: string;
}

/** The version that is deployed, and where it is. */
export interface FoundChart {
  readonly resolved: ResolvedRevision;
  readonly entry: IndexEntry;
  readonly target: Target;
}

/** Fetches the index and finds what Argo CD and Helm take from it. May throw a `FetchFault` while it reads. */
export async function lookUpChart(
  request: RepositoryRequest & RequestedSource & { readonly indexThread: IndexThread },
  maxBytes: number,
): Promise<FoundChart | { readonly problem: Problem }> {
  const { repoURL, chart, targetRevision, signal } = request;
  const target = indexTarget(repoURL);
  if ('problem' in target) return target;
  const response = await ask(request, target, maxBytes);
  if ('problem' in response) return response;
  if (response.status !== 200) {
    await discard(response);
    return { problem: problemOfStatus(target, response.status) };
  }
  const lookup = await readIndex(response.body, chart, request.indexThread, {
    limits: { maxBytes },
    ...(signal === undefined ? {} : { signal }),
  });
  if ('problem' in lookup) return lookup;
  const resolved = resolveRevision(targetRevision, lookup.versions);
  if ('problem' in resolved) return resolved;
  return choose(repoURL, resolved, lookup);
}

/** The entry that Helm takes for what Argo CD hands over. */
function choose(
  repoURL: string,
  resolved: ResolvedRevision,
  { entries }: IndexLookup,
): FoundChart | { readonly problem: Problem } {
  const version = quotable(resolved.revision);
  const choice = deployedByHelm(resolved.revision, entries);
  if ('none' in choice) {
    return {
      problem: problem('version-not-in-index', { version, nearest: nearestVersions(resolved.revision, entries) }),
    };
  }
  const [url] = choice.entry.urls;
  const others = choice.rivals.filter((rival) => rival.urls[0] !== url);
  if (others.length > 0) {
    const candidates = [choice.entry, ...others].slice(0, 5).map(({ urls }) => shownUrl(urls[0] ?? '(no URL)'));
    return { problem: problem('version-ambiguous', { version, candidates }) };
  }
  if (url === undefined || url === '') {
    return { problem: problem('version-without-url', { version: quotable(choice.entry.version) }) };
  }
  const target = chartTarget(repoURL, url);
  return 'problem' in target ? target : { resolved, entry: choice.entry, target };
}

/** Versions with the same beginning, else the newest. */
function nearestVersions(revision: string, entries: readonly IndexEntry[]): string[] {
  const versions = entries.map(({ version }) => version);
  const line = /^v?\d+(?:\.\d+)?/.exec(revision)?.[0].replace(/^v/, '');
  const near = line === undefined ? [] : versions.filter((each) => each.replace(/^v/, '').startsWith(`${line}.`));
  return newestVersions(near.length > 0 ? near : versions, 3).map(quotable);
}
