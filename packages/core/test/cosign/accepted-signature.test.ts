import { describe, expect, test } from 'vitest';
import type { CosignRequirement } from '../../src/cosign/requirement.ts';
import { verifySignature } from '../../src/cosign/verify-signature.ts';
import { utf8 } from './der.ts';
import { keyPair, extension } from './certificates.ts';
import { SIGNED, LATER, ARTIFACT, asCandidate, change, type Signing } from './fake-sigstore.ts';
import { cosignKey, outcomeOf } from './outcome.ts';
import { key, BY_KEY, OFFLINE, KEYLESS, ENTRY, bundle, changed, legacy, issued } from './world.ts';

describe('a good signature is accepted', () => {
  const evidence: Partial<Signing>[] = [{ log: 'v1' }, { log: 'v1', timestamp: true }, { log: 'v2', timestamp: true }];
  test.each(evidence)('keyless, as a bundle with %o', (signing) => {
    expect(outcomeOf(bundle(signing), KEYLESS)).toBe('accepted');
  });

  test('keyless, as the first entry of a log, whose index 0 protobuf leaves out', () => {
    const first = bundle({ log: 'v2', timestamp: true });
    for (const path of [['logIndex'], ['inclusionProof', 'logIndex']]) change(first, [...ENTRY, ...path], undefined);
    expect(outcomeOf(first, KEYLESS)).toBe('accepted');
    const other = changed(bundle({ log: 'v1' }), [...ENTRY, 'logIndex'], undefined);
    expect(outcomeOf(other, KEYLESS)).not.toBe('accepted');
  });

  test.each(evidence.slice(0, 2))('keyless, as a legacy signature with %o', (signing) => {
    expect(outcomeOf(legacy(signing), KEYLESS)).toBe('accepted');
  });

  test('keyless with a timestamp alone, where the log is optional', () => {
    const optional: CosignRequirement = { ...KEYLESS, transparencyLog: 'optional' };
    expect(outcomeOf(bundle({ log: 'none', timestamp: true }), optional)).toBe('accepted');
    expect(outcomeOf(legacy({ log: 'none', timestamp: true }), optional)).toBe('accepted');
    expect(outcomeOf(bundle({ log: 'none', timestamp: true }), KEYLESS)).toBe('log-entry-missing');
  });

  test.each(['v1', 'v2'] as const)('by a key with Rekor %s', (log) => {
    expect(outcomeOf(bundle({ by: key, log }), BY_KEY)).toBe('accepted');
  });

  test('by a key without a log, where the log is optional, with no trust root at all', () => {
    expect(outcomeOf(bundle({ by: key, log: 'none' }), OFFLINE)).toBe('accepted');
    expect(outcomeOf(legacy({ by: key, log: 'none' }), OFFLINE)).toBe('accepted');
  });

  test.each([
    ['P-384', 'sha384'],
    ['P-521', 'sha512'],
    ['P-384', 'sha256'],
  ] as const)('by a key on %s over %s, if the policy says so', (curve, digest) => {
    const keys = keyPair(curve);
    const required: CosignRequirement = { ...BY_KEY, keys: [cosignKey(keys)], digestAlgorithm: digest };
    expect(outcomeOf(bundle({ by: keys, digest, log: 'v1' }), required)).toBe('accepted');
    // Rekor v2 takes a key with its own digest only.
    const ofItsOwn = digest === 'sha256' ? 'log-entry-of-other-signature' : 'accepted';
    expect(outcomeOf(bundle({ by: keys, digest, log: 'v2' }), required)).toBe(ofItsOwn);
  });

  test('says who, what of, when and where', () => {
    const by = issued({
      extensions: [
        extension('1.3.6.1.4.1.57264.1.12', utf8('https://git.test/acme/config')),
        extension('1.3.6.1.4.1.57264.1.14', utf8('refs/tags/v1')),
        extension('1.3.6.1.4.1.57264.1.13', utf8('0123abcd')),
      ],
    });
    expect(verifySignature(asCandidate(bundle({ by })), ARTIFACT, KEYLESS, LATER)).toMatchObject({
      outcome: 'accepted',
      signer: {
        kind: 'keyless',
        subject: 'release@acme.test',
        issuer: 'https://issuer.test',
        workflow: { repository: 'https://git.test/acme/config', ref: 'refs/tags/v1', commit: '0123abcd', run: null },
        format: 'bundle',
        logIndex: 1234,
        signedAt: SIGNED.toISOString(),
        timeSource: 'transparency-log',
      },
    });
    expect(verifySignature(legacy({ by: key }), ARTIFACT, BY_KEY, LATER)).toMatchObject({
      outcome: 'accepted',
      signer: {
        kind: 'cosign-key',
        keyName: 'release-2026',
        format: 'legacy',
        claimedReference: 'registry.test/acme/config',
      },
    });
  });

  test('can be handed to a worker and back', () => {
    const handed = structuredClone({ candidate: asCandidate(bundle()), artifact: ARTIFACT, requirement: KEYLESS });
    const outcome = verifySignature(handed.candidate, handed.artifact, handed.requirement, LATER);
    expect(structuredClone(outcome)).toEqual(verifySignature(asCandidate(bundle()), ARTIFACT, KEYLESS, LATER));
  });
});
