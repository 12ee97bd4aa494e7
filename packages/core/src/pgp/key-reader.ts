import { matchSignature } from './cryptography.ts';
import { hashedKey, isRsa, type KeyMaterial } from './key-packet.ts';
import { concat, PacketFault, uint32 } from './octets.ts';
import { PacketStream } from './packet-stream.ts';
import { hasSigningFlag, type PgpKey, type Subkey, type UserId } from './pgp-key.ts';
import { type Signature, SIGNATURE_TYPE } from './signature.ts';

/** A key that is in the data and can't be used. */
interface UnusableKey {
  /** Key IDs of the primary key and of its subkeys, as far as they were read; empty: not even the first. */
  readonly keyIds: readonly string[];
  readonly reason: string;
}

export interface KeysRead {
  readonly keys: readonly PgpKey[];
  readonly unusable: readonly UnusableKey[];
  /** Why reading was given up, in which case there are no keys at all; null: it was not. */
  readonly fault: string | null;
}

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
        if (packets.skippedPrimary !== null) unusable.push({ keyIds: [], reason: packets.skippedPrimary });
        if (key === null) break;
        keys.push(key);
        if (keys.length > maxKeys) return { keys: [], unusable, fault: `there are more than ${maxKeys} keys` };
      } catch (fault) {
        if (!(fault instanceof PacketFault) || fault.kind !== 'structural') throw fault;
        unusable.push({ keyIds: reader.keyIds, reason: reasonOf(fault, reader.keyIds, packets.skippedPrimary) });
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
function reasonOf(fault: PacketFault, keyIds: readonly string[], skippedPrimary: string | null): string {
  if (skippedPrimary === null) return fault.message;
  return keyIds.length === 0 ? skippedPrimary : `the key that follows it is not supported (${skippedPrimary})`;
}

/** Reads one key with all that belongs to it (`openpgp.ReadEntity`). */
class KeyReader {
  readonly #packets: PacketStream;
  readonly keyIds: string[] = [];

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
    this.keyIds.push(primary.keyId);
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
        this.keyIds.push(packet.material.keyId);
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

const MIN_RSA_BITS = 1024;

/** A key that can't be checked with is read all the same: nothing that it signs is ever accepted. */
async function holds(key: KeyMaterial, signature: Signature, signed: Uint8Array): Promise<boolean> {
  // Go's crypto/rsa verifies nothing with less, so that Helm drops the key.
  if (isRsa(key) && (key.bits ?? 0) < MIN_RSA_BITS) throw structural(`it is of only ${key.bits} RSA bits`);
  const match = await matchSignature(key, signature, signed);
  return match === 'valid' || match === 'check-octets-differ' || match === 'unsupported';
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
