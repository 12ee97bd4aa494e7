import { createHash } from 'node:crypto';
import { Digest } from '../verdict/verdict.ts';

/** The digest of bytes by the algorithm of another. */
export function digestLike(other: Digest | null, bytes: Uint8Array): Digest {
  const algorithm = other?.split(':')[0] ?? 'sha256';
  return Digest.parse(`${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`);
}
