const LONGEST = 300;
// C0 and C1 controls, and the marks that reorder text on a terminal or a page.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/**
 * A URL as it may stand in a problem or a log: without user info, query values (pre-signed URLs carry secrets there)
 * and fragment; at most 300 characters.
 */
export function printableUrl(url: URL | string): string {
  const parsed = typeof url === 'string' ? URL.parse(url) : url;
  if (parsed === null)
    return shorten(
      String(url)
        .replace(/[?#].*$/s, '')
        .replace(/^([^/]*\/\/)?[^/]*@/, '$1'),
    );
  const query = [...new Set(parsed.searchParams.keys())].map((name) => `${encodeURIComponent(name)}=…`).join('&');
  return shorten(`${parsed.protocol}//${parsed.host}${parsed.pathname}${query === '' ? '' : `?${query}`}`);
}

/** Text from the network or an error, fit for a problem: at most 200 characters, no control characters. */
export function printableText(text: string): string {
  const clean = text.slice(0, 1000).replace(UNPRINTABLE, ' ').trim();
  return clean.length > 200 ? `${clean.slice(0, 199)}…` : clean;
}

function shorten(text: string): string {
  const clean = text.slice(0, 2 * LONGEST).replace(UNPRINTABLE, '');
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST - 1)}…` : clean;
}
