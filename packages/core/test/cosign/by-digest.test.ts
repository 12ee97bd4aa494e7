import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { SignedArtifact } from '../../src/cosign/requirement.ts';
import { type KeyPair, keyPair } from './certificates.ts';
import { change, type Json, OTHER_DIGEST } from './fake-sigstore.ts';
import { cosignKey, outcomeOf } from './outcome.ts';
import { BY_KEY, digestOf, GOOD, issued, key, KEYLESS, OFFLINE, readPath, sigstore, wanting } from './world.ts';

const FILE = Buffer.from('kind: ConfigMap\n');
const ARTIFACT: SignedArtifact = { kind: 'file', digest: digestOf(FILE), content: null };
const OTHER: SignedArtifact = { kind: 'file', digest: OTHER_DIGEST, content: null };
const DIGEST = ['messageSignature', 'messageDigest', 'digest'] as const;
const SIGNATURE = ['messageSignature', 'signature'] as const;

function rsaKeys(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  return { publicKey, privateKey, spki, pem: String(publicKey.export({ format: 'pem', type: 'spki' })) };
}

function changed(bundle: Json, path: readonly string[], value: string): Json {
  change(bundle, path, value);
  return bundle;
}

describe('a bundle of a file that only the digest is known of', () => {
  test.each([
    ['a key with a log', { by: key }, BY_KEY],
    ['a key with the second log', { by: key, log: 'v2' as const }, BY_KEY],
    ['a key without a log', { by: key, log: 'none' as const }, OFFLINE],
    ['an identity', { by: GOOD }, KEYLESS],
    ['an identity with a key on P-384', { by: issued({ curve: 'P-384' }) }, KEYLESS],
    ['an identity with the second log', { by: GOOD, log: 'v2' as const, timestamp: true }, KEYLESS],
  ])('is accepted by %s, and for no other digest', (_, signing, requirement) => {
    const bundle = (): Json => sigstore.fileBundle(FILE, signing);
    expect(outcomeOf(bundle(), requirement, ARTIFACT)).toBe('accepted');
    expect(outcomeOf(bundle(), requirement, OTHER)).toBe('signed-other-artifact');
    expect(outcomeOf(bundle(), requirement, { ...ARTIFACT, kind: 'oci', repository: 'a/b', tag: null })).toBe(
      'bundle-signs-a-file',
    );
  });

  test('is accepted by RSA keys', () => {
    const keys = rsaKeys();
    const requirement = wanting({ keys: [cosignKey(keys)] }, OFFLINE);
    expect(outcomeOf(sigstore.fileBundle(FILE, { by: keys, log: 'none' }), requirement, ARTIFACT)).toBe('accepted');
  });

  test('is refused where the digest in the bundle was put there afterwards', () => {
    const other = Buffer.from(OTHER_DIGEST.slice('sha256:'.length), 'hex').toString('base64');
    for (const [by, requirement] of [
      [key, OFFLINE],
      [GOOD, KEYLESS],
    ] as const) {
      const bundle = changed(sigstore.fileBundle(FILE, { by, log: by === key ? 'none' : 'v1' }), DIGEST, other);
      expect(outcomeOf(bundle, requirement, OTHER)).toBe('cosign-signature-invalid');
    }
  });

  test('is refused by another key, and for a signature of another file', () => {
    const bundle = sigstore.fileBundle(FILE, { by: keyPair(), log: 'none' });
    expect(outcomeOf(bundle, OFFLINE, ARTIFACT)).toBe('cosign-key-mismatch');
    const signature = sigstore.fileBundle(Buffer.from('else'), { by: key, log: 'none' });
    const mixed = sigstore.fileBundle(FILE, { by: key, log: 'none' });
    const made = readPath(signature, SIGNATURE);
    expect(outcomeOf(changed(mixed, SIGNATURE, String(made)), OFFLINE, ARTIFACT)).toBe('cosign-signature-invalid');
  });

  test('is not judged by Ed25519 keys, which sign no digest', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const pem = String(publicKey.export({ format: 'pem', type: 'spki' }));
    const keys: KeyPair = { publicKey, privateKey, pem, spki: publicKey.export({ format: 'der', type: 'spki' }) };
    const bundle = sigstore.fileBundle(FILE, { by: keys, digest: null, log: 'none' });
    const requirement = wanting({ keys: [cosignKey(keys)] }, OFFLINE);
    expect(outcomeOf(bundle, requirement, ARTIFACT)).toBe('file-needed');
  });
});
