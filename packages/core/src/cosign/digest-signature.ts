import { constants, type KeyObject, publicDecrypt } from 'node:crypto';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import type { DigestAlgorithm, KeyAlgorithm } from './key-algorithm.ts';

const CURVES = { 'P-256': p256, 'P-384': p384, 'P-521': p521 } as const;

/** RFC 8017, section 9.2, note 1. */
const DIGEST_INFO: Readonly<Record<DigestAlgorithm, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

const DIGEST_BYTES: Readonly<Record<DigestAlgorithm, number>> = { sha256: 32, sha384: 48, sha512: 64 };

/**
 * Whether a signature is over the message of this digest, where only the digest is at hand: ECDSA (SEC 1, section
 * 4.1.4) and RSASSA-PKCS1-v1_5. node:crypto wants the message for the former. Ed25519 signs no digest: false.
 */
export function digestSignatureVerifies(
  digest: Buffer,
  digestAlgorithm: DigestAlgorithm,
  signature: Buffer,
  key: KeyObject,
  algorithm: KeyAlgorithm,
): boolean {
  if (digest.length !== DIGEST_BYTES[digestAlgorithm]) return false;
  switch (algorithm.kind) {
    case 'rsa':
      return rsaVerifies(Buffer.concat([Buffer.from(DIGEST_INFO[digestAlgorithm], 'hex'), digest]), signature, key);
    case 'ecdsa':
      return ecdsaVerifies(digest, signature, key, algorithm.curve);
    case 'ed25519':
      return false;
  }
}

function rsaVerifies(digestInfo: Buffer, signature: Buffer, key: KeyObject): boolean {
  const modulusBits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (signature.length !== Math.ceil(modulusBits / 8)) return false;
  try {
    return publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature).equals(digestInfo);
  } catch {
    return false;
  }
}

function ecdsaVerifies(digest: Buffer, signature: Buffer, key: KeyObject, curve: keyof typeof CURVES): boolean {
  const { x, y } = key.export({ format: 'jwk' });
  if (x === undefined || y === undefined) return false;
  const point = Buffer.concat([Buffer.of(0x04), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  try {
    // Any of the two valid values of s counts, as in node:crypto and in Go.
    return CURVES[curve].verify(signature, digest, point, { prehash: false, lowS: false, format: 'der' });
  } catch {
    return false;
  }
}
