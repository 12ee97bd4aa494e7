import { createHash, generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeTrustRoot } from '../../src/cosign/trust-root-description.ts';
import { lintTrustRoot } from '../../src/cosign/trust-root-lint.ts';
import { keyPair } from './certificates.ts';
import { change, FakeSigstore, type Json, LATER } from './fake-sigstore.ts';
import { readList } from './world.ts';

const sigstore = new FakeSigstore();

function lint(edit: (root: Json) => void = () => undefined): {
  readonly errors: string[];
  readonly warnings: string[];
} {
  const found = lintTrustRoot('acme', Buffer.from(JSON.stringify(sigstore.trustedRoot(edit))), LATER);
  return { errors: found.errors.map(({ code }) => code), warnings: found.warnings.map(({ code }) => code) };
}

const set =
  (value: unknown, ...path: readonly (string | number)[]) =>
  (root: Json): void => {
    change(root, path, value);
  };

/** A Rekor v2 log at `baseUrl`, whose ID is made of this origin; null: of the key alone, as cosign does by itself. */
function rekorV2(baseUrl: string, origin: string | null): Json {
  const { publicKey } = generateKeyPairSync('ed25519');
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const parts = origin === null ? [spki] : [`${origin}\n\u0001`, spki.subarray(-32)];
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  const keyId = hash.digest('base64');
  return {
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: spki.toString('base64'),
      keyDetails: 'PKIX_ED25519',
      validFor: { start: '2026-01-01T00:00:00Z' },
    },
    logId: { keyId },
  };
}

describe('a trust root', () => {
  it('that is as it should be has nothing wrong with it', () => {
    expect(lint()).toEqual({ errors: [], warnings: [] });
  });

  it('with a log on a curve that is not supported is told of, and shown', () => {
    const { spki } = keyPair('brainpoolP256r1');
    const edit = set(spki.toString('base64'), 'tlogs', 0, 'publicKey', 'rawBytes');
    expect(lint(edit).errors).toContain('trust-root-key-type');
    const bytes = Buffer.from(JSON.stringify(sigstore.trustedRoot(edit)));
    expect(describeTrustRoot('acme', bytes, LATER)).toMatchObject({ description: { name: 'acme' } });
  });

  it.each<[string, (root: Json) => void, string]>([
    ['a key that is no base64', set('not base64!', 'tlogs', 0, 'publicKey', 'rawBytes'), 'trust-root-base64'],
    ['a log ID in URL-safe base64', set('-_-_', 'ctlogs', 0, 'logId', 'keyId'), 'trust-root-base64'],
    [
      'a certificate on two lines',
      set('AAAA\nAAAA', 'certificateAuthorities', 0, 'certChain', 'certificates', 0, 'rawBytes'),
      'trust-root-base64',
    ],
    [
      'a key of another type than it says',
      set('PKIX_ECDSA_P384_SHA_384', 'tlogs', 0, 'publicKey', 'keyDetails'),
      'trust-root-key-type',
    ],
    [
      'a key that no log has',
      set('PKIX_RSA_PKCS1V15_2048_SHA256', 'ctlogs', 0, 'publicKey', 'keyDetails'),
      'trust-root-key-type',
    ],
    [
      'the ID of another log',
      set(createHash('sha256').update(keyPair().spki).digest('base64'), 'tlogs', 0, 'logId', 'keyId'),
      'trust-root-log-id',
    ],
    ['no ID of a log', set('', 'ctlogs', 0, 'logId', 'keyId'), 'trust-root-entry-unusable'],
    ['a log without a start', set({}, 'tlogs', 0, 'publicKey', 'validFor'), 'trust-root-log-without-start'],
    [
      'a window that ends before it begins',
      set({ start: '2026-02-01T00:00:00Z', end: '2026-01-01T00:00:00Z' }, 'certificateAuthorities', 0, 'validFor'),
      'trust-root-entry-unusable',
    ],
    [
      'an authority without its root',
      (root) => {
        set(
          [{ rawBytes: sigstore.ca.der.toString('base64') }],
          'certificateAuthorities',
          0,
          'certChain',
          'certificates',
        )(root);
      },
      'trust-root-entry-unusable',
    ],
    ['a media type of something else', set('application/json', 'mediaType'), 'trust-root-unreadable'],
    ['a list that is none', set({}, 'tlogs'), 'trust-root-unreadable'],
  ])('with %s has an error', (_, edit, code) => {
    expect(lint(edit).errors).toContain(code);
  });

  it.each<[string, (root: Json) => void, string]>([
    ['a field that nobody reads', set('x', 'tlogs', 0, 'baseURL'), 'trust-root-field-unknown'],
    ['a field in snake case', set([], 'timestamp_authorities'), 'trust-root-field-unknown'],
    ['no timestamp authority', set([], 'timestampAuthorities'), 'trust-root-list-empty'],
    ['no log for certificates', set([], 'ctlogs'), 'trust-root-list-empty'],
    [
      'a window that is over',
      set({ start: '2026-01-01T00:00:00Z', end: '2026-07-01T00:00:00Z' }, 'timestampAuthorities', 0, 'validFor'),
      'trust-root-expired',
    ],
    [
      'two keys of one log, neither of which ends',
      (root) => {
        const other = new FakeSigstore().trustedRoot();
        const logs = [...readList(root, ['tlogs']), ...readList(other, ['tlogs'])];
        set(logs, 'tlogs')(root);
      },
      'trust-root-window-open',
    ],
  ])('with %s has a warning', (_, edit, code) => {
    const found = lint(edit);
    expect(found.errors).toEqual([]);
    expect(found.warnings).toEqual([code]);
  });

  it.each([
    ['https://log.test', 'log.test', []],
    ['http://127.0.0.1:3003', '127.0.0.1', []],
    ['http://127.0.0.1:3003', '127.0.0.1:3003', ['trust-root-log-origin']],
    ['https://log.test/rekor', 'log.test/rekor', ['trust-root-log-origin']],
    ['https://log.test', 'else.test', ['trust-root-log-origin']],
    ['http://127.0.0.1:3003', null, ['trust-root-log-origin']],
  ])('with a Rekor v2 log at %s, started as %s: %j', (url, origin, warnings) => {
    expect(lint(set([rekorV2(url, origin)], 'tlogs'))).toEqual({ errors: [], warnings });
  });

  it('that is no trust root has an error, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          expect(lintTrustRoot('acme', bytes, LATER).errors).toMatchObject([{ code: 'trust-root-unreadable' }]);
        },
      ),
    );
  });
});

describe('the description of a trust root', () => {
  const describing = (edit: (root: Json) => void = () => undefined) => {
    const described = describeTrustRoot('acme', Buffer.from(JSON.stringify(sigstore.trustedRoot(edit))), LATER);
    if ('problem' in described) throw new Error(described.problem.code);
    return described.description;
  };

  it('names every authority and log, with its key, its window and whether it counts', () => {
    const { name, parts } = describing();
    expect(name).toBe('acme');
    expect(parts.map(({ kind, name }) => [kind, name])).toEqual([
      ['certificate-authority', 'https://ca.test'],
      ['certificate-transparency-log', 'https://ctlog.test'],
      ['transparency-log', 'https://log.test'],
      ['timestamp-authority', 'https://tsa.test'],
    ]);
    expect(parts[2]).toEqual({
      kind: 'transparency-log',
      name: 'https://log.test',
      algorithm: 'ECDSA P-256',
      fingerprint: `sha256:${createHash('sha256').update(sigstore.log.spki).digest('hex')}`,
      logId: createHash('sha256').update(sigstore.log.spki).digest('hex'),
      validFrom: '2026-01-01T00:00:00.000Z',
      validUntil: null,
      state: 'valid',
      unusable: null,
    });
    expect(parts[0]?.fingerprint).toBe(`sha256:${createHash('sha256').update(sigstore.root.der).digest('hex')}`);
  });

  it.each([
    [{ start: '2026-01-01T00:00:00Z', end: '2026-02-01T00:00:00Z' }, 'expired', null],
    [{ start: '2030-01-01T00:00:00Z' }, 'not-yet-valid', null],
    [{}, 'valid', 'has no start of validity'],
  ])('says of a log with the window %j that it is %s', (window, state, unusable) => {
    const log = describing(set(window, 'tlogs', 0, 'publicKey', 'validFor')).parts.find(
      ({ kind }) => kind === 'transparency-log',
    );
    expect(log).toMatchObject({ state, unusable });
  });

  it('shows what cannot be used, and why', () => {
    const { parts } = describing(set('AAAA', 'tlogs', 0, 'publicKey', 'rawBytes'));
    expect(parts.find(({ kind }) => kind === 'transparency-log')).toMatchObject({
      algorithm: null,
      fingerprint: null,
      unusable: 'has a key or certificate that cannot be read',
    });
  });
});
