import { OctetReader, PacketFault } from './octets.ts';
import type { Signature } from './signature.ts';
import { noSubpackets, readSubpackets } from './signature-subpackets.ts';

/** Digest algorithms that Helm's library takes, by their number (RFC 9580, section 9.5). */
const DIGESTS: ReadonlyMap<number, string> = new Map([
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
  const subpackets = noSubpackets();
  const lengthOctets = version === 6 ? 4 : 2;
  readSubpackets(reader.take(reader.uint(lengthOctets)), { into: subpackets, version, hashed: true, readSignature });
  const hashedPart = reader.read();
  const { created } = subpackets;
  if (created === null) throw new PacketFault('structural', 'a signature without a time');
  readSubpackets(reader.take(reader.uint(lengthOctets)), { into: subpackets, version, hashed: false, readSignature });
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
