import { createHash } from 'node:crypto';
import * as openpgp from 'openpgp';
import type { KeyMaterial } from './key-packet.ts';
import { concat, uint32 } from './octets.ts';
import type { Signature } from './signature.ts';

/**
 * openpgp.js decides here whether the mathematics of a signature hold, and nothing else: which algorithms, key sizes
 * and times are good enough is this project's rule, judged by its callers.
 */
const CONFIG: openpgp.Config = {
  ...openpgp.config,
  rejectHashAlgorithms: new Set(),
  rejectMessageHashAlgorithms: new Set(),
  rejectPublicKeyAlgorithms: new Set(),
  rejectCurves: new Set(),
  minRSABits: 1024,
};

export type SignatureMatch = 'valid' | 'invalid' | 'check-octets-differ' | 'digest-too-short' | 'unsupported';

const packets = new WeakMap<KeyMaterial, Promise<openpgp.PublicKeyPacket>>();

/**
 * Whether `key` made `signature` over `signed`, the octets that are hashed before the signature's own (RFC 9580,
 * section 5.2.4). `check-octets-differ`: it did, but the two octets of the digest that a signature repeats are wrong.
 * `digest-too-short`: openpgp.js takes no EdDSA signature over fewer than 256 bits (RFC 9580, section 5.2.3.4).
 * `unsupported`: a curve that openpgp.js has no verification for.
 */
export function matchSignature(key: KeyMaterial, signature: Signature, signed: Uint8Array): Promise<SignatureMatch> {
  const known = matches.get(key) ?? new Map<string, Promise<SignatureMatch>>();
  matches.set(key, known);
  const question = digestOf(signature, signed);
  const answer = known.get(question) ?? match(key, signature, signed);
  known.delete(question);
  known.set(question, answer);
  const [oldest] = known.keys();
  if (known.size > MAX_MATCHES && oldest !== undefined) known.delete(oldest);
  return answer;
}

/** What was calculated with a key, the last used last. It depends on nothing else: neither on time nor on policies. */
const matches = new WeakMap<KeyMaterial, Map<string, Promise<SignatureMatch>>>();
/** Of one key. */
const MAX_MATCHES = 256;

/** Of everything that is calculated with, each part with its length, so that no two questions look alike. */
function digestOf(signature: Signature, signed: Uint8Array): string {
  const { version, algorithm, digest, created, hashedPart, digestPrefix, salt, material } = signature;
  const hash = createHash('sha256').update(JSON.stringify([version, algorithm, digest, created]));
  for (const part of [hashedPart, digestPrefix, salt, material, signed]) hash.update(uint32(part.length)).update(part);
  return hash.digest('base64');
}

async function match(key: KeyMaterial, signature: Signature, signed: Uint8Array): Promise<SignatureMatch> {
  if (key.unsupported !== null) return 'unsupported';
  if (!key.canSign || key.algorithm !== signature.algorithm) return 'invalid';
  if (EDDSA.has(key.algorithm) && SHORT_DIGESTS.has(signature.digest)) return 'digest-too-short';
  if (await verifies(key, signature, signature.digestPrefix, signed)) return 'valid';
  const prefix = digestPrefix(signature, signed);
  if (Buffer.from(prefix).equals(signature.digestPrefix)) return 'invalid';
  return (await verifies(key, signature, prefix, signed)) ? 'check-octets-differ' : 'invalid';
}

const EDDSA = new Set([22, 27, 28]);
const SHORT_DIGESTS = new Set(['SHA-1', 'SHA-224']);

async function verifies(
  key: KeyMaterial,
  signature: Signature,
  prefix: Uint8Array,
  signed: Uint8Array,
): Promise<boolean> {
  try {
    const packet = new openpgp.SignaturePacket();
    packet.read(packetBody(key, signature, prefix));
    // What the subpackets mean was judged when they were read, by Helm's rules and not by openpgp.js's.
    packet.rawNotations = [];
    packet.unknownSubpackets = [];
    packet.revocationKeyClass = null;
    // As a binary signature openpgp.js hashes the octets as they come; the real type is in the hashed part.
    const data = { text: null, getBytes: () => signed };
    // At its own time no signature is expired or in the future: that is judged elsewhere, at another time.
    const itsTime = new Date(signature.created * 1000);
    await packet.verify(await keyPacket(key), openpgp.enums.signature.binary, data, itsTime, true, CONFIG);
    return true;
  } catch {
    // openpgp.js says "no" by throwing, whatever the reason; nothing that it throws may become a "yes".
    return false;
  }
}

/**
 * The signature without its unhashed subpackets but for one that names `key`: which key it is to be checked with is
 * settled, and nothing that is not authenticated reaches openpgp.js.
 */
function packetBody(key: KeyMaterial, signature: Signature, prefix: Uint8Array): Uint8Array {
  const { version, hashedPart, salt, material } = signature;
  return version === 6
    ? concat(hashedPart, uint32(0), prefix, Uint8Array.of(salt.length), salt, material)
    : concat(hashedPart, Uint8Array.of(0, 10, 9, 16), Buffer.from(key.keyId, 'hex'), prefix, material);
}

function digestPrefix({ digest, salt, hashedPart, version }: Signature, signed: Uint8Array): Uint8Array {
  const hash = createHash(digest.startsWith('SHA3') ? digest : digest.replace('-', ''));
  hash.update(salt).update(signed).update(hashedPart);
  return hash.update(Uint8Array.of(version, 0xff)).update(uint32(hashedPart.length)).digest().subarray(0, 2);
}

function keyPacket(key: KeyMaterial): Promise<openpgp.PublicKeyPacket> {
  const known = packets.get(key);
  if (known !== undefined) return known;
  const packet = readKeyPacket(key);
  packets.set(key, packet);
  return packet;
}

async function readKeyPacket(key: KeyMaterial): Promise<openpgp.PublicKeyPacket> {
  const packet = new openpgp.PublicKeyPacket();
  await packet.read(key.body);
  return packet;
}
