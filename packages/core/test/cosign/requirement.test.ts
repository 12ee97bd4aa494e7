import { describe, expect, test } from 'vitest';
import type { CosignRequirement } from '../../src/cosign/requirement.ts';
import { verifySignature } from '../../src/cosign/verify-signature.ts';
import { keyPair } from './certificates.ts';
import {
  LATER,
  FakeSigstore,
  ARTIFACT,
  statement,
  simpleSigning,
  asCandidate,
  change,
  type Json,
} from './fake-sigstore.ts';
import { identity, cosignKey, NOBODY, outcomeOf } from './outcome.ts';
import { sigstore, trustRoot, key, BY_KEY, OFFLINE, KEYLESS, bundle, legacy, issued, wanting } from './world.ts';

describe('CVE-2026-48815: each field of a requirement decides alone', () => {
  test('keys: another key is refused, any of several suffices', () => {
    expect(outcomeOf(bundle({ by: key }), wanting({ keys: [cosignKey(keyPair())] }, BY_KEY))).toBe(
      'cosign-key-mismatch',
    );
    const several: CosignRequirement = { ...BY_KEY, keys: [cosignKey(keyPair(), 'other'), cosignKey(key)] };
    expect(outcomeOf(bundle({ by: key }), several)).toBe('accepted');
  });

  test('nothing is trusted by nobody', () => {
    expect(outcomeOf(bundle({ by: key }), { ...NOBODY, trustRoot })).toBe('signed-by-key');
    expect(outcomeOf(bundle(), { ...NOBODY, trustRoot })).toBe('signed-by-certificate');
  });

  test('identities: any of several suffices; issuer and subject have to be of one', () => {
    expect(outcomeOf(bundle(), wanting({ identities: [identity({ subject: 'evil@acme.test' })] }))).toBe(
      'identity-mismatch',
    );
    expect(outcomeOf(bundle(), wanting({ identities: [identity({ issuer: 'https://evil.test' })] }))).toBe(
      'issuer-mismatch',
    );
    expect(outcomeOf(bundle(), wanting({ identities: [identity({ subject: 'evil@acme.test' }), identity()] }))).toBe(
      'accepted',
    );
    const crossed = wanting({
      identities: [identity({ subject: 'evil@acme.test' }), identity({ issuer: 'https://evil.test' })],
    });
    expect(outcomeOf(bundle(), crossed)).toBe('issuer-mismatch');
    const nameless = bundle({ by: issued({ issuer: '' }) });
    expect(outcomeOf(nameless, KEYLESS)).toBe('issuer-mismatch');
  });

  test('identities: an expression that matches a part is refused and says so', () => {
    const part: CosignRequirement = {
      ...KEYLESS,
      identities: [identity({ subject: undefined, subjectRegExp: 'lease@ac' })],
    };
    expect(outcomeOf(bundle(), part)).toBe('identity-matches-part');
    const whole: CosignRequirement = {
      ...KEYLESS,
      identities: [identity({ subject: undefined, subjectRegExp: 'release@.*' })],
    };
    expect(outcomeOf(bundle(), whole)).toBe('accepted');
  });

  test('transparencyLog: absent is accepted only where it is optional, wrong never', () => {
    expect(outcomeOf(bundle({ by: key, log: 'none' }), BY_KEY)).toBe('log-entry-missing');
    expect(outcomeOf(bundle({ by: key, log: 'none' }), { ...BY_KEY, transparencyLog: 'optional' })).toBe('accepted');
    const wrong = bundle({ by: key, loggedAs: keyPair() });
    expect(outcomeOf(wrong, { ...BY_KEY, transparencyLog: 'optional' })).toBe('log-entry-of-other-signature');
    expect(outcomeOf(wrong, OFFLINE)).toBe('accepted');
  });

  test('certificateTransparency: absent is accepted only where it is optional, wrong never', () => {
    const optional: CosignRequirement = { ...KEYLESS, certificateTransparency: 'optional' };
    const absent = bundle({ by: issued({ certificateTimestamp: 'none' }) });
    expect(outcomeOf(absent, KEYLESS)).toBe('certificate-timestamp-missing');
    expect(outcomeOf(absent, optional)).toBe('accepted');
    for (const certificateTimestamp of ['broken', 'other-log'] as const) {
      const wrong = bundle({ by: issued({ certificateTimestamp }) });
      expect(outcomeOf(wrong, KEYLESS)).toBe('certificate-timestamp-invalid');
      expect(outcomeOf(wrong, optional)).toBe('certificate-timestamp-invalid');
    }
  });

  test('digestAlgorithm: another one is refused, and named', () => {
    const signed = asCandidate(bundle({ by: key, digest: 'sha512', log: 'none' }));
    expect(verifySignature(signed, ARTIFACT, OFFLINE, LATER)).toMatchObject({
      problems: [{ code: 'cosign-digest-algorithm', params: { expected: 'SHA-256', actual: 'SHA-512' } }],
    });
    expect(outcomeOf(signed, { ...OFFLINE, digestAlgorithm: 'sha512' })).toBe('accepted');
  });

  test('trustRoot: another one, or none, is refused', () => {
    const other = new FakeSigstore().trustRoot();
    expect(outcomeOf(bundle(), { ...KEYLESS, trustRoot: other })).toBe('certificate-untrusted');
    expect(outcomeOf(bundle({ by: key }), { ...BY_KEY, trustRoot: other })).toBe('log-unknown');
    const optional: CosignRequirement = { ...KEYLESS, transparencyLog: 'optional' };
    const timestamped = bundle({ log: 'none', timestamp: true });
    expect(outcomeOf(timestamped, { ...optional, trustRoot: other })).toBe('timestamp-invalid');
    expect(outcomeOf(bundle(), { ...KEYLESS, trustRoot: null })).toBe('trust-root-missing');
    expect(outcomeOf(bundle({ by: key }), { ...BY_KEY, trustRoot: null })).toBe('trust-root-missing');
    const otherCa = sigstore.trustRoot((root) => {
      change(root, ['certificateAuthorities'], new FakeSigstore().trustedRoot()['certificateAuthorities']);
    });
    expect(outcomeOf(bundle(), { ...KEYLESS, trustRoot: otherCa })).toBe('certificate-untrusted');
  });

  test('annotations: missing, other, of another type, or for another place are refused', () => {
    const annotated = (value: unknown): Json =>
      bundle(
        { by: key },
        statement((s) => change(s, ['subject', 0, 'annotations'], { env: value })),
      );
    expect(outcomeOf(annotated('prod'), wanting({ annotations: { env: 'prod' } }, BY_KEY))).toBe('accepted');
    expect(outcomeOf(annotated('test'), wanting({ annotations: { env: 'prod' } }, BY_KEY))).toBe('claim-mismatch');
    expect(outcomeOf(annotated(['prod']), wanting({ annotations: { env: 'prod' } }, BY_KEY))).toBe('claim-mismatch');
    expect(outcomeOf(annotated('prod'), wanting({ annotations: { env: 'prod', team: 'a' } }, BY_KEY))).toBe(
      'claim-missing',
    );
    expect(outcomeOf(bundle({ by: key }), wanting({ annotations: { toString: 'x' } }, BY_KEY))).toBe('claim-missing');
  });

  test('annotations: templates bind place and tag, so that a copied or re-tagged artifact is refused', () => {
    const optional = { repository: 'registry.test/acme/config', tag: '1.2.3' };
    const signed = legacy(
      { by: key },
      simpleSigning((p) => change(p, ['optional'], optional)),
    );
    const bound: CosignRequirement = {
      ...BY_KEY,
      annotations: { repository: '{repository}', tag: '{tag}' },
    };
    expect(outcomeOf(signed, bound)).toBe('accepted');
    expect(outcomeOf(signed, bound, { ...ARTIFACT, repository: 'registry.test/evil/config' })).toBe('claim-mismatch');
    expect(outcomeOf(signed, bound, { ...ARTIFACT, tag: '2.0.0' })).toBe('claim-mismatch');
    expect(outcomeOf(signed, bound, { ...ARTIFACT, tag: null })).toBe('claim-needs-tag');
    expect(outcomeOf(signed, BY_KEY, { ...ARTIFACT, tag: '2.0.0' })).toBe('accepted');
  });
});
