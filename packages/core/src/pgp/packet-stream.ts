import { type KeyMaterial, readKeyMaterial } from './key-packet.ts';
import { OctetReader, PacketFault } from './octets.ts';
import { nextPacket, type RawPacket, TAG } from './packets.ts';
import { readSignature } from './signature-packet.ts';
import type { Signature } from './signature.ts';

type KeyPacket = {
  readonly kind: 'key';
  readonly material: KeyMaterial;
  readonly subkey: boolean;
  readonly secret: boolean;
};
type SignaturePacket = { readonly kind: 'signature'; readonly signature: Signature };
type Packet =
  KeyPacket | SignaturePacket | { readonly kind: 'user-id'; readonly octets: Uint8Array } | { readonly kind: 'other' };

/** Packets of a key ring, with go-crypto's way to go back by one. */
export class PacketStream {
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
  const isPublicKey = tag === TAG.publicKey || tag === TAG.publicSubkey;
  if (!complete && !isPublicKey && tag !== TAG.signature) {
    throw new PacketFault('truncated', 'the data ends in the middle of a packet');
  }
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
      return { kind: 'user-id', octets: body };
    case TAG.userAttribute:
    case TAG.padding:
      return { kind: 'other' };
    default:
      throw new PacketFault('critical', `it holds a packet of type ${tag}, which has no place in a key ring`);
  }
}
