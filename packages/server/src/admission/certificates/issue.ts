import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { bitString, der, integer, objectIdentifier, sequence, TAG, tagged, time } from './der.ts';

/** A certificate and its private key, as PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const DAY = 24 * 60 * 60 * 1000;
/** The authority signs nothing but the webhooks' certificates, and is replaced by itself: it need not live long. */
const AUTHORITY_LIFETIME_MS = 365 * DAY;
const SERVING_LIFETIME_MS = 90 * DAY;
/** Clocks differ. */
const BACKDATED_MS = 5 * 60 * 1000;

const OID = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

/** An authority of our own: ECDSA P-256, which may sign servers' certificates and no further authority. */
export function issueAuthority(now: Date): KeyPair {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  // Never the name of the one before: an issuer is looked up by its name.
  const name = `Source Integrity webhooks ${randomBytes(4).toString('hex')}`;
  const identifier = keyIdentifier(keys.publicKey);
  const extensions = [
    extension(
      OID.basicConstraints,
      'critical',
      sequence(der(TAG.boolean, Buffer.from([0xff])), integer(Buffer.from([0]))),
    ),
    extension(OID.keyUsage, 'critical', bitString(Buffer.from([0b0000_0100]), 2)), // keyCertSign
    extension(OID.subjectKeyIdentifier, 'optional', der(TAG.octetString, identifier)),
  ];
  return certificate({
    subject: name,
    issuer: name,
    ...keys,
    signingKey: keys.privateKey,
    extensions,
    now,
    lifetimeMs: AUTHORITY_LIFETIME_MS,
  });
}

/** A certificate for our webhooks under DNS names and IP addresses, signed by `authority`. */
export function issueServing(
  authority: { readonly cert: string; readonly key: KeyObject },
  names: readonly string[],
  now: Date,
): KeyPair {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = new X509Certificate(authority.cert);
  const left = issuer.validToDate.getTime() - now.getTime();
  const extensions = [
    extension(OID.basicConstraints, 'critical', sequence()),
    extension(OID.keyUsage, 'critical', bitString(Buffer.from([0b1000_0000]), 7)), // digitalSignature
    extension(OID.extendedKeyUsage, 'optional', sequence(objectIdentifier(OID.serverAuth))),
    extension(OID.subjectAltName, 'optional', sequence(...names.map(generalName))),
    extension(OID.subjectKeyIdentifier, 'optional', der(TAG.octetString, keyIdentifier(keys.publicKey))),
    extension(
      OID.authorityKeyIdentifier,
      'optional',
      sequence(tagged(0, 'primitive', keyIdentifier(issuer.publicKey))),
    ),
  ];
  return certificate({
    subject: 'source-integrity-server',
    issuer: issuer.subject.replace(/^CN=/, ''),
    ...keys,
    signingKey: authority.key,
    extensions,
    now,
    lifetimeMs: Math.min(SERVING_LIFETIME_MS, left),
  });
}

interface Profile {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly signingKey: KeyObject;
  readonly extensions: readonly Uint8Array[];
  readonly now: Date;
  readonly lifetimeMs: number;
}

/** RFC 5280, section 4.1. */
function certificate(profile: Profile): KeyPair {
  const { subject, issuer, publicKey, privateKey, signingKey, extensions, now, lifetimeMs } = profile;
  const algorithm = sequence(objectIdentifier(OID.ecdsaWithSha256));
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const toBeSigned = sequence(
    tagged(0, 'constructed', integer(Buffer.from([2]))), // version 3
    integer(serial),
    algorithm,
    distinguishedName(issuer),
    sequence(time(new Date(now.getTime() - BACKDATED_MS)), time(new Date(now.getTime() + lifetimeMs))),
    distinguishedName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, 'constructed', sequence(...extensions)),
  );
  const signed = sequence(toBeSigned, algorithm, bitString(sign('sha256', toBeSigned, signingKey)));
  return {
    cert: new X509Certificate(signed).toString(),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function distinguishedName(commonName: string): Buffer {
  const attribute = sequence(objectIdentifier(OID.commonName), der(TAG.utf8String, Buffer.from(commonName)));
  return sequence(der(TAG.set, attribute));
}

function extension(oid: string, criticality: 'critical' | 'optional', value: Uint8Array): Buffer {
  const critical = criticality === 'critical' ? [der(TAG.boolean, Buffer.from([0xff]))] : [];
  return sequence(objectIdentifier(oid), ...critical, der(TAG.octetString, value));
}

/** RFC 7093, section 2, method 1. */
function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20);
}

function generalName(name: string): Buffer {
  return ipaddr.isValid(name)
    ? tagged(7, 'primitive', Buffer.from(ipaddr.parse(name).toByteArray()))
    : tagged(2, 'primitive', Buffer.from(name, 'latin1'));
}
