import { keyIdOf, OctetReader, PacketFault, upperHex } from './octets.ts';
import type { Signature } from './signature.ts';

type Details = { -readonly [K in keyof Signature]: Signature[K] };

/** What the subpackets of a signature say (RFC 9580, section 5.2.3.7). */
export type Subpackets = Pick<
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

/** What a signature without any subpacket says. */
export function noSubpackets(): Subpackets {
  return {
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
}

export interface AreaContext {
  readonly into: Subpackets;
  readonly version: 4 | 6;
  readonly hashed: boolean;
  /** For signatures that are embedded in this one. */
  readonly readSignature: (body: Uint8Array) => Signature;
}

const PRIMARY_KEY_BINDING = 0x19;

/** Reads an area of subpackets; of the unhashed one only what names the issuer and back-signatures. */
export function readSubpackets(area: Uint8Array, context: AreaContext): void {
  const reader = new OctetReader(area);
  try {
    while (reader.remaining > 0) {
      const subpacket = reader.take(subpacketLength(reader));
      const [header] = subpacket;
      if (header === undefined) throw new PacketFault('structural', 'an empty signature subpacket');
      const type = header & 0x7f;
      if (!context.hashed && type !== ISSUER && type !== ISSUER_FINGERPRINT && type !== EMBEDDED_SIGNATURE) continue;
      readSubpacket(type, subpacket.subarray(1), { ...context, critical: header >= 0x80 });
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

interface SubpacketContext extends AreaContext {
  readonly critical: boolean;
}

function readSubpacket(type: number, body: Uint8Array, context: SubpacketContext): void {
  const { into, version, hashed, critical } = context;
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
      readEmbedded(body, context);
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

function readEmbedded(body: Uint8Array, { into, readSignature }: AreaContext): void {
  if (into.embedded !== null) throw new PacketFault('structural', 'more than one embedded signature');
  const embedded = readSignature(body);
  if (embedded.type !== PRIMARY_KEY_BINDING) malformed(EMBEDDED_SIGNATURE);
  into.embedded = embedded;
}

function readIssuerFingerprint(reader: OctetReader, into: Subpackets): void {
  const keyVersion = reader.uint(1);
  if (reader.remaining !== (keyVersion >= 5 ? 32 : 20)) malformed(ISSUER_FINGERPRINT);
  const fingerprint = reader.take(reader.remaining);
  into.issuerFingerprint = upperHex(fingerprint);
  into.issuerKeyId = keyIdOf(into.issuerFingerprint);
}

function malformed(type: number): never {
  throw new PacketFault('structural', `a malformed signature subpacket of type ${type}`);
}
