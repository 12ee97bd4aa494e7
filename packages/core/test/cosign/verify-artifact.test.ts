import { describe, expect, test } from 'vitest';
import type { Candidate } from '../../src/cosign/candidate.ts';
import type { CosignRequirement } from '../../src/cosign/requirement.ts';
import { verifyArtifact } from '../../src/cosign/verify-artifact.ts';
import { problem } from '../../src/verdict/catalogue.ts';
import { type Location, type NonEmpty, Verdict } from '../../src/verdict/verdict.ts';
import { keyPair } from './certificates.ts';
import { ARTIFACT, asCandidate, LATER, OTHER_DIGEST, PLACE, change, statement } from './fake-sigstore.ts';
import { BY_KEY, bundle, GOOD, key, KEYLESS, legacy } from './world.ts';

const SEARCHED: NonEmpty<Location> = [
  { kind: 'referrers', location: 'registry.test/acme/config', found: 'nothing' },
  { kind: 'signature-tag', location: 'registry.test/acme/config:sha256-ab.sig', found: 'nothing' },
];
const good = asCandidate(bundle({ by: key }));
/** The good signature with the log entry of a key that can be read and that has no form in JSON. */
const brainpool = keyPair('brainpoolP256r1');
const loggedOddly = asCandidate(bundle({ by: key, loggedAs: brainpool }));
const legacyLoggedOddly = legacy({ by: key, loggedAs: brainpool });
const byOther = asCandidate(bundle({ by: keyPair() }));
const ofOther = asCandidate(
  bundle(
    { by: key },
    statement((s) => change(s, ['subject', 0, 'digest', 'sha256'], OTHER_DIGEST.slice(7))),
  ),
);
const attestation = asCandidate(
  bundle(
    { by: key },
    statement((s) => change(s, ['predicateType'], 'https://spdx.dev/Document')),
  ),
);
const unreadable: Candidate = {
  format: 'unreadable',
  place: PLACE,
  problem: problem('fetch-timeout', { url: 'https://registry.test', waitedFor: 'body', limitMs: 1 }),
};
const missingBlob: Candidate = {
  format: 'unreadable',
  place: PLACE,
  problem: problem('legacy-unreadable', { reason: 'has no layer' }),
};
const notation: Candidate = { format: 'unknown', place: PLACE, artifactType: 'application/vnd.cncf.notary.signature' };
const sbom: Candidate = { format: 'unknown', place: PLACE, artifactType: 'application/spdx+json' };
const dsseLayer: Candidate = { format: 'attestation', place: PLACE, predicateType: null };

const verdictOf = (candidates: Candidate[], requirement: CosignRequirement = BY_KEY) => {
  const { observation } = verifyArtifact(ARTIFACT, candidates, SEARCHED, requirement, LATER);
  // What travels has to be what the contract says.
  expect(Verdict.parse(observation)).toEqual(observation);
  return observation;
};
const statusOf = (...candidates: Candidate[]): string => verdictOf(candidates).status;
const codesOf = (...candidates: Candidate[]): string[] => {
  const observation = verdictOf(candidates);
  return observation.status === 'verified' ? [] : observation.problems.map(({ code }) => code);
};

describe('an artifact', () => {
  test('is verified by any one accepted signature, whatever lies beside it', () => {
    const others = [
      byOther,
      ofOther,
      attestation,
      unreadable,
      missingBlob,
      notation,
      sbom,
      dsseLayer,
      loggedOddly,
      legacyLoggedOddly,
    ];
    for (const other of others) {
      expect(statusOf(other, good)).toBe('verified');
      expect(statusOf(good, other)).toBe('verified');
    }
    expect(statusOf(...others, legacy({ by: key }))).toBe('verified');
  });

  test('that is verified says what else was refused on the way', () => {
    expect(verdictOf([byOther, unreadable, attestation, good])).toMatchObject({
      signers: [{ kind: 'cosign-key', keyName: 'release-2026' }],
      warnings: [
        { code: 'other-signatures-refused', params: { count: 2, codes: ['cosign-key-mismatch', 'fetch-timeout'] } },
      ],
    });
    expect(verdictOf([attestation, good])).toMatchObject({ warnings: [] });
  });

  test('with refused signatures is failed, the closest first', () => {
    expect(codesOf(byOther, ofOther)).toEqual(['signed-other-artifact', 'cosign-key-mismatch']);
    expect(verdictOf([byOther, ofOther])).toMatchObject({
      status: 'failed',
      signers: [{ keyName: 'release-2026' }],
      checks: [
        { id: 'signature-found', outcome: 'passed' },
        { id: 'signature-valid', outcome: 'passed' },
        { id: 'signer-trusted', outcome: 'passed' },
        { id: 'artifact-integrity', outcome: 'failed' },
        { id: 'transparency-log', outcome: 'passed' },
      ],
    });
  });

  test('with nothing at all is unsigned, and says where was looked', () => {
    expect(verdictOf([])).toMatchObject({
      status: 'unsigned',
      searched: SEARCHED,
      problems: [{ code: 'oci-unsigned' }],
      checks: [{ id: 'signature-found', outcome: 'failed' }, {}, {}, {}, {}],
    });
    expect(codesOf(sbom)).toEqual(['oci-unsigned']);
  });

  test('with attestations alone is unsigned, and names them', () => {
    expect(verdictOf([attestation, sbom])).toMatchObject({
      status: 'unsigned',
      problems: [{ code: 'oci-attestations-only', params: { types: ['https://spdx.dev/Document'] } }],
    });
    expect(statusOf(dsseLayer)).toBe('unsigned');
  });

  test('with something that could not be fetched is indeterminate, never unsigned or failed', () => {
    expect(codesOf(byOther, unreadable)).toEqual(['fetch-timeout', 'cosign-key-mismatch']);
    expect(statusOf(unreadable)).toBe('indeterminate');
    expect(statusOf(unreadable, attestation)).toBe('indeterminate');
    expect(statusOf(byOther, unreadable)).toBe('indeterminate');
  });

  test('with something that is there and cannot be read is failed', () => {
    expect(statusOf(missingBlob)).toBe('failed');
    expect(statusOf({ ...good, content: Buffer.from('{}') })).toBe('failed');
  });

  test('with a form that is known and cannot be verified is unsupported', () => {
    expect(codesOf(notation)).toEqual(['signature-form-unsupported']);
    expect(statusOf(notation)).toBe('unsupported');
    expect(statusOf(notation, attestation)).toBe('unsupported');
    expect(statusOf(notation, byOther)).toBe('failed');
    const newer = asCandidate({ mediaType: 'application/vnd.dev.sigstore.bundle.v0.4+json' });
    expect(statusOf(newer)).toBe('unsupported');
  });

  test('that nobody can be checked for is indeterminate', () => {
    const keyless = asCandidate(bundle({ by: GOOD }));
    const observation = verdictOf([keyless], { ...KEYLESS, trustRoot: null });
    expect(observation).toMatchObject({ status: 'indeterminate', problems: [{ code: 'trust-root-missing' }] });
    expect(observation.checks).toContainEqual(expect.objectContaining({ id: 'signer-trusted', outcome: 'error' }));
  });

  test('with more signatures than are looked at is refused', () => {
    const many = Array.from({ length: 1001 }, () => attestation);
    expect(codesOf(...many)).toEqual(['signatures-too-many']);
    expect(statusOf(...many.slice(1))).toBe('unsigned');
  });
});
