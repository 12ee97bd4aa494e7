import { problem, type Problem } from '@source-integrity/core';
import { printableText, printableUrl } from './printable-url.ts';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Whether a status sends elsewhere. */
export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

/** Where a redirect leads, before any check on the place itself. `visited` holds every URL so far, the last included. */
export function redirectTarget(
  location: string | readonly string[] | undefined,
  visited: readonly URL[],
  maxRedirects: number,
): { readonly location: string } | { readonly problem: Problem } {
  const [first] = visited;
  const current = visited.at(-1);
  if (first === undefined || current === undefined) throw new Error('a redirect comes from somewhere');
  const url = printableUrl(current);
  if (typeof location !== 'string') {
    return { problem: problem('fetch-malformed-answer', { url, detail: 'a redirect without one Location' }) };
  }
  const target = URL.parse(location, current.href);
  if (target === null) {
    const detail = `a redirect to "${printableText(printableUrl(location))}"`;
    return { problem: problem('fetch-malformed-answer', { url, detail }) };
  }
  target.hash = '';
  if (visited.some((earlier) => earlier.href === target.href)) {
    return { problem: problem('fetch-redirect-loop', { url: printableUrl(first), location: printableUrl(target) }) };
  }
  if (visited.length > maxRedirects) {
    return { problem: problem('fetch-too-many-redirects', { url: printableUrl(first), maxRedirects }) };
  }
  if (current.protocol === 'https:' && target.protocol === 'http:') {
    return { problem: problem('fetch-redirect-downgrade', { url, location: printableUrl(target) }) };
  }
  return { location: target.href };
}
