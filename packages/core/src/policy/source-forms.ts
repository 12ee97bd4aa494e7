import type { SourceForm } from './explanation.ts';
import { canonicalHost, canonicalPort } from './host.ts';

/** What a policy looks at of a source. Sources of other kinds (Git, values files) are nobody's here. */
export interface PolicySource {
  readonly kind: 'helm-http' | 'helm-oci' | 'oci' | 'git' | 'ref';
  /** As the Application has it, unchanged. */
  readonly repoURL: string;
  readonly chart: string | null;
}

/** Why nobody can say which repository a URL, or which chart a name, means to every client alike. */
export type Unclear =
  | 'character'
  | 'chart'
  | 'dot-segment'
  | 'double-slash'
  | 'fragment'
  | 'host'
  | 'length'
  | 'percent-encoding'
  | 'port'
  | 'query'
  | 'reference'
  | 'scheme'
  | 'trailing-dot'
  | 'user-info';

export interface FormText {
  readonly form: SourceForm;
  readonly text: string;
}

export interface SourceForms {
  /** The normal forms first, the raw URL last. */
  readonly texts: readonly FormText[];
  /** The chart's name; in a registry also with the path segments before it, shortest first. */
  readonly chartNames: readonly string[];
}

/** Longest URL and longest artifact that is looked at. */
const MAX_LENGTH = 2048;

/**
 * The texts by which a source may be named in a policy: its normal form (lower-case scheme and host, no default port,
 * no `.git`, no trailing `/`), the same with `/`, the effective artifact (`<repo>/<chart>`), and the raw URL. In a
 * registry the normal forms begin with `oci://`, and are also there without it, as Argo CD lets one write them.
 *
 * An application's owner chooses the spelling. A URL that clients could read in two ways has no forms at all.
 */
export function sourceForms(source: PolicySource): SourceForms | { readonly unclear: Unclear } {
  const url = readURL(source);
  if (typeof url === 'string') return { unclear: url };
  const chart = readChart(source);
  if (chart === undefined) return { unclear: 'chart' };
  const isRegistry = source.kind !== 'helm-http';
  const path = normalPath(url.path);
  // Without its ending, "..git" has become a dot segment.
  const unclear = unclearPath(path);
  if (unclear !== null) return { unclear };
  const schemes = isRegistry ? new Set(['oci://', '', url.scheme]) : [url.scheme];
  const texts: FormText[] = [];
  for (const scheme of schemes) {
    const base = scheme + url.authority + path;
    texts.push({ form: 'normal', text: base }, { form: 'normal-slash', text: `${base}/` });
    if (chart !== null) texts.push({ form: 'artifact', text: `${base}/${chart}` });
  }
  if (texts.some(({ text }) => text.length > MAX_LENGTH)) return { unclear: 'length' };
  // Some servers decode a slash before they look for the file, so that two spellings name one repository.
  if (path.includes('%2F'))
    texts.push(...texts.map(({ text }) => ({ form: 'decoded' as const, text: text.replaceAll('%2F', '/') })));
  if (!texts.some(({ text }) => text === source.repoURL)) texts.push({ form: 'raw', text: source.repoURL });
  return { texts, chartNames: isRegistry ? pathEndings(chart === null ? path : `${path}/${chart}`) : [chart ?? ''] };
}

interface ReadURL {
  /** With its `://`; empty where there is none. */
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
}

function readURL({ kind, repoURL }: PolicySource): ReadURL | Unclear {
  if (repoURL.length > MAX_LENGTH) return 'length';
  if (repoURL.includes('#')) return 'fragment';
  if (repoURL.includes('?')) return 'query';
  // Left out although RFC 3986 has it: ";", whose parameters some servers strip from every path segment.
  if (!/^[A-Za-z0-9\-._~:/[\]@!$&'()*+,=%]+$/.test(repoURL)) return 'character';
  const found = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/)?([^/]*)(.*)$/.exec(repoURL);
  const [scheme = '', authority = '', path = ''] = (found ?? []).slice(1);
  const normalScheme = scheme.toLowerCase();
  // Argo CD takes only a lower-case oci:// for a registry, and a chart repository always has a scheme.
  if (kind === 'helm-http' ? ['', 'oci://'].includes(normalScheme) : kind === 'oci' && scheme !== 'oci://')
    return 'scheme';
  const host = readAuthority(normalScheme === '' ? 'oci://' : normalScheme, authority);
  if ('unclear' in host) return host.unclear;
  const unclear = unclearPath(path) ?? (kind === 'helm-http' ? null : unclearRepository(path));
  return unclear ?? { scheme: normalScheme, authority: host.authority, path };
}

function readAuthority(scheme: string, text: string): { readonly authority: string } | { readonly unclear: Unclear } {
  if (text.includes('@')) return { unclear: 'user-info' };
  const [, name = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(text.toLowerCase()) ?? [];
  if (name.endsWith('.')) return { unclear: 'trailing-dot' };
  const host = canonicalHost(name);
  if (host === null) return { unclear: 'host' };
  const normalPort = port === undefined ? '' : canonicalPort(scheme, port);
  return normalPort === null ? { unclear: 'port' } : { authority: host + normalPort };
}

/** Encoded slashes count as slashes here, since servers differ in when they decode them. */
function unclearPath(path: string): Unclear | null {
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) return 'percent-encoding';
  const escapes = [...path.matchAll(/%(..)/g)].map(([, digits = '']) => Number.parseInt(digits, 16));
  if (escapes.some(isNeedlesslyEscaped)) return 'percent-encoding';
  const segments = path.replace(/\/$/, '').split(/\/|%2f/i);
  if (segments.some((segment) => segment === '.' || segment === '..')) return 'dot-segment';
  return segments.slice(1).includes('') ? 'double-slash' : null;
}

/** What a path may hold as it is (RFC 3986, section 3.3), and what only a second decoding would give a meaning. */
function isNeedlesslyEscaped(code: number): boolean {
  return code < 0x20 || code === 0x7f || /[A-Za-z0-9\-._~!$&'()*+,;=:@%\\]/.test(String.fromCharCode(code));
}

/** A registry client reads `:tag` and `@digest` off a repository's name. */
function unclearRepository(path: string): Unclear | null {
  return path.includes('%') ? 'percent-encoding' : /[:@]/.test(path) ? 'reference' : null;
}

/** Null: the source has no chart. Undefined: its name could lead elsewhere. */
function readChart({ kind, chart }: PolicySource): string | null | undefined {
  if (kind === 'oci') return null;
  const segments = (chart ?? '').split('/');
  // Helm takes no name with a path for a chart's (`chart.Metadata.Validate`); only a registry gives it a meaning.
  if (kind === 'helm-http' && segments.length > 1) return undefined;
  return segments.every(isClearName) ? (chart ?? undefined) : undefined;
}

function isClearName(segment: string): boolean {
  return /^[A-Za-z0-9._~+-]+$/.test(segment) && segment !== '.' && segment !== '..';
}

/** To the fixed point, so that the normal form of a normal form is itself. Escapes are written in upper case. */
function normalPath(path: string): string {
  let end = path.length;
  for (let next = end; ; end = next) {
    if (path.endsWith('/', end)) next = end - 1;
    else if (path.endsWith('.git', end)) next = end - 4;
    else break;
  }
  return path.slice(0, end).replaceAll(/%[0-9a-f]{2}/gi, (escape) => escape.toUpperCase());
}

function pathEndings(path: string): string[] {
  const segments = path.split('/').filter((segment) => segment !== '');
  return segments.map((_, index) => segments.slice(segments.length - 1 - index).join('/'));
}
