import { describe, expect, test } from 'vitest';
import { decodeClearSigned } from '../../src/pgp/clearsign.ts';
import { readKeyring } from '../../src/pgp/keyring.ts';
import { decideSignature, type SignatureDecision } from '../../src/pgp/signature-decision.ts';
import { HELM_RULES } from '../../src/verdict/strict-rules.ts';
import {
  boundSubkey,
  certification,
  clearSigned,
  FLAG,
  join,
  Key,
  keyRevocation,
  type Octets,
  packet,
  partialPacket,
  primaryKey,
  type SignatureOptions,
  subkeyRevocation,
  subpacket,
  subpackets as s,
  TAG,
  uint32,
  userId,
} from './workshop.ts';

const MADE = 1_600_000_000;
const SIGNED = 1_700_000_000;
const NOW = 1_750_000_000;
const LATER = NOW + 1_000;

const key = new Key(MADE);
const subkey = new Key(MADE);
const stranger = new Key(MADE);
const ID = 'Key <key@example.com>';
const flags = s.keyFlags(FLAG.certify | FLAG.sign);
const self = { hashed: [s.created(MADE), flags] };

const ring = (...parts: Octets[]): Octets => join(primaryKey(key), ...parts);
const certified = (...hashed: Octets[]): Octets => userId(key, ID, { hashed: [s.created(MADE), flags, ...hashed] });
const bound = (hashed: Octets[] = [], backSignature: SignatureOptions | null = { hashed: [s.created(MADE)] }): Octets =>
  boundSubkey(key, subkey, {
    hashed: [s.created(MADE), s.keyFlags(FLAG.sign), ...hashed],
    ...(backSignature === null ? {} : { backSignature }),
  });

type Signatures = (signed: Octets) => Octets;
const by =
  (signer: Key, options: Partial<SignatureOptions> = {}, type = 1): Signatures =>
  (signed) =>
    packet(TAG.signature, signer.signature(type, signed, { hashed: [s.created(SIGNED)], ...options }));
const several =
  (...signatures: Signatures[]): Signatures =>
  (signed) =>
    join(...signatures.map((make) => make(signed)));
const before =
  (first: Octets): Signatures =>
  (signed) =>
    join(first, by(key)(signed));

async function decide(ringOctets: Octets, signatures: Signatures, now = NOW): Promise<SignatureDecision> {
  const keyring = await readKeyring([{ name: 'ring', bytes: ringOctets }], 'files');
  const decoded = decodeClearSigned(clearSigned('name: x\n\n...\nfiles: {}', signatures));
  if (!('message' in decoded)) throw new Error(decoded.reason);
  return decideSignature({ message: decoded.message, keyring, now: new Date(now * 1000), rules: HELM_RULES });
}

function codes(decision: SignatureDecision): string[] {
  return decision.outcome === 'valid' ? ['valid'] : decision.problems.map(({ code }) => code);
}

/** Each was put to Helm 4.3.1, which accepts exactly those marked `valid`, but for the two at the end. */
const messages: readonly [string, Signatures, string][] = [
  ['a text signature', by(key), 'valid'],
  ['a binary signature', by(key, {}, 0), 'valid'],
  ['a standalone signature', by(key, {}, 2), 'signature-type-not-accepted'],
  ['a certification', by(key, {}, 0x13), 'signature-type-not-accepted'],
  ['no issuer', by(key, { unhashed: [] }), 'signature-unreadable'],
  [
    'an issuer among the hashed subpackets',
    by(key, { hashed: [s.created(SIGNED), s.issuer(key.keyId)], unhashed: [] }),
    'valid',
  ],
  [
    'only a fingerprint',
    by(key, { hashed: [s.created(SIGNED), s.issuerFingerprint(key.fingerprint)], unhashed: [] }),
    'valid',
  ],
  ['only a fingerprint, unhashed', by(key, { unhashed: [s.issuerFingerprint(key.fingerprint)] }), 'valid'],
  [
    'an unhashed issuer that contradicts the hashed one',
    by(key, { hashed: [s.created(SIGNED), s.issuer(key.keyId)], unhashed: [s.issuer(stranger.keyId)] }),
    'signature-unknown-key',
  ],
  [
    'a version 3 signature',
    () => packet(TAG.signature, Uint8Array.of(3, 5, 1, 0, 0, 0, 0)),
    'signature-form-not-accepted',
  ],
  ['a version 3 signature before a good one', before(packet(TAG.signature, Uint8Array.of(3, 5, 1))), 'valid'],
  [
    'a one-pass packet before it',
    before(packet(4, Uint8Array.of(3, 1, 10, 22, ...key.keyId, 1))),
    'signature-unreadable',
  ],
  ['a marker before it', before(packet(10, Buffer.from('PGP'))), 'valid'],
  ['a wrong marker before it', before(packet(10, Buffer.from('PGQ'))), 'signature-unreadable'],
  ['a trust packet before it', before(packet(12, Buffer.from('x'))), 'valid'],
  ['a private packet before it', before(packet(60, Buffer.from('x'))), 'valid'],
  ['an unknown critical packet before it', before(packet(30, Buffer.from('x'))), 'signature-unreadable'],
  ['padding before it', before(packet(21, Buffer.from('x'))), 'signature-unreadable'],
  ['a compressed packet', (signed) => packet(8, join(Uint8Array.of(0), by(key)(signed))), 'signature-unreadable'],
  [
    'partial lengths',
    (signed) => partialPacket(TAG.signature, key.signature(1, signed, { hashed: [s.created(SIGNED)] }), 5),
    'valid',
  ],
  ['no time', by(key, { hashed: [] }), 'signature-unreadable'],
  [
    'an unhashed time',
    by(key, { hashed: [], unhashed: [s.created(SIGNED), s.issuer(key.keyId)] }),
    'signature-unreadable',
  ],
  ['an unknown signer before it', several(by(stranger), by(key)), 'valid'],
  ['an unknown signer alone', by(stranger), 'signature-unknown-key'],
  [
    'octets behind an unknown signer',
    several(
      (signed) =>
        packet(TAG.signature, join(stranger.signature(1, signed, { hashed: [s.created(SIGNED)] }), Uint8Array.of(0))),
      by(key),
    ),
    'signature-unreadable',
  ],
  [
    'octets behind the signature that decides',
    (signed) =>
      packet(TAG.signature, join(key.signature(1, signed, { hashed: [s.created(SIGNED)] }), Uint8Array.of(0))),
    'valid',
  ],
  [
    'an unknown critical subpacket',
    by(key, { hashed: [s.created(SIGNED), subpacket(100, Uint8Array.of(1), true)] }),
    'signature-form-not-accepted',
  ],
  ['an unknown subpacket', by(key, { hashed: [s.created(SIGNED), subpacket(100, Uint8Array.of(1))] }), 'valid'],
  [
    'a critical "revocable"',
    by(key, { hashed: [s.created(SIGNED), subpacket(7, Uint8Array.of(1), true)] }),
    'signature-form-not-accepted',
  ],
  [
    'a critical intended recipient',
    by(key, { hashed: [s.created(SIGNED), subpacket(35, join(Uint8Array.of(4), key.fingerprint), true)] }),
    'valid',
  ],
  [
    'a designated revoker',
    by(key, { hashed: [s.created(SIGNED), subpacket(12, join(Uint8Array.of(0x80, 22), key.fingerprint))] }),
    'valid',
  ],
  [
    'not exportable',
    by(key, { hashed: [s.created(SIGNED), subpacket(4, Uint8Array.of(0))] }),
    'signature-form-not-accepted',
  ],
  [
    'a critical notation',
    by(key, { hashed: [s.created(SIGNED), s.notation('a@b', true)] }),
    'signature-critical-notation',
  ],
  ['a notation', by(key, { hashed: [s.created(SIGNED), s.notation('a@b', false)] }), 'valid'],
  ['a critical notation, unhashed', by(key, { unhashed: [s.notation('a@b', true), s.issuer(key.keyId)] }), 'valid'],
  ['a RIPEMD-160 digest', by(key, { hashId: 3 }), 'signature-form-not-accepted'],
  ['a RIPEMD-160 digest before a good one', several(by(key, { hashId: 3 }), by(key)), 'valid'],
  ['expired', by(key, { hashed: [s.created(SIGNED), s.lifetime(10)] }), 'signature-expired'],
  ['a lifetime of 0', by(key, { hashed: [s.created(SIGNED), s.lifetime(0)] }), 'valid'],
  ['dated in the future', by(key, { hashed: [s.created(LATER)] }), 'signature-in-future'],
  ['older than the key', by(key, { hashed: [s.created(MADE - 1_000)] }), 'valid'],
  ['a text that was changed', (signed) => by(key)(join(signed, Buffer.from('x'))), 'signature-invalid'],
  [
    'a bad signature before a good one of the same key',
    several((signed) => by(key)(join(signed, Buffer.from('x'))), by(key)),
    'signature-invalid',
  ],
  [
    'an expired signature before a good one',
    several(by(key, { hashed: [s.created(SIGNED), s.lifetime(1)] }), by(key)),
    'signature-expired',
  ],
  // Helm accepts these two.
  [
    'the fingerprint of another key',
    by(key, { hashed: [s.created(SIGNED), s.issuerFingerprint(stranger.fingerprint)] }),
    'signature-issuer-mismatch',
  ],
  ['SHA-1 by an EdDSA key', by(key, { hashId: 2 }), 'signature-digest-too-short'],
];

const certificationRevoked = (created: number): Octets =>
  certification(key, ID, { hashed: [s.created(created)] }, 0x30);

/** Each signed by the primary key, and put to Helm 4.3.1, which accepts exactly those marked `valid`. */
const rings: readonly [string, Octets, string][] = [
  ['no key flags', ring(userId(key, ID, { hashed: [s.created(MADE)] })), 'signature-key-not-for-signing'],
  [
    'unhashed key flags',
    ring(userId(key, ID, { hashed: [s.created(MADE)], unhashed: [s.issuer(key.keyId), flags] })),
    'signature-key-not-for-signing',
  ],
  [
    'flags for certifying alone',
    ring(userId(key, ID, { hashed: [s.created(MADE), s.keyFlags(FLAG.certify)] })),
    'signature-key-not-for-signing',
  ],
  ['expired', ring(certified(s.keyLifetime(100))), 'key-expired'],
  [
    'extended by a newer self-signature',
    ring(certified(s.keyLifetime(100)), certification(key, ID, { hashed: [s.created(SIGNED), flags] })),
    'valid',
  ],
  [
    'shortened by a newer self-signature',
    ring(certified(), certification(key, ID, { hashed: [s.created(SIGNED), flags, s.keyLifetime(100)] })),
    'key-expired',
  ],
  [
    'a second self-signature of the same second',
    ring(certified(), certification(key, ID, { hashed: [s.created(MADE), flags, s.keyLifetime(100)] })),
    'valid',
  ],
  [
    'a self-signature from the future',
    ring(userId(key, ID, { hashed: [s.created(LATER), flags] })),
    'key-self-signature-out-of-time',
  ],
  ['an expired self-signature', ring(certified(s.lifetime(10))), 'key-self-signature-out-of-time'],
  [
    'a critical notation in the self-signature',
    ring(certified(s.notation('a@b', true))),
    'signature-critical-notation',
  ],
  [
    'an expiry on the primary user ID',
    ring(userId(key, 'a', { hashed: [s.created(MADE), flags, s.keyLifetime(100), s.primaryUserId] }), certified()),
    'key-expired',
  ],
  [
    'an expiry on a user ID that is not primary',
    ring(certified(s.primaryUserId), userId(key, 'a', { hashed: [s.created(MADE), flags, s.keyLifetime(100)] })),
    'valid',
  ],
  [
    'an expiry on the newest of two user IDs',
    ring(certified(), userId(key, 'a', { hashed: [s.created(SIGNED), flags, s.keyLifetime(100)] })),
    'key-expired',
  ],
  ['a repeated user ID, the second expired', ring(certified(), certified(s.keyLifetime(100))), 'key-expired'],
  ['a repeated user ID, the first expired', ring(certified(s.keyLifetime(100)), certified()), 'valid'],
  ['the only user ID revoked', ring(certified(), certificationRevoked(SIGNED)), 'key-user-id-revoked'],
  [
    'a revoked user ID certified again',
    ring(certified(), certificationRevoked(MADE + 10), certification(key, ID, { hashed: [s.created(SIGNED), flags] })),
    'key-user-id-revoked',
  ],
  ['a user ID revoked in the future', ring(certified(), certificationRevoked(LATER)), 'valid'],
  [
    'a user ID that was only ever revoked',
    ring(packet(TAG.userId, Buffer.from(ID)), certificationRevoked(MADE)),
    'signature-key-not-for-signing',
  ],
  [
    'revoked',
    ring(keyRevocation(key, { hashed: [s.created(SIGNED), s.revocationReason(0)] }), certified()),
    'key-revoked',
  ],
  [
    'superseded',
    ring(keyRevocation(key, { hashed: [s.created(SIGNED), s.revocationReason(1)] }), certified()),
    'key-revoked',
  ],
  [
    'revoked in the future',
    ring(keyRevocation(key, { hashed: [s.created(LATER), s.revocationReason(0)] }), certified()),
    'valid',
  ],
  [
    'compromised in the future',
    ring(keyRevocation(key, { hashed: [s.created(LATER), s.revocationReason(2)] }), certified()),
    'key-revoked',
  ],
  [
    'a revocation that expired',
    ring(keyRevocation(key, { hashed: [s.created(MADE), s.lifetime(5)] }), certified()),
    'valid',
  ],
  [
    'revoked by another key',
    ring(keyRevocation(key, { hashed: [s.created(SIGNED)] }, stranger), certified()),
    'keyring-key-unusable',
  ],
  [
    'an expiry in a direct-key signature',
    ring(
      packet(TAG.signature, key.signature(0x1f, key.hashed, { hashed: [s.created(MADE), s.keyLifetime(100)] })),
      certified(),
    ),
    'valid',
  ],
  ['no user ID', ring(packet(TAG.signature, key.signature(0x1f, key.hashed, self))), 'keyring-key-unusable'],
  [
    'a user ID that only a stranger signed',
    ring(packet(TAG.userId, Buffer.from(ID)), certification(stranger, ID, self)),
    'keyring-key-unusable',
  ],
  [
    'a self-signature over another user ID',
    ring(packet(TAG.userId, Buffer.from(ID)), certification(key, 'other', self)),
    'keyring-key-unusable',
  ],
  ['an attestation on a user ID', ring(certified(), certification(key, ID, self, 0x16)), 'keyring-key-unusable'],
  [
    'a RIPEMD-160 self-signature beside a good one',
    ring(userId(key, 'a', { ...self, hashId: 3 }), certified()),
    'valid',
  ],
  [
    'a user attribute',
    ring(
      certified(),
      packet(17, Uint8Array.of(2, 100, 1)),
      packet(
        TAG.signature,
        key.signature(0x13, join(key.hashed, Uint8Array.of(0xd1), uint32(3), Uint8Array.of(2, 100, 1)), self),
      ),
    ),
    'valid',
  ],
  ['trust packets', ring(packet(12, Buffer.from('x')), certified(), packet(12, Buffer.from('x'))), 'valid'],
  ['a signing subkey without back-signature', ring(certified(), bound([], null)), 'keyring-key-unusable'],
  [
    'a revoked subkey',
    ring(certified(), bound(), subkeyRevocation(key, subkey, { hashed: [s.created(SIGNED)] })),
    'valid',
  ],
];

/** Each signed by the subkey, and put to Helm 4.3.1, which accepts exactly those marked `valid`. */
const subkeys: readonly [string, Octets, string][] = [
  ['good', ring(certified(), bound()), 'valid'],
  [
    'good, of a primary key that only certifies',
    ring(userId(key, ID, { hashed: [s.created(MADE), s.keyFlags(FLAG.certify)] }), bound()),
    'valid',
  ],
  ['of an expired primary key', ring(certified(s.keyLifetime(100)), bound()), 'key-expired'],
  [
    'of a revoked primary key',
    ring(keyRevocation(key, { hashed: [s.created(SIGNED)] }), certified(), bound()),
    'key-revoked',
  ],
  [
    'of a key whose user ID is revoked',
    ring(certified(), certificationRevoked(SIGNED), bound()),
    'key-user-id-revoked',
  ],
  ['expired', ring(certified(), bound([s.keyLifetime(100)])), 'key-subkey-expired'],
  ['without back-signature', ring(certified(), bound([], null)), 'keyring-key-unusable'],
  [
    'for encryption',
    ring(certified(), boundSubkey(key, subkey, { hashed: [s.created(MADE), s.keyFlags(FLAG.encrypt)] })),
    'signature-key-not-for-signing',
  ],
  [
    'without flags',
    ring(certified(), boundSubkey(key, subkey, { hashed: [s.created(MADE)] })),
    'signature-key-not-for-signing',
  ],
  [
    'with an expired back-signature',
    ring(certified(), bound([], { hashed: [s.created(MADE), s.lifetime(5)] })),
    'key-self-signature-out-of-time',
  ],
  [
    'with a back-signature from the future',
    ring(certified(), bound([], { hashed: [s.created(LATER)] })),
    'key-self-signature-out-of-time',
  ],
  [
    'with a back-signature that names no issuer',
    ring(certified(), bound([], { hashed: [s.created(MADE)], unhashed: [] })),
    'valid',
  ],
  [
    'with a critical notation in the back-signature',
    ring(certified(), bound([], { hashed: [s.created(MADE), s.notation('a@b', true)] })),
    'signature-critical-notation',
  ],
  ['with an expired binding', ring(certified(), bound([s.lifetime(5)])), 'key-self-signature-out-of-time'],
  [
    'revoked',
    ring(certified(), bound(), subkeyRevocation(key, subkey, { hashed: [s.created(SIGNED)] })),
    'key-subkey-revoked',
  ],
  [
    'superseded in the future',
    ring(certified(), bound(), subkeyRevocation(key, subkey, { hashed: [s.created(LATER), s.revocationReason(1)] })),
    'valid',
  ],
  [
    'revoked by a stranger',
    ring(
      certified(),
      bound(),
      packet(TAG.signature, stranger.signature(0x28, join(key.hashed, subkey.hashed), { hashed: [s.created(SIGNED)] })),
    ),
    'keyring-key-unusable',
  ],
];

/** Changes the two octets of the digest that a signature repeats without protection. */
const damaged: Signatures = (signed) => {
  const body = key.signature(1, signed, { hashed: [s.created(SIGNED)] });
  // Version to hash algorithm, the hashed area, the unhashed area: then two octets of the digest.
  const hashed = 6 + Buffer.from(body).readUInt16BE(4);
  const octet = hashed + 2 + Buffer.from(body).readUInt16BE(hashed);
  body[octet] = (body[octet] ?? 0) ^ 0xff;
  return packet(TAG.signature, body);
};

describe('a signature', () => {
  test.each(messages)('with %s', async (_, signatures, expected) => {
    expect(codes(await decide(ring(certified()), signatures))[0]).toBe(expected);
  });

  test.each(rings)('of a key with %s', async (_, octets, expected) => {
    expect(codes(await decide(octets, by(key)))[0]).toBe(expected);
  });

  test.each(subkeys)('of a subkey that is %s', async (_, octets, expected) => {
    expect(codes(await decide(octets, by(subkey)))[0]).toBe(expected);
  });

  test('of a key from the future is refused until then', async () => {
    const future = new Key(LATER);
    const octets = join(primaryKey(future), userId(future, ID, self));
    expect(codes(await decide(octets, by(future)))).toEqual(['key-not-yet-valid']);
    expect(codes(await decide(octets, by(future), LATER))).toEqual(['valid']);
  });

  test('is judged at the given time, to the second', async () => {
    const expiring = ring(certified(s.keyLifetime(NOW - MADE)));
    expect(codes(await decide(expiring, by(key), NOW))).toEqual(['valid']);
    expect(codes(await decide(expiring, by(key), NOW + 1))).toEqual(['key-expired']);
  });

  test('comes with its signer even where it is refused', async () => {
    const decision = await decide(ring(certified(s.keyLifetime(100)), bound()), by(subkey));
    expect(decision).toMatchObject({
      outcome: 'refused',
      genuine: true,
      signer: {
        fingerprint: key.hex,
        keyId: key.hex.slice(24),
        signingFingerprint: subkey.hex,
        signingKeyId: subkey.hex.slice(24),
        userIds: [ID],
        algorithm: 'Ed25519',
        hash: 'SHA-512',
        signedAt: '2023-11-14T22:13:20.000Z',
        expiresAt: new Date((MADE + 100) * 1000).toISOString(),
      },
    });
  });

  test('over another text is not genuine, whatever else stands against it', async () => {
    const decision = await decide(ring(certified(s.keyLifetime(100))), (signed) =>
      by(key)(join(signed, Uint8Array.of(0))),
    );
    expect(decision).toMatchObject({ outcome: 'refused', genuine: false });
    expect(codes(decision)).toEqual(['signature-invalid']);
  });

  test('names everything that stands against its key, revocation first', async () => {
    const octets = ring(keyRevocation(key, { hashed: [s.created(SIGNED)] }), certified(s.keyLifetime(100)));
    expect(codes(await decide(octets, by(key)))).toEqual(['key-revoked', 'key-expired']);
  });

  test('lists the others', async () => {
    const decision = await decide(ring(certified()), several(by(stranger), by(key), by(stranger)));
    expect(decision.others).toHaveLength(2);
    expect(decision.others[0]).toMatchObject({ keyId: stranger.hex.slice(24), hash: 'SHA-512' });
  });

  test('counts by the first copy of a key that is in the ring twice', async () => {
    const [stale, fresh] = [ring(certified(s.keyLifetime(100))), ring(certified())];
    expect(codes(await decide(join(fresh, stale), by(key)))).toEqual(['valid']);
    expect(codes(await decide(join(stale, fresh), by(key)))).toEqual(['key-expired']);
  });

  test('under a key ID that two keys share is refused, though one of them made it', async () => {
    const keyring = await readKeyring([{ name: 'ring', bytes: ring(certified()) }], 'files');
    const [real] = keyring.keys;
    if (real === undefined) throw new Error('no key');
    const double = { ...real, primary: { ...real.primary, fingerprint: stranger.hex } };
    const decoded = decodeClearSigned(clearSigned('x', by(key)));
    if (!('message' in decoded)) throw new Error(decoded.reason);
    const decision = await decideSignature({
      message: decoded.message,
      keyring: { ...keyring, keys: [real, double] },
      now: new Date(NOW * 1000),
      rules: HELM_RULES,
    });
    expect(codes(decision)).toEqual(['signature-key-id-collision']);
  });

  test('with wrong check octets is refused as damaged, not as forged', async () => {
    expect(codes(await decide(ring(certified()), damaged))).toEqual(['signature-check-octets-differ']);
  });
});
