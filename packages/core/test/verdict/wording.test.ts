import { describe, expect, it } from 'vitest';
import { brief } from '../../src/verdict/brief.ts';
import { problem, wording } from '../../src/verdict/catalogue.ts';

const SUBJECT = 'Chart payments 1.4.2';
const SIGNED = { fingerprint: '5E615389B53CA37F0EE60BD3843BBF981FC18762', userId: 'Acme' };

describe('the words of a problem', () => {
  it('tell times as people read them', () => {
    const expired = problem('key-expired', { ...SIGNED, expiredAt: '2023-12-31T12:00:00.000Z' });
    expect(wording(expired, SUBJECT).sentence).toMatch(/expired at 2023-12-31 12:00:00 UTC\.$/);
    expect(brief(expired, SUBJECT)).toMatch(/expired at 2023-12-31 12:00:00 UTC\.$/);
    const replaced = problem('chart-replaced', {
      otherDigest: 'sha256:00',
      seenAt: '2026-11-22T20:45:10.307Z',
      until: '2026-11-23T20:45:10Z',
      forget: 'source-integrity digests forget',
    });
    expect(wording(replaced, SUBJECT).sentence).toContain('last served at 2026-11-22 20:45:10 UTC');
    expect(wording(replaced, SUBJECT).remedy).toContain('or wait until 2026-11-23 20:45:10 UTC');
  });

  it('leave alone what is no time, and what somebody wrote', () => {
    const expired = problem('key-expired', { ...SIGNED, userId: '2023-12-31T12:00:00Z', expiredAt: 'yesterday' });
    expect(wording(expired, SUBJECT).sentence).toContain('"2023-12-31T12:00:00Z"');
    expect(wording(expired, SUBJECT).sentence).toMatch(/expired at yesterday\.$/);
  });

  it('name what of the metadata is compared', () => {
    const differs = { where: 'the signed metadata and Chart.yaml', expected: '1.0.0', actual: '1.1.0' };
    expect(wording(problem('metadata-mismatch', { field: 'appVersion', ...differs }), SUBJECT).compares).toBe(
      'appVersion',
    );
    expect(wording(problem('metadata-mismatch', { field: 'version', ...differs }), SUBJECT).compares).toBe('version');
  });
});
