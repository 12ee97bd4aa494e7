import { describe, expect, test } from 'vitest';
import { OTHER_DIGEST, ARTIFACT, statement, change } from './fake-sigstore.ts';
import { outcomeOf } from './outcome.ts';
import { sigstore, key, BY_KEY, OFFLINE, KEYLESS, GOOD, bundle, changed, digestOf, wanting } from './world.ts';

describe('what is not a signature of an artifact', () => {
  test('an attestation never is, whoever made it', () => {
    const attestation = statement((s) => change(s, ['predicateType'], 'https://slsa.dev/provenance/v1'));
    expect(outcomeOf(bundle({ by: key }, attestation), BY_KEY)).toBe('attestation');
    expect(outcomeOf(bundle({}, attestation), KEYLESS)).toBe('attestation');
  });

  test.each([
    ['without a predicate type', ['predicateType'], undefined],
    ['with a predicate type that is no text', ['predicateType'], ['https://sigstore.dev/cosign/sign/v1']],
  ])('a statement %s is not', (_, path, value) => {
    expect(
      outcomeOf(
        bundle(
          { by: key },
          statement((s) => change(s, path, value)),
        ),
        BY_KEY,
      ),
    ).toBe('statement-predicate');
  });

  test('a statement with unknown members or odd parts is refused, as by cosign', () => {
    const odd: [readonly (string | number)[], unknown][] = [
      [['extra'], 1],
      [['predicate'], 'text'],
      [['subject', 0, 'extra'], 1],
      [['subject', 0, 'name'], 1],
      [['subject', 0, 'digest'], 'sha256'],
      [['subject', 0], null],
      [['subject'], {}],
    ];
    for (const [path, value] of odd) {
      expect(
        outcomeOf(
          bundle(
            { by: key },
            statement((s) => change(s, path, value)),
          ),
          BY_KEY,
        ),
      ).toBe('statement-unreadable');
    }
  });

  test('a signature over a file is not one of an artifact in a registry', () => {
    const manifest = Buffer.from('{}');
    const artifact = { ...ARTIFACT, digest: digestOf(manifest) };
    expect(outcomeOf(sigstore.fileBundle(manifest, { by: key, log: 'none' }), OFFLINE, artifact)).toBe(
      'bundle-signs-a-file',
    );
  });

  test('a file is verified by its bytes; with a digest of another algorithm nothing is said', () => {
    const file = Buffer.from('file');
    const artifact = { kind: 'file' as const, digest: digestOf(file), content: new Uint8Array(file) };
    for (const log of ['v1', 'v2'] as const) {
      expect(outcomeOf(sigstore.fileBundle(file, { by: GOOD, log, timestamp: true }), KEYLESS, artifact)).toBe(
        'accepted',
      );
      expect(outcomeOf(sigstore.fileBundle(file, { by: key, log }), BY_KEY, artifact)).toBe('accepted');
    }
    const other = { ...artifact, content: new Uint8Array(Buffer.from('else')) };
    expect(outcomeOf(sigstore.fileBundle(file, { by: key }), BY_KEY, other)).not.toBe('accepted');
    const bySha512 = sigstore.fileBundle(file, { by: key, digest: 'sha512' });
    expect(outcomeOf(bySha512, wanting({ digestAlgorithm: 'sha512' }, BY_KEY), { ...artifact, content: null })).toBe(
      'file-needed',
    );
    expect(outcomeOf(sigstore.fileBundle(file, { by: key }), BY_KEY, { ...artifact, digest: OTHER_DIGEST })).toBe(
      'signed-other-artifact',
    );
  });

  test('a bundle that is odd in form is refused', () => {
    const odd: [readonly (string | number)[], unknown][] = [
      [['extra'], 1],
      [['verificationMaterial', 'publicKey'], { hint: 'x' }],
      [['messageSignature'], { messageDigest: { algorithm: 'SHA2_256', digest: 'AAAA' }, signature: 'AAAA' }],
      [['dsseEnvelope', 'signatures'], []],
      [
        ['dsseEnvelope', 'signatures'],
        [{ sig: 'AAAA' }, { sig: 'AAAA' }],
      ],
      [['dsseEnvelope', 'signatures', 0, 'sig'], '!'],
      [['verificationMaterial', 'tlogEntries', 0, 'inclusionProof'], undefined],
      [['verificationMaterial', 'tlogEntries', 0, 'canonicalizedBody'], 'AAAA'],
      [['verificationMaterial'], undefined],
    ];
    for (const [path, value] of odd)
      expect(outcomeOf(changed(bundle(), path, value), KEYLESS)).toBe('bundle-unreadable');
  });
});
