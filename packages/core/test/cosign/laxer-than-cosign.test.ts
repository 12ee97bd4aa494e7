import { describe, expect, test } from 'vitest';
import type { CosignRequirement } from '../../src/cosign/requirement.ts';
import { sequence, utf8, oid } from './der.ts';
import { keyPair, extension, CODE_SIGNING, SERVER_AUTH, email, dns, uri, otherName } from './certificates.ts';
import { SIGNED, OTHER_DIGEST, statement, change } from './fake-sigstore.ts';
import { identity, cosignKey, outcomeOf } from './outcome.ts';
import {
  sigstore,
  key,
  BY_KEY,
  OFFLINE,
  KEYLESS,
  GOOD,
  bundle,
  legacy,
  issued,
  ENTRY,
  changed,
  digestOf,
  wanting,
} from './world.ts';

describe('where @sigstore/verify is laxer than cosign, or other', () => {
  test('a log entry with another public key is refused', () => {
    const loggedAs = keyPair();
    expect(outcomeOf(bundle({ by: key, loggedAs }), BY_KEY)).toBe('log-entry-of-other-signature');
    expect(outcomeOf(bundle({ by: key, loggedAs, log: 'v2' }), BY_KEY)).toBe('log-entry-of-other-signature');
    expect(outcomeOf(legacy({ by: key, loggedAs }), BY_KEY)).toBe('log-entry-of-other-signature');
  });

  test.each([
    ['for servers', [SERVER_AUTH]],
    ['for nothing in particular', null],
    ['for anything', ['2.5.29.37.0']],
  ])('a certificate %s is refused', (_, usages) => {
    expect(outcomeOf(bundle({ by: issued({ usages }) }), KEYLESS)).toBe('certificate-purpose');
    expect(outcomeOf(legacy({ by: issued({ usages }) }), KEYLESS)).toBe('certificate-purpose');
  });

  test('a certificate for code and something else is accepted, as by Go', () => {
    expect(outcomeOf(bundle({ by: issued({ usages: [SERVER_AUTH, CODE_SIGNING] }) }), KEYLESS)).toBe('accepted');
  });

  test('an unknown critical extension is refused; one that is not critical is not', () => {
    for (const [critical, outcome] of [
      [true, 'certificate-critical-extension'],
      [false, 'accepted'],
    ] as const) {
      const by = issued({ extensions: [extension('1.2.3.4', utf8('x'), critical)] });
      expect(outcomeOf(bundle({ by }), KEYLESS)).toBe(outcome);
    }
  });

  test('an in-toto subject that is not the artifact is refused', () => {
    const other = statement((s) => change(s, ['subject', 0, 'digest', 'sha256'], OTHER_DIGEST.slice(7)));
    expect(outcomeOf(bundle({}, other), KEYLESS)).toBe('signed-other-artifact');
    expect(outcomeOf(bundle({ by: key }, other), BY_KEY)).toBe('signed-other-artifact');
  });

  test('a bundle with a certificate is refused where only keys are trusted', () => {
    expect(outcomeOf(bundle(), BY_KEY)).toBe('signed-by-certificate');
    expect(outcomeOf(bundle({ by: key }), KEYLESS)).toBe('signed-by-key');
  });

  test('a legacy signature by a trusted key is accepted with its certificate beside it, as by cosign', () => {
    const certified = { ...GOOD, keys: key };
    const signature = legacy({ by: certified, loggedAs: key });
    expect(outcomeOf(signature, BY_KEY)).toBe('accepted');
  });

  test('a wanted subject is the whole subject', () => {
    const by = issued({ subjects: [uri('https://ci/acme')] });
    expect(outcomeOf(bundle({ by }), wanting({ identities: [identity({ subject: 'ci/ac' })] }))).toBe(
      'identity-mismatch',
    );
    expect(outcomeOf(bundle({ by }), wanting({ identities: [identity({ subject: 'https://ci/acme' })] }))).toBe(
      'accepted',
    );
  });

  test('a digest beside a file that is not the file is refused', () => {
    const file = Buffer.from('file');
    const artifact = { kind: 'file' as const, digest: digestOf(file), content: new Uint8Array(file) };
    const good = sigstore.fileBundle(file, { by: key, log: 'none' });
    expect(outcomeOf(good, OFFLINE, artifact)).toBe('accepted');
    const wrong = Buffer.alloc(32, 1).toString('base64');
    const bad = changed(good, ['messageSignature', 'messageDigest', 'digest'], wrong);
    expect(outcomeOf(bad, OFFLINE, artifact)).toBe('signed-other-artifact');
  });

  test('a bundle of an unknown version is refused', () => {
    for (const version of ['v9.9', 'v0.4', 'v1.0']) {
      const other = changed(bundle(), ['mediaType'], `application/vnd.dev.sigstore.bundle.${version}+json`);
      expect(outcomeOf(other, KEYLESS)).toBe('bundle-version-unsupported');
    }
  });

  test('a log without a start of validity is not relied on', () => {
    const withoutStart = sigstore.trustRoot((root) => change(root, ['tlogs', 0, 'publicKey', 'validFor'], {}));
    expect(outcomeOf(bundle(), { ...KEYLESS, trustRoot: withoutStart })).toBe('log-unknown');
    expect(outcomeOf(bundle({ by: key }), { ...BY_KEY, trustRoot: withoutStart })).toBe('log-unknown');
  });

  test('every subject of a legacy certificate counts, and the first URI or address of a bundle’s, as by cosign', () => {
    const by = issued({ subjects: [dns('build.acme.test'), email('other@acme.test'), email('release@acme.test')] });
    expect(outcomeOf(legacy({ by }), KEYLESS)).toBe('accepted');
    expect(outcomeOf(bundle({ by }), KEYLESS)).toBe('identity-mismatch');
    const byName = wanting({ identities: [identity({ subject: 'build.acme.test' })] });
    expect(outcomeOf(legacy({ by }), byName)).toBe('accepted');
    expect(outcomeOf(bundle({ by }), byName)).toBe('identity-mismatch');
  });

  test('Fulcio’s other name is a subject', () => {
    const by = issued({ subjects: [otherName('release@acme.test')] });
    expect(outcomeOf(bundle({ by }), KEYLESS)).toBe('accepted');
    expect(outcomeOf(legacy({ by }), KEYLESS)).toBe('accepted');
  });

  test('an empty subject is nobody’s, whatever is wanted', () => {
    const anybody = wanting({ identities: [identity({ subject: undefined, subjectRegExp: '.*' })] });
    expect(outcomeOf(bundle(), anybody)).toBe('accepted');
    for (const subjects of [[], [email('')], [email(''), dns('build.acme.test')]]) {
      expect(outcomeOf(bundle({ by: issued({ subjects }) }), anybody)).toBe('identity-mismatch');
    }
  });

  test('a certificate that nothing says the time of is refused, and does not crash', () => {
    const optional: CosignRequirement = { ...KEYLESS, transparencyLog: 'optional' };
    expect(outcomeOf(bundle({ log: 'none' }), optional)).toBe('trusted-time-missing');
    expect(outcomeOf(legacy({ log: 'none' }), optional)).toBe('trusted-time-missing');
    expect(outcomeOf(bundle({ log: 'v2' }), KEYLESS)).toBe('trusted-time-missing');
  });

  test('a file signed with Ed25519 and a key is accepted', () => {
    const ed25519 = keyPair('ed25519');
    const file = Buffer.from('file');
    const artifact = { kind: 'file' as const, digest: digestOf(file), content: new Uint8Array(file) };
    const required: CosignRequirement = { ...OFFLINE, keys: [cosignKey(ed25519)] };
    expect(outcomeOf(sigstore.fileBundle(file, { by: ed25519, digest: null, log: 'none' }), required, artifact)).toBe(
      'accepted',
    );
    const other: CosignRequirement = { ...OFFLINE, keys: [cosignKey(keyPair('ed25519'))] };
    expect(outcomeOf(sigstore.fileBundle(file, { by: ed25519, digest: null, log: 'none' }), other, artifact)).toBe(
      'cosign-ed25519-invalid',
    );
  });

  test('letters with the high bit set do not pass for plain ones', () => {
    const disguised = String.fromCharCode('r'.charCodeAt(0) + 128);
    const by = issued({ subjects: [email(`${disguised}elease@acme.test`)] });
    expect(outcomeOf(bundle({ by }), KEYLESS)).toBe('certificate-unreadable');
  });

  test('an extension that comes twice, or two signature algorithms, are refused', () => {
    const second = extension('1.3.6.1.4.1.57264.1.8', utf8('https://issuer.test'));
    expect(outcomeOf(bundle({ by: issued({ issuer: 'https://evil.test', extensions: [second] }) }), KEYLESS)).toBe(
      'certificate-unreadable',
    );
    const inner = sequence(oid('1.2.840.10045.4.3.3'));
    expect(outcomeOf(bundle({ by: issued({ inner }) }), KEYLESS)).toBe('certificate-unreadable');
  });

  test('a log entry shown under another index than its proof’s is refused', () => {
    const signed = bundle({ by: key, log: 'v2' });
    expect(outcomeOf(changed(signed, [...ENTRY, 'logIndex'], '7'), BY_KEY)).toBe('log-entry-invalid');
  });

  test('an inclusion proof for another tree than its checkpoint is refused', () => {
    for (const [name, value] of [
      ['treeSize', '2'],
      ['rootHash', Buffer.alloc(32).toString('base64')],
    ] as const) {
      const signed = bundle({ by: key, log: 'v2' });
      expect(outcomeOf(changed(signed, [...ENTRY, 'inclusionProof', name], value), BY_KEY)).toBe('log-entry-invalid');
    }
  });

  test('a kind of entry that is not for such content is refused', () => {
    const payload = statement();
    const signed = bundle({ by: key }, payload);
    const entry = sigstore.logEntry({ kind: 'rekord', apiVersion: '0.0.1', spec: {} }, SIGNED, 'v1');
    expect(outcomeOf(changed(signed, ENTRY, entry), BY_KEY)).toBe('bundle-unreadable');
    const hashed = { kind: 'hashedrekord', apiVersion: '0.0.1', spec: {} };
    const other = changed(bundle({ by: key }), ENTRY, sigstore.logEntry(hashed, SIGNED, 'v1'));
    expect(['log-entry-kind', 'log-entry-invalid', 'evidence-malformed']).toContain(outcomeOf(other, BY_KEY));
  });
});
