import { Digest } from '../verdict/verdict.ts';

/**
 * The digest that an index entry gives; null if it gives none in one of the two usual spellings. Helm itself compares
 * no digest of an index; `helm repo index` writes bare hex, others put the algorithm before it.
 */
export function writtenDigest(text: string | null): Digest | null {
  const hex = /^(?:sha256:)?([0-9a-f]{64})$/i.exec(text ?? '')?.[1];
  return hex === undefined ? null : Digest.parse(`sha256:${hex.toLowerCase()}`);
}
