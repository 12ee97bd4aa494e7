import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';

/** A URL that may be asked, and how it may be shown: without user info and the values of its query. */
export interface Target {
  readonly url: string;
  readonly shown: string;
}

/** A URL for people: user info dropped, every query value replaced, the fragment dropped. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return quotable(url.replace(/\/\/[^/]*@/, '//').replace(/[?#].*$/s, ''));
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  shown.hash = '';
  const names = [...shown.searchParams.keys()];
  shown.search = '';
  const query = names.map((name) => `${encodeURIComponent(name)}=…`).join('&');
  return quotable(query === '' ? shown.href : `${shown.href}?${query}`);
}

/** Where a repository's index is: `index.yaml` below its path, its query kept (Helm 4.3.1, `DownloadIndexFile`). */
export function indexTarget(repoURL: string): Target | { readonly problem: Problem } {
  return resolveBelow(repoURL, 'index.yaml');
}

/**
 * Where a chart is: the first URL of its index entry. An absolute one is taken as it is; a relative one is resolved
 * below the repository URL, whose query replaces its own (Helm 4.3.1, pkg/repo/v1/chartrepo.go `ResolveReferenceURL`).
 * Refused are spellings that Go and browsers' rules resolve to different paths.
 */
export function chartTarget(repoURL: string, reference: string): Target | { readonly problem: Problem } {
  // oxlint-disable-next-line no-control-regex -- the URL parser would drop these silently
  if (/[\s\u0000-\u001f\u007f\\]/.test(reference)) return invalid(reference);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(reference)?.[1]?.toLowerCase();
  if (scheme === undefined) return hasEncodedDots(reference) ? invalid(reference) : resolveBelow(repoURL, reference);
  if (scheme !== 'http' && scheme !== 'https') {
    return { problem: problem('chart-url-unsupported', { url: shownUrl(reference), scheme: quotable(scheme) }) };
  }
  if (!URL.canParse(reference) || hasDots(reference)) return invalid(reference);
  return target(new URL(reference));
}

/**
 * Where a chart's provenance file may be, the likeliest first. Helm appends `.prov` to the whole text of the URL, so
 * also to a query (`x.tgz?key=v.prov`; 4.3.1, pkg/downloader/chart_downloader.go); servers that want the query to stay
 * as it is have the file at `x.tgz.prov?key=v`.
 */
export function provenanceTargets(chart: Target): readonly [Target, ...Target[]] {
  const helm = target(new URL(`${chart.url}.prov`));
  const kept = new URL(chart.url);
  kept.pathname += '.prov';
  return kept.search === '' ? [helm] : [helm, target(kept)];
}

/** The name under which Helm stores a download: the last part of the path. */
export function fileNameOf({ url }: Target): string {
  const segment = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/**
 * Whether the repository's credentials go to a URL: only to its own scheme, host and port, unless the source says
 * `passCredentials`. Stricter than `helm pull --repo` of Helm 4.3.1, which compares the chart's URL with itself and so
 * sends them to whatever host the index names (pkg/downloader/chart_downloader.go `ResolveChartVersion`).
 */
export function credentialsFor(url: string, repoURL: string, passCredentials: boolean): 'send' | 'withhold' {
  if (passCredentials) return 'send';
  if (!URL.canParse(url) || !URL.canParse(repoURL)) return 'withhold';
  const [asked, repository] = [new URL(url), new URL(repoURL)];
  return asked.protocol === repository.protocol && asked.host === repository.host ? 'send' : 'withhold';
}

function resolveBelow(repoURL: string, reference: string): Target | { readonly problem: Problem } {
  if (!URL.canParse(repoURL) || !/^https?:$/.test(new URL(repoURL).protocol)) return invalid(repoURL);
  const base = new URL(repoURL);
  base.pathname = `${base.pathname.replace(/\/$/, '')}/`;
  base.hash = '';
  if (!URL.canParse(reference, base.href)) return invalid(reference);
  const resolved = new URL(reference, base);
  resolved.search = base.search;
  return target(resolved);
}

function target(url: URL): Target {
  url.hash = '';
  return { url: url.href, shown: shownUrl(url.href) };
}

function invalid(url: string): { readonly problem: Problem } {
  return { problem: problem('chart-url-invalid', { url: shownUrl(url) }) };
}

function hasDots(url: string): boolean {
  return /\/(?:\.|%2e){1,2}(?:[/?#]|$)/i.test(url);
}

/** `..` as such is resolved by all, `%2e` only by browsers' rules. */
function hasEncodedDots(url: string): boolean {
  return hasDots(`/${url}`.replaceAll(/(?<=\/)\.{1,2}(?=[/?#]|$)/g, ''));
}
