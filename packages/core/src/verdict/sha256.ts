import { createHash } from 'node:crypto';
import { Digest } from './verdict.ts';

/** The digest that everything here is known by: always calculated, never taken from a header or a file name. */
export function sha256(bytes: Uint8Array): Digest {
  return Digest.parse(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
}
