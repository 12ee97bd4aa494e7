/**
 * Why octets are not the packet that they should be; decides how much Helm's OpenPGP library gives up:
 * `unsupported` the packet, `structural` the key, `truncated` and `critical` all that follows.
 */
export type FaultKind = 'unsupported' | 'structural' | 'truncated' | 'critical';

/** Thrown while OpenPGP data is read, and turned into data by the reader of the whole. */
export class PacketFault extends Error {
  readonly kind: FaultKind;
  constructor(kind: FaultKind, reason: string) {
    super(reason);
    this.name = 'PacketFault';
    this.kind = kind;
  }
}

/** A multiprecision integer (RFC 9580, section 3.2) as it stands, with its two octets of bit count. */
export interface Mpi {
  readonly bits: number;
  readonly magnitude: Uint8Array;
}

/** Reads big-endian fields one after the other; running out of octets is a `truncated` fault. */
export class OctetReader {
  readonly #octets: Uint8Array;
  #position = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.#octets.length - this.#position;
  }

  /** Everything that was read so far. */
  read(): Uint8Array {
    return this.#octets.subarray(0, this.#position);
  }

  take(count: number): Uint8Array {
    if (count > this.remaining) throw new PacketFault('truncated', 'the data ends in the middle of a packet');
    const start = this.#position;
    this.#position += count;
    return this.#octets.subarray(start, this.#position);
  }

  uint(octets: 1 | 2 | 4): number {
    let value = 0;
    for (const octet of this.take(octets)) value = value * 256 + octet;
    return value;
  }

  mpi(): Mpi {
    const bits = this.uint(2);
    return { bits, magnitude: this.take(Math.ceil(bits / 8)) };
  }
}

/** Upper-case hex, as fingerprints and key IDs are written here. */
export function upperHex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('hex').toUpperCase();
}

/** A big-endian 32-bit number. */
export function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

/** The key ID of a fingerprint: its last 64 bits up to v4 (20 octets), its first from v5 on (32 octets). */
export function keyIdOf(fingerprint: string): string {
  return fingerprint.length === 40 ? fingerprint.slice(24) : fingerprint.slice(0, 16);
}
