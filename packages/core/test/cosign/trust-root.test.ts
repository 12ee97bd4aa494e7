import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTrustRoot, trustMaterial } from '../../src/cosign/trust-root.ts';
import { CODE_SIGNING, SERVER_AUTH } from './certificates.ts';
import { change, FakeSigstore, type Json, LATER, minutes } from './fake-sigstore.ts';
import { sigstore } from './world.ts';

const read = (root: Json | string, now = LATER) =>
  readTrustRoot('acme', Buffer.from(typeof root === 'string' ? root : JSON.stringify(root)), now);
const problems = (root: Json | string, now = LATER): string[] => {
  const result = read(root, now);
  return 'problem' in result ? [result.problem.code] : result.warnings.map(({ code }) => code);
};
const changed = (path: readonly (string | number)[], value: unknown): Json =>
  sigstore.trustedRoot((root) => change(root, path, value));

const withoutRoot = { certificates: [{ rawBytes: sigstore.ca.der.toString('base64') }] };

describe('a trust root', () => {
  test('is named by the digest of its document', () => {
    const identityOf = (root: Json): string => {
      const result = read(root);
      return 'problem' in result ? result.problem.code : result.trustRoot.identity;
    };
    expect(identityOf(sigstore.trustedRoot())).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(identityOf(sigstore.trustedRoot())).toBe(identityOf(sigstore.trustedRoot()));
    expect(identityOf(changed(['tlogs', 0, 'baseUrl'], 'https://other.test'))).not.toBe(
      identityOf(sigstore.trustedRoot()),
    );
  });

  test('survives the way to a worker', () => {
    const result = read(sigstore.trustedRoot());
    if ('problem' in result) throw new Error(result.problem.code);
    expect(trustMaterial(structuredClone(result.trustRoot)).tlogs).toHaveLength(1);
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['a byte order mark', `\u{FEFF}${JSON.stringify(sigstore.trustedRoot())}`],
    ['a name twice', '{"mediaType":"a","mediaType":"a"}'],
    ['another media type', changed(['mediaType'], 'application/json')],
    ['no media type', changed(['mediaType'], undefined)],
    ['logs that are no list', changed(['tlogs'], {})],
    ['logs that are no objects', changed(['tlogs'], ['x'])],
    [
      'too many logs',
      changed(
        ['tlogs'],
        Array.from({ length: 65 }, () => ({})),
      ),
    ],
    ['a key of an unknown kind', changed(['tlogs', 0, 'publicKey', 'keyDetails'], 'ROT13')],
    ['nothing to rely on', { mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1' }],
    ['too many bytes', `${JSON.stringify(sigstore.trustedRoot())}${' '.repeat(1024 * 1024)}`],
  ])('with %s is refused', (_, root) => {
    expect(problems(root)).toEqual(['trust-root-unreadable']);
  });

  test('with a log without a start of validity is used without it, and says so', () => {
    for (const list of ['tlogs', 'ctlogs'] as const) {
      const result = read(changed([list, 0, 'publicKey', 'validFor'], { end: '2030-01-01T00:00:00Z' }));
      if ('problem' in result) throw new Error(result.problem.code);
      expect(result.warnings.map(({ code }) => code)).toEqual(['trust-root-log-without-start']);
      expect(trustMaterial(result.trustRoot)[list]).toEqual([]);
    }
  });

  test.each([
    ['a malformed time', changed(['tlogs', 0, 'publicKey', 'validFor', 'start'], 'yesterday')],
    ['no log ID', changed(['tlogs', 0, 'logId'], undefined)],
    ['a key that is none', changed(['tlogs', 0, 'publicKey', 'rawBytes'], 'AAAA')],
    [
      'a certificate that is none',
      changed(['certificateAuthorities', 0, 'certChain', 'certificates', 0, 'rawBytes'], 'AAAA'),
    ],
    ['a chain without its root', changed(['certificateAuthorities', 0, 'certChain'], withoutRoot)],
    ['an empty chain', changed(['certificateAuthorities', 0, 'certChain', 'certificates'], [])],
    ['an authority for servers', new FakeSigstore({ caUsages: [SERVER_AUTH] }).trustedRoot()],
    ['a timestamp authority for code', new FakeSigstore({ tsaUsages: [CODE_SIGNING] }).trustedRoot()],
  ])('with %s is used without that part, and says so', (_, root) => {
    expect(problems(root)).toEqual(['trust-root-entry-unusable']);
  });

  test('of which every authority has expired says since when', () => {
    const old = new FakeSigstore({ caTo: minutes(60) });
    expect(problems(old.trustedRoot(), minutes(30))).toEqual([]);
    expect(read(old.trustedRoot())).toMatchObject({
      warnings: [
        { code: 'trust-root-expired', params: { kind: 'certificate authority', since: minutes(60).toISOString() } },
      ],
    });
  });

  test('that is anything else crashes nothing', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => 'problem' in readTrustRoot('x', bytes, LATER)));
    const paths = [
      ['tlogs', 0],
      ['tlogs', 0, 'publicKey'],
      ['tlogs', 0, 'logId', 'keyId'],
      ['ctlogs', 0, 'publicKey', 'rawBytes'],
      ['certificateAuthorities', 0, 'certChain'],
      ['timestampAuthorities', 0, 'certChain', 'certificates', 0],
      ['timestampAuthorities', 0, 'validFor', 'start'],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        const result = read(changed(path, value));
        if ('trustRoot' in result) trustMaterial(result.trustRoot);
      }),
    );
  });
});
