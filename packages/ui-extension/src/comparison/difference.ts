/** Where two texts differ: what they begin with alike, what differs, what they end with alike. */
export interface Difference {
  /** Characters that both begin with. */
  readonly start: number;
  /** Characters that both end with, after `start`. */
  readonly end: number;
}

const SHORT = 24;

/**
 * Digests and fingerprints are compared to their end: one that ends alike by chance is no less another one.
 * Null where the two are equal.
 */
export function difference(expected: string, actual: string): Difference | null {
  if (expected === actual) return null;
  const shorter = Math.min(expected.length, actual.length);
  let start = 0;
  while (start < shorter && expected[start] === actual[start]) start++;
  if (/^(?:sha\d+:)?[0-9a-fA-F]{16,}$/.test(expected)) return { start, end: 0 };
  let end = 0;
  while (end < shorter - start && expected[expected.length - 1 - end] === actual[actual.length - 1 - end]) end++;
  // Of short texts that have little in common, what they share by chance is no help.
  return shorter < SHORT && (start + end) * 2 < shorter ? { start: 0, end: 0 } : { start, end };
}
