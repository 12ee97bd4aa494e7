import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/**
 * Makes OpenPGP keys, signatures and clear-signed messages octet by octet, so that tests can also make those that no
 * program makes. Keys are Ed25519 (legacy algorithm 22) of version 4.
 */

export type Octets = Uint8Array;

const octets = (...values: readonly number[]): Octets => Uint8Array.of(...values);
const join = (...parts: readonly Octets[]): Octets => new Uint8Array(Buffer.concat(parts));
const uint16 = (value: number): Octets => octets(value >> 8, value & 0xff);
export const uint32 = (value: number): Octets =>
  octets(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);

function mpi(value: Octets): Octets {
  const first = value.findIndex((octet) => octet !== 0);
  const magnitude = first < 0 ? new Uint8Array() : value.subarray(first);
  const bits = magnitude.length === 0 ? 0 : (magnitude.length - 1) * 8 + 32 - Math.clz32(magnitude[0] ?? 0);
  return join(uint16(bits), magnitude);
}

/** A packet with a new-format header (RFC 9580, section 4.2.1). */
export function packet(tag: number, body: Octets): Octets {
  return join(octets(0xc0 | tag, 255), uint32(body.length), body);
}

/** A packet whose body comes in partial lengths of 2^`power` octets. */
export function partialPacket(tag: number, body: Octets, power: number): Octets {
  const parts: Octets[] = [octets(0xc0 | tag)];
  let rest = body;
  for (; rest.length > 2 ** power; rest = rest.subarray(2 ** power)) {
    parts.push(octets(224 + power), rest.subarray(0, 2 ** power));
  }
  return join(...parts, octets(255), uint32(rest.length), rest);
}

export const TAG = { signature: 2, publicKey: 6, userId: 13, publicSubkey: 14 } as const;

/** A subpacket of a signature (RFC 9580, section 5.2.3.7). */
export function subpacket(type: number, body: Octets, critical = false): Octets {
  return join(octets(255), uint32(body.length + 1), octets(type | (critical ? 0x80 : 0)), body);
}

export const subpackets = {
  created: (seconds: number): Octets => subpacket(2, uint32(seconds)),
  lifetime: (seconds: number): Octets => subpacket(3, uint32(seconds)),
  keyLifetime: (seconds: number): Octets => subpacket(9, uint32(seconds)),
  issuer: (keyId: Octets): Octets => subpacket(16, keyId),
  primaryUserId: subpacket(25, octets(1)),
  keyFlags: (flags: number): Octets => subpacket(27, octets(flags)),
  revocationReason: (reason: number): Octets => subpacket(29, octets(reason)),
  embedded: (signature: Octets): Octets => subpacket(32, signature),
  issuerFingerprint: (fingerprint: Octets): Octets => subpacket(33, join(octets(4), fingerprint)),
  notation: (name: string, critical: boolean): Octets =>
    subpacket(20, join(octets(0x80, 0, 0, 0), uint16(name.length), uint16(1), Buffer.from(`${name}x`)), critical),
};

export const FLAG = { certify: 1, sign: 2, encrypt: 12 } as const;

export class Key {
  readonly body: Octets;
  readonly fingerprint: Octets;
  readonly keyId: Octets;
  readonly created: number;
  readonly #private: KeyObject;

  constructor(created: number) {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.created = created;
    this.#private = privateKey;
    const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    const oid = octets(9, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01);
    this.body = join(octets(4), uint32(created), octets(22), oid, mpi(join(octets(0x40), point)));
    this.fingerprint = createHash('sha1').update(this.hashed).digest();
    this.keyId = this.fingerprint.subarray(12);
  }

  get hex(): string {
    return Buffer.from(this.fingerprint).toString('hex').toUpperCase();
  }

  /** What signatures about this key hash. */
  get hashed(): Octets {
    return join(octets(0x99), uint16(this.body.length), this.body);
  }

  /** The body of a version 4 signature packet over `signed`. */
  signature(type: number, signed: Octets, options: SignatureOptions): Octets {
    const hashedArea = join(...options.hashed);
    const unhashedArea = join(...(options.unhashed ?? [subpackets.issuer(this.keyId)]));
    const hashId = options.hashId ?? 10;
    const part = join(octets(4, type, 22, hashId), uint16(hashedArea.length), hashedArea);
    const algorithm = { 2: 'sha1', 3: 'ripemd160', 8: 'sha256', 10: 'sha512' }[hashId] ?? 'sha512';
    const digest = createHash(algorithm)
      .update(join(signed, part, octets(4, 0xff), uint32(part.length)))
      .digest();
    const raw = sign(null, digest, this.#private);
    return join(
      part,
      uint16(unhashedArea.length),
      unhashedArea,
      digest.subarray(0, 2),
      mpi(raw.subarray(0, 32)),
      mpi(raw.subarray(32)),
    );
  }
}

export interface SignatureOptions {
  /** Hashed subpackets. */
  readonly hashed: readonly Octets[];
  /** Unhashed subpackets; by default the issuer's key ID. */
  readonly unhashed?: readonly Octets[];
  readonly hashId?: number;
}

/** A user ID with its certification by `key`. */
export function userId(key: Key, text: string, options: SignatureOptions, type = 0x13): Octets {
  return join(packet(TAG.userId, Buffer.from(text)), certification(key, text, options, type));
}

export function certification(key: Key, text: string, options: SignatureOptions, type = 0x13): Octets {
  const id = Buffer.from(text);
  const signed = join(key.hashed, octets(0xb4), uint32(id.length), id);
  return packet(TAG.signature, key.signature(type, signed, options));
}

export interface SubkeyOptions extends SignatureOptions {
  readonly backSignature?: SignatureOptions;
}

/** A subkey with its binding, and a back-signature if there are options for it. */
export function boundSubkey(primary: Key, subkey: Key, options: SubkeyOptions): Octets {
  const signed = join(primary.hashed, subkey.hashed);
  const back = options.backSignature === undefined ? [] : [subkey.signature(0x19, signed, options.backSignature)];
  const hashed = [...options.hashed, ...back.map(subpackets.embedded)];
  return join(
    packet(TAG.publicSubkey, subkey.body),
    packet(TAG.signature, primary.signature(0x18, signed, { ...options, hashed })),
  );
}

export function subkeyRevocation(primary: Key, subkey: Key, options: SignatureOptions): Octets {
  return packet(TAG.signature, primary.signature(0x28, join(primary.hashed, subkey.hashed), options));
}

/** A revocation of `key` by itself or by `revoker`. */
export function keyRevocation(key: Key, options: SignatureOptions, revoker = key): Octets {
  return packet(TAG.signature, revoker.signature(0x20, key.hashed, options));
}

export function primaryKey(key: Key): Octets {
  return packet(TAG.publicKey, key.body);
}

export { join };

export function armor(type: string, data: Octets): string {
  const lines =
    Buffer.from(data)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${type}-----`, '', ...lines, `-----END ${type}-----`, ''].join('\n');
}

/** A clear-signed message with the packets that `signatures` makes over its text. */
export function clearSigned(text: string, signatures: (signed: Octets) => Octets): Octets {
  const lines = text.split('\n').map((line) => line.replace(/[ \t]+$/, ''));
  const signed = Buffer.from(lines.join('\r\n'));
  const escaped = lines.map((line) => (line.startsWith('-') ? `- ${line}` : line)).join('\n');
  const head = '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n';
  return Buffer.from(`${head}${escaped}\n${armor('PGP SIGNATURE', signatures(signed))}`);
}
