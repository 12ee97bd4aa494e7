/** A digest or fingerprint taken apart for reading: its algorithm, if it names one, and groups of four digits. */
export interface Grouped {
  readonly prefix: string;
  readonly groups: readonly string[];
}

/** Null for what is no long hex: it is shown as it is. */
export function grouped(text: string): Grouped | null {
  const match = /^((?:sha256|sha384|sha512):)?([0-9a-fA-F]{16,128})$/.exec(text);
  const hex = match?.[2];
  if (hex === undefined || hex.length % 4 !== 0) return null;
  return { prefix: match?.[1] ?? '', groups: hex.match(/.{4}/g) ?? [] };
}

/** The ends of a digest, for places where it is not compared: `sha256:c684 1b3a … 7888`. */
export function shortDigest(digest: string): string {
  const parts = grouped(digest);
  if (parts === null) return digest;
  const { prefix, groups } = parts;
  return groups.length <= 4
    ? prefix + groups.join(' ')
    : `${prefix}${groups[0]} ${groups[1]} … ${groups[groups.length - 1]}`;
}

/** A sentence with its digests and fingerprints cut to their ends: "5E61…8762". The whole ones stand below it. */
export function withShortHex(sentence: string): string {
  return sentence.replace(/\b([0-9a-fA-F]{4})[0-9a-fA-F]{8,124}([0-9a-fA-F]{4})\b/g, '$1…$2');
}
