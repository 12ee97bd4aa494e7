import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  bits,
  boolean,
  type Der,
  explicit,
  implicit,
  integer,
  octets,
  oid,
  sequence,
  set,
  utcTime,
  utf8,
} from './der.ts';

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly spki: Buffer;
  readonly pem: string;
}

export function keyPair(curve = 'P-256'): KeyPair {
  const pair = curve === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: curve });
  const { publicKey, privateKey } = pair;
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  return { privateKey, publicKey, spki, pem: String(publicKey.export({ format: 'pem', type: 'spki' })) };
}

export const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
export const SHA256 = sequence(oid('2.16.840.1.101.3.4.2.1'));
export const name = (commonName: string): Der => sequence(set(sequence(oid('2.5.4.3'), utf8(commonName))));

export const extension = (id: string, value: Der, critical = false): Der =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));

export const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
export const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
export const usage = (...ids: string[]): Der => extension('2.5.29.37', sequence(...ids.map(oid)), true);
export const email = (text: string): Der => implicit(1, Buffer.from(text, 'latin1'));
export const dns = (text: string): Der => implicit(2, Buffer.from(text));
export const uri = (text: string): Der => implicit(6, Buffer.from(text));
export const otherName = (text: string): Der => explicit(0, oid('1.3.6.1.4.1.57264.1.7'), explicit(0, utf8(text)));
export const authority = (): Der[] => [
  extension('2.5.29.19', sequence(boolean(true)), true),
  extension('2.5.29.15', bits(Buffer.from([0x06]), 1), true),
];

export interface Issued {
  readonly keys: KeyPair;
  readonly der: Buffer;
  readonly serial: Buffer;
  readonly subject: string;
}

export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  readonly keys: KeyPair;
  readonly by: KeyPair;
  readonly extensions: Der[];
  readonly from: Date;
  readonly to: Date;
  /** Signature algorithm inside, where it is to differ. */
  readonly inner?: Der;
}

export function issue({ subject, issuer, keys, by, extensions, from, to, inner = ECDSA_SHA256 }: Certificate): Issued {
  const serial = Buffer.concat([Buffer.from([0x11]), randomBytes(8)]);
  const tbs = tbsCertificate(serial, { subject, issuer, keys, by, extensions, from, to, inner });
  return { keys, der: sequence(tbs, ECDSA_SHA256, bits(sign('sha256', tbs, by.privateKey))), serial, subject };
}

export function tbsCertificate(
  serial: Buffer,
  { subject, issuer, keys, extensions, from, to, inner }: Certificate,
): Der {
  return sequence(
    explicit(0, integer(2)),
    integer(serial),
    inner ?? ECDSA_SHA256,
    name(issuer),
    sequence(utcTime(from), utcTime(to)),
    subject === '' ? sequence() : name(subject),
    keys.spki,
    explicit(3, sequence(...extensions)),
  );
}
