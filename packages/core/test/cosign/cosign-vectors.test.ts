import { describe, expect, test } from 'vitest';
import { verifyArtifact } from '../../src/cosign/verify-artifact.ts';
import { artifactOf, candidatesOf, NOW, requirementOf, rows } from './registry-dump.ts';

/** The problem that each refusal begins with. */
const REFUSALS: Readonly<Record<string, string>> = {
  'key-p256-legacy-otherkey': 'cosign-key-mismatch',
  'key-p256-bundle-otherkey': 'cosign-key-mismatch',
  'key-p384-legacy': 'cosign-digest-algorithm',
  'key-p384-legacy-otherkey': 'cosign-key-mismatch',
  'key-p384-bundle': 'cosign-digest-algorithm',
  'key-p384-bundle-otherkey': 'cosign-key-mismatch',
  'key-p521-bundle': 'cosign-digest-algorithm',
  'key-p521-bundle-otherkey': 'cosign-key-mismatch',
  'key-rsa2048-legacy-otherkey': 'cosign-key-mismatch',
  'key-rsa2048-bundle-otherkey': 'cosign-key-mismatch',
  'key-rsa3072-legacy-otherkey': 'cosign-key-mismatch',
  'key-rsa4096-legacy-otherkey': 'cosign-key-mismatch',
  'key-ed25519-legacy': 'cosign-ed25519-invalid',
  'key-ed25519-legacy-otherkey': 'cosign-key-mismatch',
  'key-ed25519-bundle': 'cosign-ed25519-invalid',
  'key-ed25519-bundle-otherkey': 'cosign-key-mismatch',
  'key-legacy-tlog-required-absent': 'log-entry-missing',
  'key-bundle-rekor2-otherkey': 'cosign-key-mismatch',
  unsigned: 'oci-unsigned',
  'legacy-signature-of-other-artifact': 'signed-other-artifact',
  'legacy-payload-changed': 'cosign-key-mismatch',
  'legacy-signature-bit-flipped': 'cosign-key-mismatch',
  'legacy-signature-missing': 'legacy-unreadable',
  'legacy-signature-not-base64': 'legacy-unreadable',
  'legacy-signature-empty': 'legacy-unreadable',
  'legacy-signature-truncated': 'cosign-key-mismatch',
  'legacy-layer-media-type-other': 'legacy-unreadable',
  'payload-other-digest': 'signed-other-artifact',
  'payload-other-type': 'simple-signing-type',
  'payload-no-type': 'simple-signing-type',
  'payload-digest-upper': 'signed-other-artifact',
  'payload-digest-space': 'signed-other-artifact',
  'payload-duplicate-digest-good-last': 'simple-signing-unreadable',
  'payload-duplicate-digest-good-first': 'simple-signing-unreadable',
  'payload-key-case': 'simple-signing-unreadable',
  'payload-trailing-data': 'simple-signing-unreadable',
  'payload-bom': 'simple-signing-unreadable',
  'payload-array': 'simple-signing-unreadable',
  'payload-annotation-nested': 'claim-mismatch',
  'digest-sha256-rsa-flag512': 'cosign-digest-algorithm',
  'digest-sha384-p384': 'cosign-digest-algorithm',
  'sigrepo-legacy-looked-in-own': 'oci-unsigned',
  'attestation-only': 'oci-attestations-only',
  'bundle-payload-changed': 'cosign-signature-invalid',
  'bundle-signature-bit-flipped': 'cosign-signature-invalid',
  'bundle-media-type-v9': 'bundle-version-unsupported',
  'bundle-payload-type-other': 'bundle-payload-type',
  'bundle-not-json': 'bundle-unreadable',
  'bundle-empty': 'bundle-unreadable',
  'bundle-resigned-other-subject': 'signed-other-artifact',
  'bundle-resigned-predicate-slsa': 'oci-attestations-only',
  'bundle-resigned-statement-v01': 'statement-type',
  'bundle-resigned-type-other': 'statement-type',
  'bundle-resigned-no-subject': 'signed-other-artifact',
  'bundle-resigned-subject-sha512-only': 'signed-other-artifact',
  'bundle-of-other-artifact': 'signed-other-artifact',
  'keyless-bundle-sct-required': 'certificate-timestamp-missing',
  'keyless-bundle-other-identity': 'identity-mismatch',
  'keyless-bundle-other-issuer': 'issuer-mismatch',
  'keyless-bundle-identity-prefix': 'identity-mismatch',
  'keyless-bundle-identity-case': 'identity-mismatch',
  'keyless-bundle-regexp-partial': 'identity-matches-part',
  'keyless-bundle-regexp-none': 'identity-mismatch',
  'keyless-bundle-issuer-trailing-slash': 'issuer-mismatch',
  'keyless-bundle-verified-by-key': 'signed-by-certificate',
  'keyless-bundle-by-evil': 'identity-mismatch',
  'keyless-legacy-tsa-other-identity': 'identity-mismatch',
  'keyless-legacy-tsa-tlog-required': 'log-entry-missing',
  'keyless-bundle-tlog-removed': 'log-entry-missing',
  'keyless-bundle-tlog-index-changed': 'log-entry-invalid',
  'keyless-bundle-certificate-to-hint': 'signed-by-key',
  'keyless-bundle-proof-hash-changed': 'log-entry-invalid',
  'keyless-bundle-checkpoint-removed': 'bundle-unreadable',
  'keyless-bundle-kind-changed': 'bundle-unreadable',
  'key-p256-legacy-flag-sha512': 'cosign-digest-algorithm',
  'key-p256-bundle-flag-sha512': 'cosign-digest-algorithm',
  'key-p384-legacy-flag-sha512': 'cosign-digest-algorithm',
  'key-p384-bundle-flag-sha512': 'cosign-digest-algorithm',
  'key-ed25519-legacy-flag-sha512': 'cosign-ed25519-invalid',
  'key-ed25519-bundle-flag-sha512': 'cosign-ed25519-invalid',
};

describe('cosign 3.1.3 vectors', () => {
  test.each(rows())('$name is $ours here; cosign says $cosign', ({ name, reference, flags, ours }) => {
    const { signatureRepository, ...requirement } = requirementOf(flags);
    const { candidates, searched } = candidatesOf(reference, signatureRepository);
    const { observation } = verifyArtifact(artifactOf(reference), candidates, searched, requirement, NOW);
    const refusal = observation.status === 'verified' ? undefined : observation.problems[0].code;
    expect(refusal).toBe(REFUSALS[name]);
    if (ours !== 'either') expect(refusal === undefined ? 'OK' : 'FAIL').toBe(ours);
  });

  test('are all there', () => {
    expect(rows()).toHaveLength(107);
  });
});
