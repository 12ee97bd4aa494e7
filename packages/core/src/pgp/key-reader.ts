import { matchSignature } from './cryptography.ts';
import { hashedKey, type KeyMaterial, readKeyMaterial } from './key-packet.ts';
import { concat, OctetReader, PacketFault, uint32 } from './octets.ts';
import { nextPacket, type RawPacket, TAG } from './packets.ts';
import { hasSigningFlag, type PgpKey, type Subkey, type UserId } from './pgp-key.ts';
import { readSignature, type Signature, SIGNATURE_TYPE } from './signature-packet.ts';

/** A key that is in the data and can't be used. */
export interface UnusableKey {
  /** null: not even that could be read. */
  readonly keyId: string | null;
  readonly reason: string;
}

export interface KeysRead {
  readonly keys: readonly PgpKey[];
  readonly unusable: readonly UnusableKey[];
  /** Why reading was given up, in which case there are no keys at all; null: it was not. */
  readonly fault: string | null;
}

type KeyPacket = {
  readonly kind: 'key';
  readonly material: KeyMaterial;
  readonly subkey: boolean;
  readonly secret: boolean;
};
type SignaturePacket = { readonly kind: 'signature'; readonly signature: Signature };
type Packet =
  KeyPacket | SignaturePacket | { readonly kind: 'user-id'; readonly octets: Uint8Array } | { readonly kind: 'other' };

/**
 * Reads keys one after the other as go-crypto 1.4.1 does for Helm 4.3 (`openpgp.ReadKeyRing`), with what that implies:
 * an unsupported key after a good one leaves its subkeys to that one, which is then unusable; a key with a wrong
 * self-signature or a revocation by somebody else is unusable; data that breaks off makes all of it unusable.
 */
export async function readKeys(octets: Uint8Array, maxKeys: number): Promise<KeysRead> {
  const packets = new PacketStream(octets);
  const keys: PgpKey[] = [];
  const unusable: UnusableKey[] = [];
  try {
    for (;;) {
      const reader = new KeyReader(packets);
      try {
        const key = await reader.read();
        if (key === null) break;
        keys.push(key);
        if (keys.length > maxKeys) return { keys: [], unusable, fault: `there are more than ${maxKeys} keys` };
      } catch (fault) {
        if (!(fault instanceof PacketFault) || fault.kind !== 'structural') throw fault;
        unusable.push({ keyId: reader.keyId, reason: reasonOf(fault, reader.keyId, packets.skippedPrimary) });
        if (!packets.skipToPublicKey()) break;
      } finally {
        packets.skippedPrimary = null;
      }
    }
    return { keys, unusable, fault: null };
  } catch (fault) {
    if (fault instanceof PacketFault) return { keys: [], unusable, fault: fault.message };
    throw fault;
  }
}

/** An unsupported primary key that was skipped is the cause of what is wrong with the rest, or with the key before it. */
function reasonOf(fault: PacketFault, keyId: string | null, skippedPrimary: string | null): string {
  if (skippedPrimary === null) return fault.message;
  return keyId === null ? skippedPrimary : `the key that follows it is not supported (${skippedPrimary})`;
}

class PacketStream {
  readonly #reader: OctetReader;
  #unread: Packet | null = null;
  /** What was wrong with a primary key that was skipped since this was last null. */
  skippedPrimary: string | null = null;

  constructor(octets: Uint8Array) {
    this.#reader = new OctetReader(octets);
  }

  /** The next packet that is supported; null at the end. */
  next(): Packet | null {
    if (this.#unread !== null) {
      const packet = this.#unread;
      this.#unread = null;
      return packet;
    }
    for (;;) {
      const raw = nextPacket(this.#reader);
      if (raw === null) return null;
      try {
        return readPacket(raw);
      } catch (fault) {
        if (!(fault instanceof PacketFault) || fault.kind !== 'unsupported') throw fault;
        if (raw.tag === TAG.publicKey || raw.tag === TAG.secretKey) this.skippedPrimary = fault.message;
      }
    }
  }

  unread(packet: Packet): void {
    this.#unread = packet;
  }

  /** The next packet if it is a signature. */
  nextSignature(): Signature | null {
    const packet = this.next();
    if (packet === null) return null;
    if (packet.kind === 'signature') return packet.signature;
    this.unread(packet);
    return null;
  }

  skipToPublicKey(): boolean {
    for (let packet = this.next(); packet !== null; packet = this.next()) {
      if (packet.kind === 'key' && !packet.subkey && !packet.secret) {
        this.unread(packet);
        return true;
      }
    }
    return false;
  }
}

function readPacket({ tag, body, complete }: RawPacket): Packet {
  switch (tag) {
    case TAG.publicKey:
    case TAG.publicSubkey:
    case TAG.secretKey:
    case TAG.secretSubkey: {
      const secret = tag === TAG.secretKey || tag === TAG.secretSubkey;
      const subkey = tag === TAG.publicSubkey || tag === TAG.secretSubkey;
      return { kind: 'key', material: readKeyMaterial(body, secret), subkey, secret };
    }
    case TAG.signature: {
      const signature = readSignature(body);
      if (signature.trailing > 0) throw new PacketFault('structural', 'there are octets behind a signature');
      return { kind: 'signature', signature };
    }
    case TAG.userId:
      if (!complete) throw new PacketFault('truncated', 'the data ends in the middle of a packet');
      return { kind: 'user-id', octets: body };
    default:
      return { kind: 'other' };
  }
}

/** Reads one key with all that belongs to it (`openpgp.ReadEntity`). */
class KeyReader {
  readonly #packets: PacketStream;
  keyId: string | null = null;

  constructor(packets: PacketStream) {
    this.#packets = packets;
  }

  async read(): Promise<PgpKey | null> {
    const first = this.#packets.next();
    if (first === null) return null;
    if (first.kind !== 'key' || first.subkey) {
      this.#packets.unread(first);
      throw structural('the data does not begin with a primary key');
    }
    const primary = first.material;
    this.keyId = primary.keyId;
    if (!primary.canSign) throw structural('its primary key cannot sign');
    const userIds = new Map<string, UserId>();
    const subkeys: Subkey[] = [];
    const revocations: Signature[] = [];
    const directSignatures: Signature[] = [];
    for (;;) {
      const packet = this.#packets.next();
      if (packet === null) break;
      if (packet.kind === 'user-id') await this.#readUserId(primary, packet.octets, userIds);
      else if (packet.kind === 'signature') {
        if (packet.signature.type === SIGNATURE_TYPE.keyRevocation) revocations.push(packet.signature);
        if (packet.signature.type === SIGNATURE_TYPE.directKey) directSignatures.push(packet.signature);
      } else if (packet.kind === 'key') {
        if (!packet.subkey) {
          this.#packets.unread(packet);
          break;
        }
        subkeys.push(await this.#readSubkey(primary, packet.material));
      }
    }
    if (userIds.size === 0 && primary.version === 4) throw structural('it has no user ID that it signed');
    const directSignature = primary.version === 6 ? await mainDirectSignature(primary, directSignatures) : null;
    for (const revocation of revocations) {
      if (!(await holds(primary, revocation, hashedKey(primary.body, primary.version)))) {
        throw structural('it was revoked by a signature of another key');
      }
    }
    return { primary, secret: first.secret, userIds: [...userIds.values()], subkeys, revocations, directSignature };
  }

  async #readUserId(primary: KeyMaterial, octets: Uint8Array, into: Map<string, UserId>): Promise<void> {
    let selfSignature: Signature | null = null;
    const revocations: Signature[] = [];
    let signature = this.#packets.nextSignature();
    for (; signature !== null; signature = this.#packets.nextSignature()) {
      const revokes = signature.type === SIGNATURE_TYPE.certificationRevocation;
      if (!revokes && !isCertification(signature.type)) throw structural('a user ID has a signature of a wrong type');
      if (!isIssuedBy(signature, primary)) continue;
      if (!(await holds(primary, signature, hashedUserId(primary, octets)))) {
        throw structural('the self-signature of a user ID is invalid');
      }
      if (revokes) revocations.push(signature);
      else if (selfSignature === null || signature.created > selfSignature.created) selfSignature = signature;
    }
    // A later packet with the same user ID takes the earlier one's place.
    if (selfSignature !== null || revocations.length > 0) {
      into.set(Buffer.from(octets).toString('latin1'), { text: userIdText(octets), selfSignature, revocations });
    }
  }

  async #readSubkey(primary: KeyMaterial, material: KeyMaterial): Promise<Subkey> {
    let binding: Signature | null = null;
    const revocations: Signature[] = [];
    const signed = concat(hashedKey(primary.body, primary.version), hashedKey(material.body, primary.version));
    for (let signature = this.#subkeySignature(); signature !== null; signature = this.#subkeySignature()) {
      const revokes = signature.type === SIGNATURE_TYPE.subkeyRevocation;
      if (!revokes && signature.type !== SIGNATURE_TYPE.subkeyBinding) {
        throw structural('a subkey has a signature of a wrong type');
      }
      if (!(await holds(primary, signature, signed))) throw structural('the signature that binds a subkey is invalid');
      if (hasSigningFlag(signature)) await requireBackSignature(material, signature, signed);
      if (revokes) revocations.push(signature);
      else if (binding === null || signature.created > binding.created) binding = signature;
    }
    if (binding === null) throw structural('a subkey is not bound by a signature');
    return { material, binding, revocations };
  }

  /** While a subkey is read, go-crypto blames any fault on the key alone. */
  #subkeySignature(): Signature | null {
    try {
      return this.#packets.nextSignature();
    } catch (fault) {
      throw fault instanceof PacketFault ? structural(fault.message) : fault;
    }
  }
}

/** Without it a key could claim another's signing subkey as its own (RFC 9580, section 10.1.1). */
async function requireBackSignature(subkey: KeyMaterial, binding: Signature, signed: Uint8Array): Promise<void> {
  if (binding.embedded === null) throw structural('a signing subkey has no signature back to its primary key');
  if (!(await holds(subkey, binding.embedded, signed))) {
    throw structural('the signature of a signing subkey back to its primary key is invalid');
  }
}

async function mainDirectSignature(primary: KeyMaterial, signatures: readonly Signature[]): Promise<Signature> {
  let main: Signature | null = null;
  for (const signature of signatures) {
    if (isIssuedBy(signature, primary) && (main === null || signature.created > main.created)) main = signature;
  }
  if (main === null || !(await holds(primary, main, hashedKey(primary.body, primary.version)))) {
    throw structural('it has no valid direct-key signature');
  }
  return main;
}

/** A key that can't be checked with is read all the same: nothing that it signs is ever accepted. */
async function holds(key: KeyMaterial, signature: Signature, signed: Uint8Array): Promise<boolean> {
  return (await matchSignature(key, signature, signed)) !== 'invalid';
}

function isIssuedBy({ issuerFingerprint, issuerKeyId }: Signature, key: KeyMaterial): boolean {
  return issuerFingerprint === null ? issuerKeyId === key.keyId : issuerFingerprint === key.fingerprint;
}

function isCertification(type: number): boolean {
  return SIGNATURE_TYPE.certifications.some((certification) => certification === type);
}

function hashedUserId(primary: KeyMaterial, octets: Uint8Array): Uint8Array {
  return concat(hashedKey(primary.body, primary.version), Uint8Array.of(0xb4), uint32(octets.length), octets);
}

function userIdText(octets: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return Buffer.from(octets).toString('latin1');
  }
}

function structural(reason: string): PacketFault {
  return new PacketFault('structural', reason);
}
