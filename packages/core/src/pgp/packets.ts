import { concat, type OctetReader, PacketFault } from './octets.ts';

/** Packet types that a key ring or a signature is made of (RFC 9580, section 5). */
export const TAG = {
  signature: 2,
  secretKey: 5,
  publicKey: 6,
  secretSubkey: 7,
  marker: 10,
  trust: 12,
  userId: 13,
  publicSubkey: 14,
  userAttribute: 17,
  padding: 21,
} as const;

/** One packet as framed; `complete` is false where the data ends before the announced length. */
export interface RawPacket {
  readonly tag: number;
  readonly body: Uint8Array;
  readonly complete: boolean;
}

/** Tags of RFC 9580 beyond which (up to 39) an unknown type is critical (section 4.3). */
const KNOWN_TAGS = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 17, 18, 20, 21]);

/**
 * Frames the next packet (RFC 9580, section 4.2; old, new and partial lengths), skipping what Helm's library skips:
 * markers, trust packets and unknown types from 40. Null at the end of the data.
 */
export function nextPacket(reader: OctetReader): RawPacket | null {
  while (reader.remaining > 0) {
    const packet = framePacket(reader);
    if (packet.tag === TAG.trust || packet.tag >= 40) continue;
    if (!KNOWN_TAGS.has(packet.tag)) {
      throw new PacketFault('critical', `packet type ${packet.tag} is not known and must not be ignored`);
    }
    if (packet.tag !== TAG.marker) return packet;
    if (Buffer.from(packet.body).toString('latin1') !== 'PGP') throw new PacketFault('structural', 'a marker is wrong');
  }
  return null;
}

function framePacket(reader: OctetReader): RawPacket {
  const header = reader.uint(1);
  if ((header & 0x80) === 0) throw new PacketFault('structural', 'the data is not OpenPGP packets');
  if ((header & 0x40) === 0) {
    const tag = (header & 0x3c) >> 2;
    switch (header & 3) {
      case 0:
        return frame(reader, tag, reader.uint(1));
      case 1:
        return frame(reader, tag, reader.uint(2));
      case 2:
        return frame(reader, tag, reader.uint(4));
      default:
        return frame(reader, tag, reader.remaining);
    }
  }
  return frameNewFormat(reader, header & 0x3f);
}

function frameNewFormat(reader: OctetReader, tag: number): RawPacket {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const first = reader.uint(1);
    if (first >= 224 && first < 255) {
      const chunk = frame(reader, tag, 2 ** (first & 0x1f));
      chunks.push(chunk.body);
      if (!chunk.complete) return { ...chunk, body: concat(...chunks) };
      continue;
    }
    const last = frame(reader, tag, finalLength(reader, first));
    return chunks.length === 0 ? last : { ...last, body: concat(...chunks, last.body) };
  }
}

function finalLength(reader: OctetReader, first: number): number {
  if (first < 192) return first;
  if (first < 224) return (first - 192) * 256 + reader.uint(1) + 192;
  return reader.uint(4);
}

function frame(reader: OctetReader, tag: number, length: number): RawPacket {
  const complete = length <= reader.remaining;
  return { tag, body: reader.take(Math.min(length, reader.remaining)), complete };
}
