import { X509Certificate as NodeCertificate, type KeyObject } from 'node:crypto';
import { ASN1Obj, EXTENSION_OID_SCT, X509Certificate } from '@sigstore/core';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { algorithmName, type KeyAlgorithm, keyAlgorithm, MIN_RSA_BITS } from './key-algorithm.ts';
import { LIMITS } from './limits.ts';
import { keyObject } from './public-key.ts';

type SubjectKind = 'email' | 'uri' | 'dns' | 'other-name';

export interface CertificateSubject {
  readonly kind: SubjectKind;
  readonly text: string;
}

/** What Fulcio says of the build that asked for the certificate; null where it says nothing. */
interface Workflow {
  readonly repository: string | null;
  readonly ref: string | null;
  readonly commit: string | null;
  readonly trigger: string | null;
  /** URI of this very run. */
  readonly run: string | null;
}

/** A leaf certificate that is well-formed and made for signing code; nothing yet says who issued it. */
export interface SigningCertificate {
  readonly x509: X509Certificate;
  readonly der: Buffer;
  readonly key: KeyObject;
  readonly algorithm: KeyAlgorithm;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Every subject alternative name that can be an identity, in order. */
  readonly subjects: readonly CertificateSubject[];
  /** OIDC issuer; null for a certificate that names none, which then matches no identity. */
  readonly issuer: string | null;
  /** The same where Fulcio wrote it first, in no DER: the only place that cosign reads it from for legacy signatures. */
  readonly firstIssuer: string | null;
  readonly workflow: Workflow;
  readonly hasCertificateTimestamp: boolean;
}

export type ReadCertificate = { readonly certificate: SigningCertificate } | { readonly problem: Problem };

const OID = {
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  fulcioOtherName: '1.3.6.1.4.1.57264.1.7',
} as const;

/** https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md: up to .6 raw text, from .8 on DER UTF8Strings. */
const FULCIO = '1.3.6.1.4.1.57264.1.';

const UNDERSTOOD = new Set<string>([OID.keyUsage, OID.subjectAltName, OID.basicConstraints, OID.extendedKeyUsage]);

/**
 * Reads a leaf certificate (RFC 5280) and what `@sigstore/verify` leaves open: extended key usage, critical
 * extensions, extensions that come twice, signature algorithms that differ inside and outside, every subject.
 */
export function readCertificate(der: Uint8Array): ReadCertificate {
  if (der.length > LIMITS.certificateBytes) return unreadable(`is larger than ${LIMITS.certificateBytes} bytes`);
  try {
    const bytes = Buffer.from(der);
    const x509 = X509Certificate.parse(bytes);
    // A second reader: what OpenSSL cannot read, or reads as of another key, is not looked at any further.
    const key = keyObject(x509.publicKey, 'spki');
    if (key === null || !new NodeCertificate(bytes).publicKey.equals(key)) return unreadable('has no readable key');
    const algorithm = keyAlgorithm(key);
    if ('unsupported' in algorithm) return unreadable(`has a key of an unsupported kind: ${algorithm.unsupported}`);
    if (algorithm.kind === 'rsa' && algorithm.bits < MIN_RSA_BITS) {
      return unreadable(`has a weak key: ${algorithmName(algorithm)}`);
    }
    const fault = formFault(x509);
    if (fault !== null) return unreadable(fault);
    const { notBefore, notAfter } = x509;
    const unknown = unknownCriticalExtension(x509);
    if (unknown !== null) return { problem: problem('certificate-critical-extension', { extension: unknown }) };
    const usages = extendedKeyUsages(x509);
    if (usages === null || !usages.includes(OID.codeSigning)) {
      const actual = usages === null ? 'none' : usages.slice(0, 8).join(', ');
      return { problem: problem('certificate-purpose', { expected: `code signing (${OID.codeSigning})`, actual }) };
    }
    if (x509.extBasicConstraints?.isCA === true) return unreadable('is that of a certificate authority');
    const [issuer, firstIssuer] = [fulcioText(x509, 8), fulcioText(x509, 1)];
    // Of two, the last one counts for cosign.
    if (issuer !== null && firstIssuer !== null && issuer !== firstIssuer) return unreadable('names two issuers');
    return {
      certificate: {
        x509,
        der: bytes,
        key,
        algorithm,
        notBefore,
        notAfter,
        subjects: subjectsOf(x509),
        issuer: issuer ?? firstIssuer,
        firstIssuer,
        workflow: {
          repository: fulcioText(x509, 12) ?? fulcioText(x509, 5),
          ref: fulcioText(x509, 14) ?? fulcioText(x509, 6),
          commit: fulcioText(x509, 13) ?? fulcioText(x509, 3),
          trigger: fulcioText(x509, 20) ?? fulcioText(x509, 2),
          run: fulcioText(x509, 21),
        },
        hasCertificateTimestamp: x509.extension(EXTENSION_OID_SCT) !== undefined,
      },
    };
  } catch {
    // The parsers below throw errors of many kinds for malformed DER; none of them is an operational fault.
    return unreadable('is malformed');
  }
}

function unreadable(reason: string): ReadCertificate {
  return { problem: problem('certificate-unreadable', { reason }) };
}

/** Critical extensions that are not judged here make a certificate unusable (RFC 5280, section 4.2). */
export function unknownCriticalExtension(x509: X509Certificate): string | null {
  for (const extension of x509.extensions) {
    const oid = extension.subs[0]?.toOID() ?? '';
    if (x509.extension(oid)?.critical === true && !UNDERSTOOD.has(oid)) return oid;
  }
  return null;
}

/** OIDs of the extended key usage; null for a certificate that has no such extension. */
export function extendedKeyUsages(x509: X509Certificate): readonly string[] | null {
  const value = x509.extension(OID.extendedKeyUsage)?.value;
  if (value === undefined) return null;
  return ASN1Obj.parseBuffer(Buffer.from(value)).subs.map((usage) => usage.toOID());
}

/** What makes a certificate ambiguous between readers; completes "it …". */
export function formFault(x509: X509Certificate): string | null {
  const oids = x509.extensions.map((extension) => extension.subs[0]?.toOID());
  if (new Set(oids).size !== oids.length) return 'has an extension twice';
  const [, outer] = x509.root.subs;
  const [, , inner] = x509.tbsCertificate.subs;
  if (outer === undefined || inner === undefined || !outer.toDER().equals(inner.toDER())) {
    return 'names two signature algorithms';
  }
  const { notBefore, notAfter } = x509;
  if (Number.isNaN(notBefore.getTime()) || Number.isNaN(notAfter.getTime())) return 'has a malformed validity';
  return null;
}

function subjectsOf(x509: X509Certificate): CertificateSubject[] {
  const value = x509.extension(OID.subjectAltName)?.value;
  if (value === undefined) return [];
  return ASN1Obj.parseBuffer(Buffer.from(value)).subs.flatMap((name): CertificateSubject[] => {
    if (name.tag.isContextSpecific(1)) return [{ kind: 'email', text: ia5String(name.value) }];
    if (name.tag.isContextSpecific(2)) return [{ kind: 'dns', text: ia5String(name.value) }];
    if (name.tag.isContextSpecific(6)) return [{ kind: 'uri', text: ia5String(name.value) }];
    if (name.tag.isContextSpecific(0) && name.subs[0]?.toOID() === OID.fulcioOtherName) {
      const text = name.subs[1]?.subs[0];
      if (text !== undefined) return [{ kind: 'other-name', text: utf8(text.value) }];
    }
    return [];
  });
}

function fulcioText(x509: X509Certificate, arc: number): string | null {
  const value = x509.extension(`${FULCIO}${arc}`)?.value;
  if (value === undefined) return null;
  return utf8(arc < 8 ? value : utf8StringContent(value));
}

function utf8StringContent(der: Buffer): Buffer {
  const string = ASN1Obj.parseBuffer(Buffer.from(der));
  if (!string.tag.isUniversal() || string.tag.number !== 0x0c) throw new TypeError('not a UTF8String');
  return string.value;
}

/** Strict, where Node's own decoding drops the high bit: `\xe1` must not pass for `a`. */
function ia5String(bytes: Buffer): string {
  if (bytes.length > LIMITS.identityLength || bytes.some((byte) => byte < 0x20 || byte > 0x7e)) {
    throw new TypeError('not a printable IA5String');
  }
  return bytes.toString('latin1');
}

function utf8(bytes: Buffer): string {
  if (bytes.length > LIMITS.identityLength) throw new TypeError('too long');
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}
