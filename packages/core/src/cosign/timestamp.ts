import type { Bundle } from '@sigstore/bundle';
import { ASN1Obj, type X509Certificate } from '@sigstore/core';
import type { TrustMaterial } from '@sigstore/verify';
import { parsedCertificate } from './certificate-chain.ts';
import { algorithm, elements, exactly, integer, oid, octetsOf, TAG } from './der.ts';
import { LIMITS } from './limits.ts';
import { keyObject } from './public-key.ts';

/**
 * What of the timestamps that a signature comes with is not as RFC 3161 (section 2.4.2) and RFC 5652 (section 5) want
 * it; null for nothing; completes "the timestamp …". `@sigstore/verify` looks at the members that it needs, by their
 * position, and takes anything around them and in place of their tags; so it says that a time was signed and never
 * that the response is whole. Signature, imprint and validity are its to verify.
 */
export function timestampFault({ verificationMaterial }: Bundle, root: TrustMaterial): string | null {
  const tokens = verificationMaterial.timestampVerificationData?.rfc3161Timestamps ?? [];
  const signers = root.timestampAuthorities.flatMap(({ certChain }) => certChain.slice(0, 1));
  for (const { signedTimestamp } of tokens) {
    const fault = responseFault(signedTimestamp, signers);
    if (fault !== null) return fault;
  }
  return null;
}

const OID = {
  signedData: '1.2.840.113549.1.7.2',
  timestampInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  sha256: '2.16.840.1.101.3.4.2.1',
} as const;

const DIGESTS = new Set<string>([OID.sha256, '2.16.840.1.101.3.4.2.2', '2.16.840.1.101.3.4.2.3']);

/** For each kind of key, the algorithms that say which digest is signed, and those that leave it to be said beside them. */
const ALGORITHMS: ReadonlyMap<
  string | undefined,
  { readonly withDigest: ReadonlySet<string>; readonly withoutDigest: ReadonlySet<string> }
> = new Map([
  [
    'ec',
    {
      withDigest: new Set(['1.2.840.10045.4.3.2', '1.2.840.10045.4.3.3', '1.2.840.10045.4.3.4']),
      withoutDigest: new Set(['1.2.840.10045.3.1.7', '1.3.132.0.34', '1.3.132.0.35']),
    },
  ],
  ['rsa', { withDigest: new Set<string>(), withoutDigest: new Set(['1.2.840.113549.1.1.1', '1.2.840.113549.1.1.11']) }],
]);

function responseFault(der: Buffer, signers: readonly X509Certificate[]): string | null {
  try {
    const [status, token, ...more] = elements(ASN1Obj.parseBuffer(Buffer.from(der)), TAG.sequence);
    if (!isGranted(status)) return 'it was not granted';
    if (more.length > 0) return MALFORMED;
    const [contentType, content] = exactly(elements(token, TAG.sequence), 2);
    if (oid(contentType) !== OID.signedData) return 'it holds something else';
    const [data] = exactly(elements(content, TAG.context0), 1);
    return signedDataFault(elements(data, TAG.sequence), signers);
  } catch {
    // Malformed DER makes the parsers throw errors of many kinds; none of them is an operational fault.
    return MALFORMED;
  }
}

const MALFORMED = 'it is malformed';

/** Only 0 is "granted" for cosign, which takes no timestamp that was "granted with modifications". */
function isGranted(status: ASN1Obj | undefined): boolean {
  const [value, text, ...more] = elements(status, TAG.sequence);
  if (text !== undefined) elements(text, TAG.sequence).forEach((line) => octetsOf(line, TAG.utf8String));
  return integer(value) === 0n && more.length === 0;
}

function signedDataFault(data: readonly ASN1Obj[], signers: readonly X509Certificate[]): string | null {
  const [version, digests, encapsulated, ...rest] = data;
  if (integer(version) !== 3n) return 'it is of an unknown version';
  const [contentType, content] = exactly(elements(encapsulated, TAG.sequence), 2);
  if (oid(contentType) !== OID.timestampInfo) return 'it holds something else';
  const [octets] = exactly(elements(content, TAG.context0), 1);
  const [info] = exactly(elements(octets, TAG.octetString), 1);
  const [, , imprint] = elements(info, TAG.sequence);
  const [imprintDigest] = exactly(elements(imprint, TAG.sequence), 2);
  if (!DIGESTS.has(algorithm(imprintDigest))) return 'it is about a digest by another algorithm than SHA-2';
  const [certificates, infos] = rest.length === 1 ? [undefined, rest[0]] : exactly(rest, 2);
  const [signerInfo] = exactly(elements(infos, TAG.set), 1);
  const named = new Set(elements(digests, TAG.set).map(algorithm));
  return signerFault(exactly(elements(signerInfo, TAG.sequence), 6), named, certificatesOf(certificates), signers);
}

function signerFault(
  [version, sid, digest, attributes, signing, signature]: readonly ASN1Obj[],
  digests: ReadonlySet<string>,
  brought: readonly X509Certificate[],
  signers: readonly X509Certificate[],
): string | null {
  if (integer(version) !== 1n) return 'it is of an unknown version';
  octetsOf(signature, TAG.octetString);
  const [issuer, serial] = exactly(elements(sid, TAG.sequence), 2);
  const [issuerName, serialNumber] = [octetsOf(issuer, TAG.sequence), octetsOf(serial, TAG.integer)];
  const isSigner = (certificate: X509Certificate): boolean =>
    issuerName.equals(certificate.issuer) && serialNumber.equals(certificate.serialNumber);
  const known = signers.filter(isSigner);
  if (known.length === 0) return 'nobody that the trust root knows has signed it';
  const own = brought.find(isSigner);
  if (brought.length > 0 && !known.some((signer) => own?.equals(signer))) {
    return 'it comes with other certificates than that of its signer';
  }
  if (!areOfTimestamp(attributes)) return 'its signature is about something else';
  const [digestName, signingName] = [algorithm(digest), algorithm(signing)];
  const isKnown = known.some(({ publicKey }) => isAlgorithmOf(publicKey, signingName, digestName));
  return DIGESTS.has(digestName) && digests.has(digestName) && isKnown
    ? null
    : 'it is signed by an algorithm that is not known here';
}

/** A list that is there may be empty: Sigstore's own authority writes it so. */
function certificatesOf(list: ASN1Obj | undefined): readonly X509Certificate[] {
  const certificates = list === undefined ? [] : elements(list, TAG.context0);
  if (certificates.length > LIMITS.chainLength) throw new TypeError('too many certificates');
  return certificates.map((certificate) => {
    const der = certificate.toDER();
    if (der.length > LIMITS.certificateBytes) throw new TypeError('a certificate that is too large');
    return parsedCertificate(der);
  });
}

/** Where the algorithm names no digest, `@sigstore/verify` verifies with SHA-256. */
function isAlgorithmOf(spki: Buffer, signing: string, digest: string): boolean {
  const algorithms = ALGORITHMS.get(keyObject(spki, 'spki')?.asymmetricKeyType);
  if (algorithms === undefined) return false;
  return algorithms.withDigest.has(signing) || (algorithms.withoutDigest.has(signing) && digest === OID.sha256);
}

/** RFC 5652, section 11: each kind of attribute once, and what is signed is a timestamp and nothing else. */
function areOfTimestamp(attributes: ASN1Obj | undefined): boolean {
  const values = new Map<string, readonly ASN1Obj[]>();
  for (const attribute of elements(attributes, TAG.context0)) {
    const [type, content] = exactly(elements(attribute, TAG.sequence), 2);
    const name = oid(type);
    if (values.has(name)) return false;
    values.set(name, elements(content, TAG.set));
  }
  const [contentType] = exactly(values.get(OID.contentType) ?? [], 1);
  const [messageDigest] = exactly(values.get(OID.messageDigest) ?? [], 1);
  octetsOf(messageDigest, TAG.octetString);
  return oid(contentType) === OID.timestampInfo;
}
