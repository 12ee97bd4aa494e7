import { createPublicKey, type KeyObject } from 'node:crypto';

export type DigestAlgorithm = 'sha256' | 'sha384' | 'sha512';

export type KeyAlgorithm =
  | { readonly kind: 'rsa'; readonly bits: number }
  | { readonly kind: 'ecdsa'; readonly curve: 'P-256' | 'P-384' | 'P-521' }
  | { readonly kind: 'ed25519' };

const CURVES: ReadonlyMap<string, 'P-256' | 'P-384' | 'P-521'> = new Map([
  ['prime256v1', 'P-256'],
  ['secp384r1', 'P-384'],
  ['secp521r1', 'P-521'],
]);

export const MIN_RSA_BITS = 2048;
/** Go's crypto/rsa refuses larger ones too: they only make verification slow. */
const MAX_RSA_BITS = 8192;

/** What kind of key it is; `unsupported` names one that cosign does not verify with either. */
export function keyAlgorithm(key: KeyObject): KeyAlgorithm | { readonly unsupported: string } {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'rsa') {
    const bits = details?.modulusLength ?? 0;
    return bits > MAX_RSA_BITS ? { unsupported: `RSA ${bits}` } : { kind: 'rsa', bits };
  }
  if (type === 'ec') {
    const name = details?.namedCurve ?? 'an unnamed curve';
    const curve = CURVES.get(name);
    return curve === undefined ? { unsupported: `ECDSA ${name}` } : { kind: 'ecdsa', curve };
  }
  return type === 'ed25519' ? { kind: 'ed25519' } : { unsupported: type ?? 'a key of no type' };
}

/** As people write it: `RSA 4096`, `ECDSA P-256`, `Ed25519`. */
export function algorithmName(algorithm: KeyAlgorithm): string {
  switch (algorithm.kind) {
    case 'rsa':
      return `RSA ${algorithm.bits}`;
    case 'ecdsa':
      return `ECDSA ${algorithm.curve}`;
    case 'ed25519':
      return 'Ed25519';
  }
}

/** The digest that belongs to a key by Sigstore's algorithm registry; null for Ed25519, which hashes by itself. */
export function customaryDigest(algorithm: KeyAlgorithm): DigestAlgorithm | null {
  switch (algorithm.kind) {
    case 'rsa':
      return 'sha256';
    case 'ecdsa':
      return ({ 'P-256': 'sha256', 'P-384': 'sha384', 'P-521': 'sha512' } as const)[algorithm.curve];
    case 'ed25519':
      return null;
  }
}

/** `SHA-256`; null stays null. */
export function digestName(digest: DigestAlgorithm | null): string | null {
  return digest?.replace('sha', 'SHA-') ?? null;
}

/**
 * SubjectPublicKeyInfo; on the curves above with uncompressed points, so that equal keys are equal bytes. Keys on other
 * curves, which a log entry may name, have no form in JSON.
 */
export function canonicalSpki(key: KeyObject): Buffer {
  const plain = CURVES.has(key.asymmetricKeyDetails?.namedCurve ?? '')
    ? createPublicKey({ key: key.export({ format: 'jwk' }), format: 'jwk' })
    : key;
  return plain.export({ format: 'der', type: 'spki' });
}
