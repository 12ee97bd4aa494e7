import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeKeys, findKeys } from '../../src/pgp/describe-keys.ts';
import { KeyDescription } from '../../src/pgp/key-description.ts';
import { type KeyReference, parseKeyReference } from '../../src/pgp/key-reference.ts';
import { type Keyring, type KeyringForm, readKeyring } from '../../src/pgp/keyring.ts';
import {
  armor,
  boundSubkey,
  certification,
  FLAG,
  join,
  Key,
  keyRevocation,
  type Octets,
  packet,
  primaryKey,
  subkeyRevocation,
  subpackets as s,
  TAG,
  uint32,
  userId,
} from './workshop.ts';

const MADE = 1_600_000_000;
const now = new Date('2025-06-15T00:00:00Z');
const flags = s.keyFlags(FLAG.certify | FLAG.sign);
const self = { hashed: [s.created(MADE), flags] };

const first = new Key(MADE);
const second = new Key(MADE);
const subkey = new Key(MADE);
const keyOf = (key: Key, text: string, ...more: Octets[]): Octets =>
  join(primaryKey(key), userId(key, text, self), ...more);
const firstKey = keyOf(first, 'First <first@example.com>');
const secondKey = keyOf(second, 'Second');
const unsupportedKey = packet(TAG.publicKey, Uint8Array.of(4, ...uint32(MADE), 99, 0, 1, 1));
const secretKey = join(packet(5, join(first.body, Uint8Array.of(0, 0, 8, 1, 0, 1))), userId(first, 'First', self));

const idOf = (key: Key): string => key.hex.slice(24);
const armored = (...keys: Octets[]): Octets =>
  Buffer.from(keys.map((key) => armor('PGP PUBLIC KEY BLOCK', key)).join(''));
const entry = (name: string, bytes: Octets): { name: string; bytes: Octets } => ({ name, bytes });

function read(bytes: Octets, form: KeyringForm = 'files', name = idOf(first)): Promise<Keyring> {
  return readKeyring([entry(name, bytes)], form);
}

function fingerprints(keyring: Keyring): string[] {
  return keyring.keys.map(({ primary }) => primary.fingerprint);
}

function codes(keyring: Keyring): string[] {
  return keyring.faults.map(({ problem }) => problem.code);
}

function reference(text: string): KeyReference {
  const parsed = parseKeyReference(text);
  if ('problem' in parsed) throw new Error(text);
  return parsed.reference;
}

describe('a key ring file', () => {
  test.each([
    ['binary', join(firstKey, secondKey)],
    ['armored, in one block', armored(join(firstKey, secondKey))],
    ['armored, in several blocks', armored(firstKey, secondKey)],
    ['armored with CR LF', Buffer.from(Buffer.from(armored(firstKey, secondKey)).toString().replaceAll('\n', '\r\n'))],
    ['armored behind blank lines', join(Buffer.from('\n \n'), armored(firstKey, secondKey))],
  ])('that is %s gives its keys in order', async (_, bytes) => {
    const keyring = await read(bytes);
    expect(fingerprints(keyring)).toEqual([first.hex, second.hex]);
    expect(codes(keyring)).toEqual([]);
  });

  test('may hold private keys, of which only the public part is used', async () => {
    expect(fingerprints(await read(secretKey))).toEqual([first.hex]);
  });

  test.each([
    ['a key after an unsupported one', join(unsupportedKey, packet(TAG.userId, Buffer.from('u')), firstKey), true],
    ['a key before an unsupported one without subkeys', join(firstKey, unsupportedKey), true],
    [
      'not a key before an unsupported one with a subkey, as in Helm',
      join(firstKey, unsupportedKey, boundSubkey(second, subkey, self)),
      false,
    ],
    ['a key after one without a valid self-signature', join(primaryKey(second), firstKey), true],
    [
      'a key after a signature and a user ID that belong to none',
      join(certification(second, 'x', self), packet(TAG.userId, Buffer.from('u')), firstKey),
      true,
    ],
  ])('keeps %s', async (_, bytes, kept) => {
    const keyring = await read(bytes);
    expect(fingerprints(keyring)).toEqual(kept ? [first.hex] : []);
  });

  test('says which key an unsupported one has made unusable', async () => {
    const keyring = await read(join(firstKey, unsupportedKey, boundSubkey(second, subkey, self)));
    expect(keyring.faults[0]).toMatchObject({
      keyIds: [idOf(first), idOf(subkey)],
      problem: { code: 'keyring-key-unusable', params: { keyId: idOf(first) } },
    });
  });

  test.each([
    ['text', Buffer.from('hello'), 'keyring-entry-unreadable'],
    ['a truncated key', firstKey.subarray(0, -5), 'keyring-entry-unreadable'],
    ['a signature', Buffer.from(armor('PGP SIGNATURE', firstKey)), 'keyring-entry-unreadable'],
    ['octets behind its keys', join(firstKey, Buffer.from('garbage')), 'keyring-entry-unreadable'],
    ['an unknown critical packet', join(firstKey, packet(30, Buffer.from('x'))), 'keyring-entry-unreadable'],
    ['encrypted data', join(firstKey, packet(9, Buffer.from('x'))), 'keyring-entry-unreadable'],
    [
      'armor that is not base64',
      Buffer.from('-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n!!!!\n-----END PGP PUBLIC KEY BLOCK-----'),
      'keyring-entry-unreadable',
    ],
    ['armor without a key', armored(new Uint8Array()), 'keyring-entry-unreadable'],
    [
      'a keybox',
      join(Uint8Array.of(0, 0, 0, 32, 1, 1, 0, 2), Buffer.from('KBXf'), new Uint8Array(20)),
      'keyring-keybox',
    ],
    ['more than 1 MiB', new Uint8Array(1024 * 1024 + 1), 'keyring-entry-too-large'],
    ['more than 1000 keys', join(...Array.from({ length: 1_001 }, () => firstKey)), 'keyring-entry-unreadable'],
  ])('with %s gives no key and says why', async (_, bytes, code) => {
    const keyring = await read(bytes);
    expect(keyring.keys).toEqual([]);
    expect(codes(keyring)).toContain(code);
  });
});

describe('entries of argocd-gpg-keys-cm', () => {
  test('are read each for itself', async () => {
    const entries = [entry(idOf(first), armored(firstKey)), entry(idOf(second), Buffer.from('broken'))];
    const keyring = await readKeyring(entries, 'argocd');
    expect(fingerprints(keyring)).toEqual([first.hex]);
    expect(keyring.faults).toMatchObject([{ keyIds: [idOf(second)], problem: { code: 'keyring-entry-unreadable' } }]);
  });

  test.each([
    ['under another name', armored(firstKey), '0000000000000000', 'keyring-entry-misnamed'],
    ['with two keys', armored(join(firstKey, secondKey)), idOf(first), 'keyring-entry-several-keys'],
    ['with a key in each of two blocks', armored(firstKey, secondKey), idOf(first), 'keyring-entry-several-keys'],
    ['with a private key', secretKey, idOf(first), 'keyring-private-key'],
    [
      'with a key that is followed by an unusable one',
      join(firstKey, primaryKey(second)),
      idOf(first),
      'keyring-key-unusable',
    ],
    ['with an unsupported key', unsupportedKey, idOf(first), 'keyring-key-unusable'],
    ['that is empty', new Uint8Array(), idOf(first), 'keyring-entry-unreadable'],
  ])('%s are not used', async (_, bytes, name, code) => {
    const keyring = await read(bytes, 'argocd', name);
    expect(keyring.keys).toEqual([]);
    expect(codes(keyring)).toEqual([code]);
  });

  test('may have lower-case names, and text before the key as GnuPG allows it', async () => {
    const bytes = join(Buffer.from('Exported by somebody\n'), armored(firstKey));
    expect(fingerprints(await read(bytes, 'argocd', idOf(first).toLowerCase()))).toEqual([first.hex]);
  });
});

describe('the identity of a key ring', () => {
  test('is the same for the same entries in any order, and another for any other content, name or form', async () => {
    const entries = [entry(idOf(first), armored(firstKey)), entry(idOf(second), armored(secondKey))];
    const identity = async (list: typeof entries, form: KeyringForm = 'argocd'): Promise<string> =>
      (await readKeyring(list, form)).identity;
    const original = await identity(entries);
    expect(original).toMatch(/^[0-9a-f]{64}$/);
    expect(await identity(entries.toReversed())).toBe(original);
    expect(await identity(entries.slice(1))).not.toBe(original);
    expect(await identity(entries, 'files')).not.toBe(original);
    expect(await identity([entry('x', armored(firstKey)), ...entries.slice(1)])).not.toBe(original);
  });
});

describe('keys', () => {
  const certifyOnly = userId(first, 'Old name', { hashed: [s.created(MADE), s.keyFlags(FLAG.certify)] });
  const signing = {
    hashed: [s.created(MADE), s.keyFlags(FLAG.sign), s.keyLifetime(10)],
    backSignature: { hashed: [s.created(MADE)] },
  };
  const whole = join(
    primaryKey(first),
    certifyOnly,
    certification(first, 'Old name', { hashed: [s.created(MADE + 1)] }, 0x30),
    userId(first, 'New name', { hashed: [s.created(MADE), flags, s.keyLifetime(400_000_000)] }),
    boundSubkey(first, subkey, signing),
    boundSubkey(first, second, { hashed: [s.created(MADE), s.keyFlags(FLAG.encrypt)] }),
    subkeyRevocation(first, second, { hashed: [s.created(MADE + 1)] }),
  );

  test('are described from key ID to subkeys', async () => {
    const [described] = describeKeys(await read(whole, 'files', 'ring.gpg'), now);
    expect(KeyDescription.parse(described)).toEqual({
      fingerprint: first.hex,
      keyId: idOf(first),
      algorithm: 'Ed25519',
      createdAt: '2020-09-13T12:26:40.000Z',
      expiresAt: '2033-05-18T03:33:20.000Z',
      canSign: true,
      state: 'valid',
      entry: 'ring.gpg',
      userIds: [
        { userId: 'Old name', revoked: true },
        { userId: 'New name', revoked: false },
      ],
      subkeys: [
        {
          fingerprint: subkey.hex,
          keyId: idOf(subkey),
          algorithm: 'Ed25519',
          createdAt: '2020-09-13T12:26:40.000Z',
          expiresAt: '2020-09-13T12:26:50.000Z',
          canSign: true,
          state: 'expired',
        },
        {
          fingerprint: second.hex,
          keyId: idOf(second),
          algorithm: 'Ed25519',
          createdAt: '2020-09-13T12:26:40.000Z',
          expiresAt: null,
          canSign: false,
          state: 'revoked',
        },
      ],
    });
  });

  test('are described by their first copy, as it stands at the given time', async () => {
    const revoked = join(
      primaryKey(first),
      keyRevocation(first, { hashed: [s.created(1_700_000_000)] }),
      userId(first, 'x', self),
    );
    const keyring = await read(join(revoked, firstKey));
    const state = (time: string): (string | undefined)[] =>
      describeKeys(keyring, new Date(time)).map((key) => key.state);
    expect(state('2025-01-01T00:00:00Z')).toEqual(['revoked']);
    expect(state('2023-01-01T00:00:00Z')).toEqual(['valid']);
  });

  test.each([
    ['the fingerprint of the primary key', first.hex],
    ['its key ID', idOf(first)],
    ['the fingerprint of a subkey', subkey.hex],
    ['its key ID in lower case with 0x', `0x${idOf(subkey).toLowerCase()}`],
  ])('are found by %s', async (_, text) => {
    expect(findKeys(await read(whole), reference(text)).map(({ primary }) => primary.fingerprint)).toEqual([first.hex]);
  });

  test('are not found by what is none of theirs', async () => {
    expect(findKeys(await read(whole), reference('0'.repeat(40)))).toEqual([]);
  });
});

describe('any octets', () => {
  test('are a key ring or say why not', async () => {
    const pieces = [primaryKey(first), userId(first, 'x', self), boundSubkey(first, subkey, self), unsupportedKey];
    const part = fc.oneof(fc.constantFrom(...pieces), fc.uint8Array({ maxLength: 40 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 6 }),
        fc.constantFrom<KeyringForm>('argocd', 'files'),
        async (parts, form) => {
          const keyring = await read(join(...parts), form);
          expect(keyring.keys.length + keyring.faults.length).toBeGreaterThan(form === 'argocd' ? 0 : -1);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('that differ from a key in one bit are never another form of the same key with more rights', async () => {
    const plain = join(
      primaryKey(first),
      userId(first, 'x', { hashed: [s.created(MADE), s.keyFlags(FLAG.certify), s.keyLifetime(5)] }),
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(plain.length * 8 - 1), async (bit) => {
        const mutated = Uint8Array.from(plain);
        mutated[bit >> 3] = (mutated[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        for (const key of describeKeys(await read(mutated), now)) {
          expect(key).toMatchObject({ canSign: false, state: 'expired' });
        }
      }),
      { numRuns: 300 },
    );
  });
});
