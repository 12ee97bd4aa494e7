import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { algorithmName, canonicalSpki, type KeyAlgorithm, keyAlgorithm, MIN_RSA_BITS } from './key-algorithm.ts';
import { LIMITS } from './limits.ts';
import { readPem } from './pem.ts';

/** A public key that signatures are checked with. Plain data, so that it can be handed to a worker. */
export interface CosignKey {
  /** Its entry in argocd-cosign-keys-cm, or the file that it came from. */
  readonly name: string;
  /** `sha256:` and 64 hex digits: SHA-256 of the SubjectPublicKeyInfo. The same key has one, however it is written. */
  readonly fingerprint: string;
  readonly algorithm: KeyAlgorithm;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
}

export type ReadKey = { readonly key: CosignKey } | { readonly problem: Problem };

/**
 * Reads one public key in PEM: SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7) or PKCS #1 (RFC 8017, appendix A.1.1),
 * RSA of 2048 to 8192 bits, ECDSA on P-256, P-384 or P-521, or Ed25519. At most 16 KiB.
 */
export function readPublicKey(name: string, pem: string): ReadKey {
  const shownName = quotable(name);
  const unreadable = (reason: string): ReadKey => ({
    problem: problem('cosign-key-unreadable', { name: shownName, reason }),
  });
  if (pem.length > LIMITS.keyBytes) return unreadable(`is larger than ${LIMITS.keyBytes} bytes`);
  const read = readPem(pem);
  if ('fault' in read) return unreadable(read.fault);
  const [block, ...others] = read.blocks;
  if (block === undefined) return unreadable('is empty');
  if (read.blocks.some(({ label }) => label.includes('PRIVATE KEY'))) {
    return { problem: problem('cosign-key-private', { name: shownName }) };
  }
  if (others.length > 0) return unreadable(`holds ${read.blocks.length} PEM blocks instead of one`);
  switch (block.label) {
    case 'PUBLIC KEY':
      return describe(name, keyObject(block.der, 'spki'));
    case 'RSA PUBLIC KEY':
      return describe(name, keyObject(block.der, 'pkcs1'));
    case 'CERTIFICATE':
      return { problem: problem('cosign-key-certificate', { name: shownName }) };
    case 'PGP PUBLIC KEY BLOCK':
      return { problem: problem('cosign-key-unsupported', { name: shownName, algorithm: 'PGP' }) };
    default:
      return unreadable(`is a PEM block of "${quotable(block.label)}"`);
  }
}

function describe(name: string, key: KeyObject | null): ReadKey {
  const shownName = quotable(name);
  if (key === null) {
    return { problem: problem('cosign-key-unreadable', { name: shownName, reason: 'does not hold a public key' }) };
  }
  const algorithm = keyAlgorithm(key);
  if ('unsupported' in algorithm) {
    return { problem: problem('cosign-key-unsupported', { name: shownName, algorithm: algorithm.unsupported }) };
  }
  if (algorithm.kind === 'rsa' && algorithm.bits < MIN_RSA_BITS) {
    return { problem: problem('cosign-key-weak', { name: shownName, algorithm: algorithmName(algorithm) }) };
  }
  const spki = canonicalSpki(key);
  return { key: { name, fingerprint: fingerprintOf(spki), algorithm, spki: Uint8Array.from(spki) } };
}

/** `sha256:` and the hex digest of a SubjectPublicKeyInfo. */
function fingerprintOf(spki: Uint8Array): string {
  return `sha256:${createHash('sha256').update(spki).digest('hex')}`;
}

/** The `hint` by which cosign's bundles name the key that made them: base64 of the same digest. */
export function hintOf(key: CosignKey): string {
  return Buffer.from(key.fingerprint.slice('sha256:'.length), 'hex').toString('base64');
}

/** A public key from DER; null for bytes that hold none. */
export function keyObject(der: Uint8Array, type: 'spki' | 'pkcs1'): KeyObject | null {
  try {
    return createPublicKey({ key: Buffer.from(der), format: 'der', type });
  } catch {
    return null;
  }
}
