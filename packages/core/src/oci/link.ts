import { OCI_LIMITS } from './limits.ts';

const LINK = /<([^<>]*)>((?:[^,"]|"[^"]*")*)(?:,|$)/g;

/**
 * Where the next page of a list is, by a `Link` header (RFC 8288; distribution specification, "Listing Tags"): on the
 * registry itself and of the same list. Null: this was the last. `elsewhere`: a registry has no reason to say so.
 */
export function nextPage(header: string | null, current: URL): URL | 'elsewhere' | null {
  if (header === null) return null;
  if (header.length > OCI_LIMITS.headerLength) return 'elsewhere';
  const next = [...header.matchAll(LINK)].find(([, , parameters = '']) => isNext(parameters));
  if (next === undefined) return null;
  const url = URL.parse(next[1] ?? '', current.href);
  if (url === null || url.origin !== current.origin || url.pathname !== current.pathname) return 'elsewhere';
  if (url.username !== '' || url.password !== '' || url.href === current.href) return 'elsewhere';
  url.hash = '';
  return url;
}

function isNext(parameters: string): boolean {
  return parameters.split(';').some((parameter) => /^\s*rel\s*=\s*(?:"\s*next\s*"|next)\s*$/i.test(parameter));
}
