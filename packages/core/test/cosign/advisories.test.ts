import { describe, expect, test } from 'vitest';
import type { CosignRequirement } from '../../src/cosign/requirement.ts';
import { CODE_SIGNING } from './certificates.ts';
import {
  SIGNED,
  minutes,
  FakeSigstore,
  DIGEST,
  statement,
  simpleSigning,
  asCandidate,
  change,
} from './fake-sigstore.ts';
import { outcomeOf } from './outcome.ts';
import { sigstore, key, BY_KEY, KEYLESS, bundle, legacy, issued, changed, readPath, readList } from './world.ts';

describe('advisories', () => {
  test('CVE-2026-22703: the log entry of another signature is no evidence', () => {
    const mine = bundle();
    const theirs = bundle({ by: issued({}) });
    const entry: unknown = Reflect.get(Object(mine['verificationMaterial']), 'tlogEntries');
    expect(outcomeOf(changed(theirs, ['verificationMaterial', 'tlogEntries'], entry), KEYLESS)).toBe(
      'log-entry-of-other-signature',
    );
    const otherPayload = bundle(
      {},
      statement((s) => change(s, ['subject', 0, 'name'], 'other')),
    );
    expect(outcomeOf(changed(otherPayload, ['verificationMaterial', 'tlogEntries'], entry), KEYLESS)).toBe(
      'log-entry-of-other-signature',
    );
  });

  test('CVE-2026-24122: every certificate of the chain has to be valid at the observed time', () => {
    const expired = new FakeSigstore({ caTo: minutes(-5) });
    const signed = expired.bundle(statement(), { by: expired.leaf() });
    expect(outcomeOf(signed, { ...KEYLESS, trustRoot: expired.trustRoot() })).toBe('certificate-untrusted');
    const root = new FakeSigstore({ rootTo: minutes(-5) });
    const byRoot = root.bundle(statement(), { by: root.leaf() });
    expect(outcomeOf(byRoot, { ...KEYLESS, trustRoot: root.trustRoot() })).toBe('certificate-untrusted');
  });

  test('CVE-2026-39395: what cannot be parsed is refused, not passed over', () => {
    expect(outcomeOf({ ...legacy({ by: key }), content: Buffer.from('{') }, BY_KEY)).not.toBe('accepted');
    const signed = legacy({ by: key }, `${simpleSigning()}{}`);
    expect(outcomeOf(signed, BY_KEY)).toBe('simple-signing-unreadable');
    expect(outcomeOf(bundle({ by: key }, `${statement()}{}`), BY_KEY)).toBe('statement-unreadable');
  });

  test('CVE-2026-39984: only the timestamp authority of the trust root signs timestamps', () => {
    const other = new FakeSigstore();
    const optional: CosignRequirement = { ...KEYLESS, transparencyLog: 'optional' };
    const signed = bundle({ log: 'none', timestamp: true });
    const signature = Buffer.from(String(readPath(signed, ['dsseEnvelope', 'signatures', 0, 'sig'])), 'base64');
    const path = ['verificationMaterial', 'timestampVerificationData', 'rfc3161Timestamps', 0, 'signedTimestamp'];
    const forged = other.timestamp(signature, SIGNED, { ...other.tsa, serial: sigstore.tsa.serial });
    expect(outcomeOf(changed(signed, path, forged.toString('base64')), optional)).toBe('timestamp-invalid');
    const codeSigner = new FakeSigstore({ tsaUsages: [CODE_SIGNING] });
    const byCodeSigner = codeSigner.bundle(statement(), { by: codeSigner.leaf(), log: 'none', timestamp: true });
    expect(outcomeOf(byCodeSigner, { ...optional, trustRoot: codeSigner.trustRoot() })).toBe('timestamp-invalid');
  });

  test('GHSA-9vcr-p3rj-q5q6: the same entry twice is not two', () => {
    const signed = bundle();
    const [entry] = readList(signed, ['verificationMaterial', 'tlogEntries']);
    expect(outcomeOf(changed(signed, ['verificationMaterial', 'tlogEntries'], [entry, entry]), KEYLESS)).not.toBe(
      'accepted',
    );
  });

  test.each([
    ['ended before', { start: '2026-01-01T00:00:00Z', end: '2026-05-01T00:00:00Z' }],
    ['began after', { start: '2026-07-01T00:00:00Z' }],
  ])('GHSA-wqqc-jjcq-vfxm: a log whose validity %s signing is not relied on', (_, validFor) => {
    const root = sigstore.trustRoot((root) => change(root, ['tlogs', 0, 'publicKey', 'validFor'], validFor));
    for (const signing of [{ log: 'v1' }, { log: 'v2', timestamp: true }] as const) {
      expect(outcomeOf(bundle(signing), { ...KEYLESS, trustRoot: root })).toBe('log-outside-validity');
      expect(outcomeOf(bundle({ ...signing, by: key }), { ...BY_KEY, trustRoot: root })).toBe('log-outside-validity');
    }
  });

  test('GHSA-wqqc-jjcq-vfxm: a certificate log counts only while it was valid', () => {
    const validFor = { start: '2026-07-01T00:00:00Z' };
    const root = sigstore.trustRoot((root) => change(root, ['ctlogs', 0, 'publicKey', 'validFor'], validFor));
    expect(outcomeOf(bundle(), { ...KEYLESS, trustRoot: root })).toBe('certificate-timestamp-invalid');
  });

  test('CVE-2024-45395, GHSA-88jx-383q-w4qc, GHSA-95pr-fxf5-86gv: there is a limit to everything', () => {
    const signed = bundle();
    const [entry] = readList(signed, ['verificationMaterial', 'tlogEntries']);
    const entries = Array.from({ length: 33 }, () => entry);
    expect(outcomeOf(changed(signed, ['verificationMaterial', 'tlogEntries'], entries), KEYLESS)).toBe(
      'bundle-unreadable',
    );
    const timestamps = Array.from({ length: 33 }, () => ({ signedTimestamp: 'AAAA' }));
    const path = ['verificationMaterial', 'timestampVerificationData', 'rfc3161Timestamps'];
    expect(outcomeOf(changed(bundle(), path, timestamps), KEYLESS)).toBe('bundle-unreadable');
    const subject = { digest: { sha256: DIGEST.slice(7) } };
    const many = statement((s) =>
      change(
        s,
        ['subject'],
        Array.from({ length: 1025 }, () => subject),
      ),
    );
    expect(outcomeOf(bundle({ by: key }, many), BY_KEY)).toBe('statement-unreadable');
    const huge = { ...asCandidate({}), content: Buffer.alloc(4 * 1024 * 1024 + 1, 0x20) };
    expect(outcomeOf(huge, KEYLESS)).toBe('bundle-unreadable');
    const payload = simpleSigning((p) => change(p, ['optional'], { x: 'x'.repeat(1024 * 1024) }));
    expect(outcomeOf(legacy({ by: key }, payload), BY_KEY)).toBe('legacy-unreadable');
    const deep = `${'['.repeat(600)}${']'.repeat(600)}`;
    expect(outcomeOf(legacy({ by: key }, deep), BY_KEY)).toBe('simple-signing-unreadable');
  });
});
