import { describe, expect, test } from 'vitest';
import type { CosignRequirement } from '../../src/cosign/requirement.ts';
import { minutes, ARTIFACT, change } from './fake-sigstore.ts';
import { outcomeOf } from './outcome.ts';
import { sigstore, key, BY_KEY, KEYLESS, bundle, ENTRY, changed } from './world.ts';

describe('time', () => {
  test('a certificate that had expired when the log saw the signature is refused', () => {
    expect(outcomeOf(bundle({ at: minutes(30) }), KEYLESS)).toBe('certificate-outside-validity');
    expect(outcomeOf(bundle({ at: minutes(-30) }), KEYLESS)).toBe('certificate-outside-validity');
    expect(outcomeOf(bundle({ at: minutes(30), log: 'v2', timestamp: true }), KEYLESS)).toBe(
      'certificate-outside-validity',
    );
  });

  test('a time that an entry names and nobody signed has to fit too', () => {
    const signed = bundle({ log: 'v2', timestamp: true });
    const later = String(minutes(60).getTime() / 1000);
    expect(outcomeOf(changed(signed, [...ENTRY, 'integratedTime'], later), KEYLESS)).toBe(
      'certificate-outside-validity',
    );
  });

  test('a log of which the key is no longer valid is not relied on for a time that nobody knows', () => {
    const validFor = { start: '2026-01-01T00:00:00Z', end: '2026-08-01T00:00:00Z' };
    const root = sigstore.trustRoot((root) => change(root, ['tlogs', 0, 'publicKey', 'validFor'], validFor));
    const required: CosignRequirement = { ...BY_KEY, trustRoot: root };
    expect(outcomeOf(bundle({ by: key, log: 'v2' }), required)).toBe('log-outside-validity');
    expect(outcomeOf(bundle({ by: key, log: 'v2', timestamp: true }), required)).toBe('accepted');
    expect(outcomeOf(bundle({ by: key, log: 'v2' }), required, ARTIFACT, minutes(10))).toBe('accepted');
  });

  test('that cannot be written is refused, and crashes nothing', () => {
    for (const seconds of ['999999999999999', '-1', '1e3']) {
      expect(outcomeOf(changed(bundle(), [...ENTRY, 'integratedTime'], seconds), KEYLESS)).toBe('bundle-unreadable');
    }
  });
});
