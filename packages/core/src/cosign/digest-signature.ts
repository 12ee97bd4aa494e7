import { constants, type KeyObject, publicDecrypt } from 'node:crypto';
import type { DigestAlgorithm, KeyAlgorithm } from './key-algorithm.ts';

/** A short Weierstrass curve with a = -3 (SEC 2, version 2.0; FIPS 186-5). */
interface Curve {
  readonly p: bigint;
  readonly n: bigint;
  readonly bits: number;
  readonly g: Point;
}

/** Jacobian coordinates; z is 0 at infinity. */
interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
}

const INFINITY: Point = { x: 1n, y: 1n, z: 0n };

const CURVES: Readonly<Record<'P-256' | 'P-384' | 'P-521', Curve>> = {
  'P-256': {
    p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    bits: 256,
    g: {
      x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
      y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
      z: 1n,
    },
  },
  'P-384': {
    p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    bits: 384,
    g: {
      x: 0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
      y: 0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
      z: 1n,
    },
  },
  'P-521': {
    p: 2n ** 521n - 1n,
    n: 0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
    bits: 521,
    g: {
      x: 0x00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66n,
      y: 0x011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650n,
      z: 1n,
    },
  },
};

/** RFC 8017, section 9.2, note 1. */
const DIGEST_INFO: Readonly<Record<DigestAlgorithm, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

const DIGEST_BYTES: Readonly<Record<DigestAlgorithm, number>> = { sha256: 32, sha384: 48, sha512: 64 };

/**
 * Whether a signature is over the message of this digest, where only the digest is at hand: ECDSA (SEC 1, section
 * 4.1.4) and RSASSA-PKCS1-v1_5. node:crypto wants the message for the former. Everything here is public, so nothing
 * has to take the same time. Ed25519 signs no digest: false.
 */
export function digestSignatureVerifies(
  digest: Buffer,
  digestAlgorithm: DigestAlgorithm,
  signature: Buffer,
  key: KeyObject,
  algorithm: KeyAlgorithm,
): boolean {
  if (digest.length !== DIGEST_BYTES[digestAlgorithm]) return false;
  switch (algorithm.kind) {
    case 'rsa':
      return rsaVerifies(Buffer.concat([Buffer.from(DIGEST_INFO[digestAlgorithm], 'hex'), digest]), signature, key);
    case 'ecdsa':
      return ecdsaVerifies(digest, signature, key, CURVES[algorithm.curve]);
    case 'ed25519':
      return false;
  }
}

function rsaVerifies(digestInfo: Buffer, signature: Buffer, key: KeyObject): boolean {
  const modulusBits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (signature.length !== Math.ceil(modulusBits / 8)) return false;
  try {
    return publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature).equals(digestInfo);
  } catch {
    return false;
  }
}

function ecdsaVerifies(digest: Buffer, signature: Buffer, key: KeyObject, curve: Curve): boolean {
  const integers = readIntegers(signature);
  const q = pointOf(key);
  if (integers === null || q === null) return false;
  const [r, s] = integers;
  const { p, n } = curve;
  if (r < 1n || r >= n || s < 1n || s >= n) return false;
  const excess = Math.max(digest.length * 8 - curve.bits, 0);
  const e = unsigned(digest) >> BigInt(excess);
  const w = inverse(s, n);
  const sum = linearCombination(mod(e * w, n), curve.g, mod(r * w, n), q, curve);
  if (sum.z === 0n) return false;
  const x = mod(sum.x * inverse(mod(sum.z * sum.z, p), p), p);
  return mod(x, n) === r;
}

/** The two integers of an ECDSA-Sig-Value (RFC 3279, section 2.2.3); null for anything that is not exactly its DER. */
function readIntegers(der: Buffer): readonly [bigint, bigint] | null {
  const body = der[1] === 0x81 ? 3 : 2;
  const rLength = der[body + 1] ?? 0;
  const sAt = body + 2 + rLength;
  const r = unsigned(der.subarray(body + 2, sAt));
  const s = unsigned(der.subarray(sAt + 2));
  return writeIntegers(r, s).equals(der) ? [r, s] : null;
}

function writeIntegers(r: bigint, s: bigint): Buffer {
  const body = Buffer.concat([r, s].map(writeInteger));
  const length = body.length < 0x80 ? [body.length] : [0x81, body.length];
  return Buffer.concat([Buffer.from([0x30, ...length]), body]);
}

function writeInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const content = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return Buffer.concat([Buffer.from([0x02, content.length]), content]);
}

function pointOf(key: KeyObject): Point | null {
  const { x, y } = key.export({ format: 'jwk' });
  if (x === undefined || y === undefined) return null;
  return { x: unsigned(Buffer.from(x, 'base64url')), y: unsigned(Buffer.from(y, 'base64url')), z: 1n };
}

function linearCombination(a: bigint, one: Point, b: bigint, other: Point, { p, bits }: Curve): Point {
  const both = add(one, other, p);
  let sum = INFINITY;
  for (let bit = BigInt(bits) - 1n; bit >= 0n; bit -= 1n) {
    sum = double(sum, p);
    const [inA, inB] = [(a >> bit) & 1n, (b >> bit) & 1n];
    if (inA === 1n) sum = add(sum, inB === 1n ? both : one, p);
    else if (inB === 1n) sum = add(sum, other, p);
  }
  return sum;
}

function double({ x, y, z }: Point, p: bigint): Point {
  if (z === 0n || y === 0n) return INFINITY;
  const delta = mod(z * z, p);
  const gamma = mod(y * y, p);
  const beta = mod(x * gamma, p);
  const alpha = mod(3n * (x - delta) * (x + delta), p);
  const x3 = mod(alpha * alpha - 8n * beta, p);
  return {
    x: x3,
    y: mod(alpha * (4n * beta - x3) - 8n * gamma * gamma, p),
    z: mod(2n * y * z, p),
  };
}

function add(one: Point, other: Point, p: bigint): Point {
  if (one.z === 0n) return other;
  if (other.z === 0n) return one;
  const [zz1, zz2] = [mod(one.z * one.z, p), mod(other.z * other.z, p)];
  const [u1, u2] = [mod(one.x * zz2, p), mod(other.x * zz1, p)];
  const [s1, s2] = [mod(one.y * other.z * zz2, p), mod(other.y * one.z * zz1, p)];
  if (u1 === u2) return s1 === s2 ? double(one, p) : INFINITY;
  const h = u2 - u1;
  const r = s2 - s1;
  const hh = mod(h * h, p);
  const hhh = mod(h * hh, p);
  const v = mod(u1 * hh, p);
  const x = mod(r * r - hhh - 2n * v, p);
  return { x, y: mod(r * (v - x) - s1 * hhh, p), z: mod(h * one.z * other.z, p) };
}

/** By the extended Euclidean algorithm; the modulus is a prime, the value none of its multiples. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [r0, r1] = [modulus, mod(value, modulus)];
  let [t0, t1] = [0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  return mod(t0, modulus);
}

function mod(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

function unsigned(bytes: Buffer): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`);
}
