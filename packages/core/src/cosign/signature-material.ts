import { createHash, type KeyObject, verify } from 'node:crypto';
import type { Bundle } from '@sigstore/bundle';
import type { SignedEntity } from '@sigstore/verify';
import { digestSignatureVerifies } from './digest-signature.ts';
import { customaryDigest, type DigestAlgorithm, type KeyAlgorithm } from './key-algorithm.ts';

export type SignatureFormat = 'bundle' | 'legacy';

/** A signature that could be read, whatever form it came in; nothing in it has been verified. */
export interface SignatureMaterial {
  readonly format: SignatureFormat;
  readonly signature: Buffer;
  readonly signed: SignedContent;
  readonly signer:
    { readonly kind: 'certificate'; readonly der: Buffer } | { readonly kind: 'public-key'; readonly hint: string };
  /** Log entries and timestamps. */
  readonly evidence: Bundle;
  /** Of a legacy signature: certificates in PEM beside the signer's; null for none. */
  readonly chain: string | null;
}

/** What the signature is over. */
export type SignedContent =
  | { readonly kind: 'simple-signing'; readonly payload: Buffer }
  | { readonly kind: 'statement'; readonly payload: Buffer; readonly encoded: Buffer }
  /** A file, of which the bundle holds only the digest; `content` is null where the file is not at hand. */
  | {
      readonly kind: 'file';
      readonly algorithm: DigestAlgorithm;
      readonly digest: Buffer;
      readonly content: Buffer | null;
    };

/** The bytes that were signed; null for a file that is not at hand. */
function signedBytes(signed: SignedContent): Buffer | null {
  switch (signed.kind) {
    case 'simple-signing':
      return signed.payload;
    case 'statement':
      return signed.encoded;
    case 'file':
      return signed.content;
  }
}

/**
 * The digests that a signature by a certificate's key may be over: Sigstore's for such a key, or SHA-256 – which is the
 * only one that cosign takes for legacy signatures.
 */
export function certificateDigests(algorithm: KeyAlgorithm, signed: SignedContent): readonly DigestAlgorithm[] {
  if (signed.kind === 'file') return [signed.algorithm];
  if (signed.kind === 'simple-signing') return ['sha256'];
  return [...new Set([customaryDigest(algorithm) ?? 'sha256', 'sha256' as const])];
}

/**
 * RSASSA-PKCS1-v1_5, ECDSA with DER signatures, or Ed25519, which takes no digest. Of a file that is not at hand: over
 * the digest that the bundle names, which has to be compared with the file's.
 */
export function signatureVerifies(
  { signed, signature }: SignatureMaterial,
  key: KeyObject,
  algorithm: KeyAlgorithm,
  digest: DigestAlgorithm,
): boolean {
  const bytes = signedBytes(signed);
  if (bytes === null) {
    return (
      signed.kind === 'file' &&
      signed.algorithm === digest &&
      digestSignatureVerifies(signed.digest, digest, signature, key, algorithm)
    );
  }
  try {
    return verify(algorithm.kind === 'ed25519' ? null : digest, bytes, key, signature);
  } catch {
    return false;
  }
}

/**
 * The signature as `@sigstore/verify` compares it with log entries, with what it leaves out: digests other than
 * SHA-256, and Ed25519. Whether the signature verifies has been decided before.
 */
export function comparableSignature(material: SignatureMaterial): SignedEntity['signature'] {
  const { signed, signature } = material;
  return {
    signature,
    compareSignature: (other) => signature.equals(other),
    compareDigest: (other) => signed.kind !== 'file' && sha(256, signed.payload).equals(other),
    compareSignedDigest: (other) => {
      switch (signed.kind) {
        case 'simple-signing':
          // cosign takes no other digest from the log entry of a legacy signature.
          return sha(256, signed.payload).equals(other);
        case 'statement':
          return DIGEST_BITS.some((bits) => sha(bits, signed.encoded).equals(other));
        case 'file':
          return signed.digest.equals(other);
      }
    },
    verifySignature: () => true,
  };
}

const DIGEST_BITS = [256, 384, 512] as const;

function sha(bits: (typeof DIGEST_BITS)[number], bytes: Buffer): Buffer {
  return createHash(`sha${bits}`).update(bytes).digest();
}
