import { createHash } from 'node:crypto';
import { concat, keyIdOf, type Mpi, OctetReader, PacketFault, uint32, upperHex } from './octets.ts';

/** The public part of a key packet (RFC 9580, section 5.5). */
export interface KeyMaterial {
  readonly version: 4 | 6;
  /** Seconds since 1970. */
  readonly created: number;
  readonly algorithm: number;
  /** As people write it: `RSA 4096`, `Ed25519`. */
  readonly name: string;
  /** Bits of an RSA modulus or a DSA prime; null for curves. */
  readonly bits: number | null;
  /** Whether the algorithm can sign at all. */
  readonly canSign: boolean;
  /** What openpgp.js can't verify with here, though Helm can; null: nothing stands in the way. */
  readonly unsupported: string | null;
  readonly fingerprint: string;
  readonly keyId: string;
  /** The packet body from the version to the last public integer. */
  readonly body: Uint8Array;
}

interface Curve {
  readonly name: string;
  /** Algorithms under which openpgp.js verifies signatures with it. */
  readonly verifiable: readonly number[];
}

/** Curves that Helm's library knows, by their OID in hex. */
const CURVES: ReadonlyMap<string, Curve> = new Map([
  ['2A8648CE3D030107', { name: 'NIST P-256', verifiable: [19] }],
  ['2B81040022', { name: 'NIST P-384', verifiable: [19] }],
  ['2B81040023', { name: 'NIST P-521', verifiable: [19] }],
  ['2B06010401DA470F01', { name: 'Ed25519', verifiable: [22] }],
  ['2B060104019755010501', { name: 'Curve25519', verifiable: [] }],
  ['2B656F', { name: 'X448', verifiable: [] }],
  ['2B6571', { name: 'Ed448', verifiable: [] }],
  ['2B8104000A', { name: 'secp256k1', verifiable: [] }],
  ['2B2403030208010107', { name: 'brainpoolP256r1', verifiable: [] }],
  ['2B240303020801010B', { name: 'brainpoolP384r1', verifiable: [] }],
  ['2B240303020801010D', { name: 'brainpoolP512r1', verifiable: [] }],
]);

/**
 * Reads the body of a public or secret key packet by the rules of go-crypto's `packet.PublicKey.parse`; of a secret
 * key only the public part is read. Octets behind a public key are a `structural` fault.
 */
export function readKeyMaterial(body: Uint8Array, secret: boolean): KeyMaterial {
  const reader = new OctetReader(body);
  const version = reader.uint(1);
  const created = reader.uint(4);
  const algorithm = reader.uint(1);
  if (version !== 4 && version !== 6) throw new PacketFault('unsupported', `it is a version ${version} key`);
  if (version === 6) reader.take(4);
  const facts = readAlgorithm(reader, algorithm);
  if (!secret && reader.remaining > 0) throw new PacketFault('structural', 'there are octets behind the key');
  const publicPart = reader.read();
  const fingerprint = fingerprintOf(publicPart, version);
  return { version, created, algorithm, ...facts, fingerprint, keyId: keyIdOf(fingerprint), body: publicPart };
}

export function isRsa({ algorithm }: KeyMaterial): boolean {
  return algorithm === 1 || algorithm === 3;
}

/** The octets of a key as signatures about it hash them (RFC 9580, section 5.2.4). */
export function hashedKey(publicPart: Uint8Array, version: 4 | 6): Uint8Array {
  const length = uint32(publicPart.length);
  return version === 6
    ? concat(Uint8Array.of(0x9b), length, publicPart)
    : concat(Uint8Array.of(0x99), length.subarray(2), publicPart);
}

function fingerprintOf(publicPart: Uint8Array, version: 4 | 6): string {
  const hash = createHash(version === 6 ? 'sha256' : 'sha1');
  return upperHex(hash.update(hashedKey(publicPart, version)).digest());
}

type AlgorithmFacts = Pick<KeyMaterial, 'name' | 'bits' | 'canSign' | 'unsupported'>;

function readAlgorithm(reader: OctetReader, algorithm: number): AlgorithmFacts {
  switch (algorithm) {
    case 1:
    case 2:
    case 3: {
      const bits = bitLength(reader.mpi());
      if (reader.mpi().magnitude.length > 3) throw new PacketFault('unsupported', 'it has a large RSA exponent');
      return { name: `RSA ${bits}`, bits, canSign: algorithm !== 2, unsupported: null };
    }
    case 16: {
      const bits = bitLength(reader.mpi());
      reader.mpi();
      reader.mpi();
      return { name: `ElGamal ${bits}`, bits, canSign: false, unsupported: null };
    }
    case 17: {
      const bits = bitLength(reader.mpi());
      reader.mpi();
      reader.mpi();
      reader.mpi();
      return { name: `DSA ${bits}`, bits, canSign: true, unsupported: null };
    }
    case 18:
    case 19:
    case 22:
      return readCurveKey(reader, algorithm);
    case 25:
      reader.take(32);
      return { name: 'X25519', bits: null, canSign: false, unsupported: null };
    case 26:
      reader.take(56);
      return { name: 'X448', bits: null, canSign: false, unsupported: null };
    case 27:
      reader.take(32);
      return { name: 'Ed25519', bits: null, canSign: true, unsupported: null };
    case 28:
      reader.take(57);
      return { name: 'Ed448', bits: null, canSign: true, unsupported: null };
    default:
      throw new PacketFault('unsupported', `it has the unknown key algorithm ${algorithm}`);
  }
}

const ECDH = 18;

function readCurveKey(reader: OctetReader, algorithm: number): AlgorithmFacts {
  const oid = upperHex(reader.take(reader.uint(1)));
  const curve = CURVES.get(oid);
  if (curve === undefined) throw new PacketFault('unsupported', 'it is on an unknown curve');
  reader.mpi();
  if (algorithm === ECDH) {
    reader.take(reader.uint(1));
    return { name: curve.name, bits: null, canSign: false, unsupported: null };
  }
  const unsupported = curve.verifiable.includes(algorithm) ? null : curve.name;
  return { name: curve.name, bits: null, canSign: true, unsupported };
}

/** A leading zero octet would make two fingerprints of one key. */
function bitLength({ magnitude }: Mpi): number {
  const [first = 0] = magnitude;
  if (first === 0) throw new PacketFault('structural', 'an integer begins with zeros');
  return (magnitude.length - 1) * 8 + (32 - Math.clz32(first));
}
