import { createHash } from 'node:crypto';
import type { DigestAlgorithm, KeyAlgorithm } from './key-algorithm.ts';
import type { SignedContent } from './signature-material.ts';

/** What a log of Rekor v2 is asked to keep. */
export interface LoggedSignature {
  readonly signed: SignedContent;
  readonly signature: Buffer;
  readonly algorithm: KeyAlgorithm;
  /** DER of the certificate; null for a signature by a key. */
  readonly certificate: Buffer | null;
  readonly spki: Uint8Array;
}

/** By Sigstore's algorithm registry, as Rekor v2 writes it; Ed25519 is logged prehashed. */
const ECDSA = {
  'P-256': ['PKIX_ECDSA_P256_SHA_256', 'sha256'],
  'P-384': ['PKIX_ECDSA_P384_SHA_384', 'sha384'],
  'P-521': ['PKIX_ECDSA_P521_SHA_512', 'sha512'],
} as const;
const RSA_BITS = new Set([2048, 3072, 4096]);

/**
 * The entry that a log of Rekor v2 has of a signature, word for word: a `hashedrekord` 0.0.2 in canonical JSON (RFC
 * 8785). cosign writes it anew, too, and looks for that one in the log. Null: a log takes no such key.
 */
export function rekorV2Entry({ signed, signature, algorithm, certificate, spki }: LoggedSignature): string | null {
  const details = keyDetails(algorithm);
  if (details === null) return null;
  const [keyDetailsName, hash] = details;
  const digest = signed.kind === 'file' ? signed.digest : hashed(signed, hash);
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const verifier =
    certificate === null
      ? { keyDetails: keyDetailsName, publicKey: { rawBytes: base64(spki) } }
      : { keyDetails: keyDetailsName, x509Certificate: { rawBytes: base64(certificate) } };
  return JSON.stringify({
    apiVersion: '0.0.2',
    kind: 'hashedrekord',
    spec: {
      hashedRekordV002: {
        data: { algorithm: hash.replace('sha', 'SHA2_'), digest: base64(digest) },
        signature: { content: base64(signature), verifier },
      },
    },
  });
}

function hashed(signed: Exclude<SignedContent, { readonly kind: 'file' }>, hash: DigestAlgorithm): Buffer {
  return createHash(hash)
    .update(signed.kind === 'statement' ? signed.encoded : signed.payload)
    .digest();
}

function keyDetails(algorithm: KeyAlgorithm): readonly [string, DigestAlgorithm] | null {
  switch (algorithm.kind) {
    case 'ecdsa':
      return ECDSA[algorithm.curve];
    case 'rsa':
      return RSA_BITS.has(algorithm.bits) ? [`PKIX_RSA_PKCS1V15_${algorithm.bits}_SHA256`, 'sha256'] : null;
    case 'ed25519':
      return ['PKIX_ED25519_PH', 'sha512'];
  }
}
