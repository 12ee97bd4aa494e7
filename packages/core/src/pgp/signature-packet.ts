import { OctetReader, PacketFault, upperHex } from './octets.ts';

/** Signature types (RFC 9580, section 5.2.1) that this project distinguishes. */
export const SIGNATURE_TYPE = {
  binary: 0x00,
  text: 0x01,
  certifications: [0x10, 0x11, 0x12, 0x13],
  subkeyBinding: 0x18,
  primaryKeyBinding: 0x19,
  directKey: 0x1f,
  keyRevocation: 0x20,
  subkeyRevocation: 0x28,
  certificationRevocation: 0x30,
} as const;

/** Digest algorithms that Helm's library takes, by their number (RFC 9580, section 9.5). */
export const DIGESTS: ReadonlyMap<number, string> = new Map([
  [2, 'SHA-1'],
  [8, 'SHA-256'],
  [9, 'SHA-384'],
  [10, 'SHA-512'],
  [11, 'SHA-224'],
  [12, 'SHA3-256'],
  [14, 'SHA3-512'],
]);

const OTHER_DIGESTS: ReadonlyMap<number, string> = new Map([
  [1, 'MD5'],
  [3, 'RIPEMD-160'],
]);

const SALT_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['SHA-224', 16],
  ['SHA-256', 16],
  ['SHA-384', 24],
  ['SHA-512', 32],
  ['SHA3-256', 16],
  ['SHA3-512', 32],
]);

/** Signature algorithms that Helm's library parses: RSA, DSA, ECDSA, EdDSA (legacy), Ed25519, Ed448. */
const SIGNING_ALGORITHMS = new Set([1, 3, 17, 19, 22, 27, 28]);

/** What a signature packet (RFC 9580, section 5.2) says; only hashed subpackets count, but for who issued it. */
export interface Signature {
  readonly version: 4 | 6;
  readonly type: number;
  readonly algorithm: number;
  readonly digest: string;
  /** Seconds since 1970, as all times here. */
  readonly created: number;
  /** Seconds after `created`; 0: never expires. */
  readonly lifetime: number;
  /** Seconds after the creation of the key that it is about; 0: never expires. */
  readonly keyLifetime: number;
  /** 16 upper-case hex digits; the last subpacket that names an issuer counts, hashed or not. */
  readonly issuerKeyId: string | null;
  readonly issuerFingerprint: string | null;
  readonly primaryUserId: boolean;
  /** First octet of the key flags; null where there are none. */
  readonly keyFlags: number | null;
  readonly criticalNotations: readonly string[];
  readonly revocationReason: number | null;
  /** The back-signature of a signing subkey (type 0x19). */
  readonly embedded: Signature | null;
  /** From the version to the end of the hashed subpackets: what is hashed behind the signed data. */
  readonly hashedPart: Uint8Array;
  /** The first two octets of the digest, not authenticated. */
  readonly digestPrefix: Uint8Array;
  /** v6 only. */
  readonly salt: Uint8Array;
  /** Algorithm-specific integers, up to the last one. */
  readonly material: Uint8Array;
  /** Octets behind the material, within the packet. */
  readonly trailing: number;
}

type Details = { -readonly [K in keyof Signature]: Signature[K] };
type Subpackets = Pick<
  Details,
  | 'lifetime'
  | 'keyLifetime'
  | 'issuerKeyId'
  | 'issuerFingerprint'
  | 'primaryUserId'
  | 'keyFlags'
  | 'revocationReason'
  | 'embedded'
> & { created: number | null; criticalNotations: string[] };

/**
 * Reads the body of a signature packet by the rules of github.com/ProtonMail/go-crypto 1.4.1
 * (`packet.Signature.parse`), the library of Helm 4.3: what is `unsupported` there is here.
 */
export function readSignature(body: Uint8Array): Signature {
  const reader = new OctetReader(body);
  const version = reader.uint(1);
  if (version !== 4 && version !== 6) throw new PacketFault('unsupported', `a version ${version} signature`);
  const type = reader.uint(1);
  const algorithm = reader.uint(1);
  const digestId = reader.uint(1);
  if (!SIGNING_ALGORITHMS.has(algorithm)) throw new PacketFault('unsupported', `signature algorithm ${algorithm}`);
  const digest = DIGESTS.get(digestId);
  if (digest === undefined || (version === 6 && digest === 'SHA-1')) {
    throw new PacketFault('unsupported', `a ${digest ?? OTHER_DIGESTS.get(digestId) ?? `number ${digestId}`} digest`);
  }
  const subpackets: Subpackets = {
    created: null,
    lifetime: 0,
    keyLifetime: 0,
    issuerKeyId: null,
    issuerFingerprint: null,
    primaryUserId: false,
    keyFlags: null,
    criticalNotations: [],
    revocationReason: null,
    embedded: null,
  };
  const lengthOctets = version === 6 ? 4 : 2;
  readSubpackets(reader.take(reader.uint(lengthOctets)), subpackets, version, true);
  const hashedPart = reader.read();
  const { created } = subpackets;
  if (created === null) throw new PacketFault('structural', 'a signature without a time');
  readSubpackets(reader.take(reader.uint(lengthOctets)), subpackets, version, false);
  const digestPrefix = reader.take(2);
  const salt = version === 6 ? reader.take(reader.uint(1)) : new Uint8Array();
  if (version === 6 && salt.length !== SALT_LENGTHS.get(digest)) throw new PacketFault('structural', 'a wrong salt');
  const material = reader.take(materialLength(body.subarray(reader.position), algorithm));
  const trailing = reader.remaining;
  return {
    ...subpackets,
    version,
    type,
    algorithm,
    digest,
    created,
    hashedPart,
    digestPrefix,
    salt,
    material,
    trailing,
  };
}

function materialLength(octets: Uint8Array, algorithm: number): number {
  if (algorithm === 27) return 64;
  if (algorithm === 28) return 114;
  const reader = new OctetReader(octets);
  reader.mpi();
  if (algorithm !== 1 && algorithm !== 3) reader.mpi();
  return reader.position;
}

function readSubpackets(area: Uint8Array, into: Subpackets, version: 4 | 6, hashed: boolean): void {
  const reader = new OctetReader(area);
  try {
    while (reader.remaining > 0) {
      const subpacket = reader.take(subpacketLength(reader));
      const [header] = subpacket;
      if (header === undefined) throw new PacketFault('structural', 'an empty signature subpacket');
      const type = header & 0x7f;
      if (!hashed && type !== ISSUER && type !== ISSUER_FINGERPRINT && type !== EMBEDDED_SIGNATURE) continue;
      readSubpacket(type, subpacket.subarray(1), { into, version, hashed, critical: header >= 0x80 });
    }
  } catch (fault) {
    // Running out of octets within an area, or within an embedded signature, is Go's "subpacket truncated".
    if (fault instanceof PacketFault && fault.kind === 'truncated') {
      throw new PacketFault('structural', 'a truncated signature subpacket');
    }
    throw fault;
  }
}

function subpacketLength(reader: OctetReader): number {
  const first = reader.uint(1);
  if (first < 192) return first;
  if (first < 255) return (first - 192) * 256 + reader.uint(1) + 192;
  return reader.uint(4);
}

const ISSUER = 16;
const EMBEDDED_SIGNATURE = 32;
const ISSUER_FINGERPRINT = 33;

/** Lengths of the subpackets that have a fixed one. */
const FIXED_LENGTHS: ReadonlyMap<number, number> = new Map([
  [2, 4],
  [3, 4],
  [5, 2],
  [9, 4],
  [ISSUER, 8],
  [25, 1],
]);

/** Subpackets without a say in whether a signature counts: preferences, features, addresses of documents. */
const UNINTERESTING = new Set([5, 11, 21, 22, 23, 24, 26, 28, 30]);

interface SubpacketContext {
  readonly into: Subpackets;
  readonly version: 4 | 6;
  readonly hashed: boolean;
  readonly critical: boolean;
}

function readSubpacket(type: number, body: Uint8Array, { into, version, hashed, critical }: SubpacketContext): void {
  const reader = new OctetReader(body);
  const expected = FIXED_LENGTHS.get(type);
  if (expected !== undefined && body.length !== expected) malformed(type);
  switch (type) {
    case 2:
      into.created = reader.uint(4);
      return;
    case 3:
      into.lifetime = reader.uint(4);
      return;
    case 4:
      if (reader.uint(1) === 0) throw new PacketFault('unsupported', 'a signature that is not exportable');
      return;
    case 6:
      if (body.at(-1) !== 0) malformed(type);
      return;
    case 9:
      into.keyLifetime = reader.uint(4);
      return;
    case ISSUER:
      if (version === 4) into.issuerKeyId = upperHex(body);
      else if (hashed) malformed(type);
      return;
    case 20:
      readNotation(reader, into, critical);
      return;
    case 25:
      into.primaryUserId = reader.uint(1) > 0;
      return;
    case 27:
      into.keyFlags = (into.keyFlags ?? 0) | (body[0] ?? 0);
      return;
    case 29:
      into.revocationReason = reader.uint(1);
      return;
    case EMBEDDED_SIGNATURE:
      readEmbedded(body, into);
      return;
    case ISSUER_FINGERPRINT:
      readIssuerFingerprint(reader, into);
      return;
    case 35:
      if (body.length !== ((body[0] ?? 0) >= 5 ? 33 : 21)) malformed(type);
      return;
    case 39:
      if (body.length % 2 !== 0) malformed(type);
      return;
    default:
      if (critical && !UNINTERESTING.has(type)) {
        throw new PacketFault('unsupported', `an unknown critical subpacket of type ${type}`);
      }
  }
}

function readNotation(reader: OctetReader, into: Subpackets, critical: boolean): void {
  reader.take(4);
  const nameLength = reader.uint(2);
  const valueLength = reader.uint(2);
  if (reader.remaining !== nameLength + valueLength) malformed(20);
  const name = reader.take(nameLength);
  if (critical) into.criticalNotations.push(new TextDecoder().decode(name));
}

function readEmbedded(body: Uint8Array, into: Subpackets): void {
  if (into.embedded !== null) throw new PacketFault('structural', 'more than one embedded signature');
  const embedded = readSignature(body);
  if (embedded.type !== SIGNATURE_TYPE.primaryKeyBinding) malformed(EMBEDDED_SIGNATURE);
  into.embedded = embedded;
}

function readIssuerFingerprint(reader: OctetReader, into: Subpackets): void {
  const keyVersion = reader.uint(1);
  if (reader.remaining !== (keyVersion >= 5 ? 32 : 20)) malformed(ISSUER_FINGERPRINT);
  const fingerprint = reader.take(reader.remaining);
  into.issuerFingerprint = upperHex(fingerprint);
  into.issuerKeyId = keyIdOf(into.issuerFingerprint);
}

/** The key ID of a fingerprint: its last 64 bits up to v4 (20 octets), its first from v5 on (32 octets). */
export function keyIdOf(fingerprint: string): string {
  return fingerprint.length === 40 ? fingerprint.slice(24) : fingerprint.slice(0, 16);
}

function malformed(type: number): never {
  throw new PacketFault('structural', `a malformed signature subpacket of type ${type}`);
}

/** Whether a signature is out of its time at `now` (seconds): made later, or expired. */
export function isOutOfTime(signature: Signature, now: number): boolean {
  if (signature.created > now) return true;
  return signature.lifetime !== 0 && now > signature.created + signature.lifetime;
}
