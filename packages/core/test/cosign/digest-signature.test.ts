import { createHash, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestSignatureVerifies } from '../../src/cosign/digest-signature.ts';
import type { DigestAlgorithm, KeyAlgorithm } from '../../src/cosign/key-algorithm.ts';

const DIGESTS: readonly DigestAlgorithm[] = ['sha256', 'sha384', 'sha512'];
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

interface Signer {
  readonly algorithm: KeyAlgorithm;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function onCurve(curve: 'P-256' | 'P-384' | 'P-521'): Signer {
  return { algorithm: { kind: 'ecdsa', curve }, ...generateKeyPairSync('ec', { namedCurve: curve }) };
}

const P256 = onCurve('P-256');
const EC = [P256, onCurve('P-384'), onCurve('P-521')];
const RSA: Signer = {
  algorithm: { kind: 'rsa', bits: 2048 },
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }),
};
const CASES = [...EC, RSA].flatMap((signer) =>
  DIGESTS.map((digest) => ({ name: JSON.stringify(signer.algorithm), signer, digest })),
);

function hash(digest: DigestAlgorithm, bytes: Uint8Array): Buffer {
  return createHash(digest).update(bytes).digest();
}

describe.each(CASES)('a signature by $name over $digest', ({ signer, digest }) => {
  const { algorithm, publicKey, privateKey } = signer;
  const verifies = (message: Uint8Array, signature: Buffer): boolean =>
    digestSignatureVerifies(hash(digest, message), digest, signature, publicKey, algorithm);

  test('verifies by the digest of its message, and of no other', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ maxLength: 64 }), (message, other) => {
        const signature = sign(digest, message, privateKey);
        expect(verifies(message, signature)).toBe(true);
        expect(verifies(other, signature)).toBe(Buffer.from(message).equals(Buffer.from(other)));
      }),
      { numRuns: 8 },
    );
  });

  test('is what node:crypto says of it, however it was changed', () => {
    const message = Buffer.from('message');
    const good = sign(digest, message, privateKey);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, flip, cut) => {
        const changed = Buffer.from(cut ? good.subarray(0, at) : good);
        if (!cut) changed[at] = (good[at] ?? 0) ^ flip;
        expect(verifies(message, changed)).toBe(verify(digest, message, publicKey, changed));
      }),
      { numRuns: 25 },
    );
  });

  test('does not verify by a digest of another length', () => {
    const signature = sign(digest, Buffer.from('message'), privateKey);
    const short = hash(digest, Buffer.from('message')).subarray(1);
    expect(digestSignatureVerifies(short, digest, signature, publicKey, algorithm)).toBe(false);
  });
});

test('numbers that no signature has never verify', () => {
  const digest = hash('sha256', Buffer.from('message'));
  const integer = (value: bigint): Buffer => {
    const hex = value.toString(16);
    const bytes = Buffer.from(`00${hex.length % 2 === 0 ? hex : `0${hex}`}`, 'hex');
    const content = bytes.length > 1 && (bytes[1] ?? 0) < 0x80 ? bytes.subarray(1) : bytes;
    return Buffer.concat([Buffer.from([2, content.length]), content]);
  };
  const numbers = [0n, 1n, ORDER - 1n, ORDER, ORDER + 1n, 2n ** 256n];
  for (const r of numbers) {
    for (const s of numbers) {
      const body = Buffer.concat([integer(r), integer(s)]);
      const signature = Buffer.concat([Buffer.from([0x30, body.length]), body]);
      expect(digestSignatureVerifies(digest, 'sha256', signature, P256.publicKey, P256.algorithm)).toBe(false);
    }
  }
});

test('bytes of any kind are an answer', () => {
  const digest = hash('sha256', Buffer.from('message'));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...EC, RSA), (bytes, { publicKey, algorithm }) => {
      expect(digestSignatureVerifies(digest, 'sha256', Buffer.from(bytes), publicKey, algorithm)).toBe(false);
    }),
  );
});

test('Ed25519 signs no digest', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const digest = hash('sha256', Buffer.from('message'));
  const signature = sign(null, digest, privateKey);
  expect(digestSignatureVerifies(digest, 'sha256', signature, publicKey, { kind: 'ed25519' })).toBe(false);
});
