import { createHash } from 'node:crypto';
import { X509Certificate } from '@sigstore/core';
import {
  type CertificateAuthority,
  PublicKeyDetails,
  type TransparencyLogInstance,
  type TrustedRoot,
} from '@sigstore/protobuf-specs';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { algorithmName, canonicalSpki, keyAlgorithm } from './key-algorithm.ts';
import { keyObject } from './public-key.ts';
import { openTrustRoot } from './trust-root.ts';
import { authorityFault, logFault, NO_START } from './trust-root-parts.ts';

export type TrustRootPartKind =
  'certificate-authority' | 'timestamp-authority' | 'transparency-log' | 'certificate-transparency-log';

/** One authority or log, for people to look at. */
export interface TrustRootPart {
  readonly kind: TrustRootPartKind;
  /** Its URL, as the document says. */
  readonly name: string;
  /** As people write it: `ECDSA P-256`; of an authority its own certificate's key. Null for what cannot be read. */
  readonly algorithm: string | null;
  /** `sha256:` and hex digits: of a log's SubjectPublicKeyInfo, or of an authority's root certificate. */
  readonly fingerprint: string | null;
  /** Hex; null for authorities. */
  readonly logId: string | null;
  /** RFC 3339; null: open. */
  readonly validFrom: string | null;
  readonly validUntil: string | null;
  readonly state: 'valid' | 'expired' | 'not-yet-valid';
  /** Why it does not count; completes "it …". Null where it does. */
  readonly unusable: string | null;
}

export interface TrustRootDescription {
  readonly name: string;
  /** `sha256:` and hex digits of the document. */
  readonly identity: string;
  readonly parts: readonly TrustRootPart[];
}

/** What a trust root vouches for; also where parts of it cannot be used. */
export function describeTrustRoot(
  name: string,
  bytes: Uint8Array,
  now: Date,
): { readonly description: TrustRootDescription } | { readonly problem: Problem } {
  const opened = openTrustRoot(bytes);
  if ('fault' in opened) {
    return { problem: problem('trust-root-unreadable', { name: quotable(name), reason: opened.fault }) };
  }
  const { root } = opened;
  return {
    description: {
      name,
      identity: digestOf(bytes),
      parts: [
        ...root.certificateAuthorities.map((each) => authorityPart('certificate-authority', each, root, now)),
        ...root.ctlogs.map((each) => logPart('certificate-transparency-log', each, root, now)),
        ...root.tlogs.map((each) => logPart('transparency-log', each, root, now)),
        ...root.timestampAuthorities.map((each) => authorityPart('timestamp-authority', each, root, now)),
      ],
    },
  };
}

function logPart(kind: TrustRootPartKind, log: TransparencyLogInstance, root: TrustedRoot, now: Date): TrustRootPart {
  const key = logKey(log);
  const fault = logFault(log, root);
  return {
    kind,
    name: quotable(log.baseUrl),
    algorithm: key?.algorithm ?? null,
    fingerprint: key === null ? null : digestOf(key.spki),
    logId: Buffer.from(log.logId?.keyId ?? []).toString('hex'),
    ...validity(log.publicKey?.validFor, now),
    unusable: fault === NO_START ? 'has no start of validity' : fault,
  };
}

function authorityPart(
  kind: 'certificate-authority' | 'timestamp-authority',
  authority: CertificateAuthority,
  root: TrustedRoot,
  now: Date,
): TrustRootPart {
  const certificates = (authority.certChain?.certificates ?? []).map(({ rawBytes }) => Buffer.from(rawBytes));
  const [first, last] = [certificates.at(0), certificates.at(-1)];
  const list = kind === 'certificate-authority' ? 'certificateAuthorities' : 'timestampAuthorities';
  return {
    kind,
    name: quotable(authority.uri),
    algorithm: first === undefined ? null : certificateAlgorithm(first),
    fingerprint: last === undefined ? null : digestOf(last),
    logId: null,
    ...validity(authority.validFor, now),
    unusable: authorityFault(authority, root, list),
  };
}

/** Key of a log, by whichever encoding the document names; null for what cannot be read. */
export function logKey({ publicKey }: TransparencyLogInstance): { spki: Buffer; algorithm: string | null } | null {
  const isPkcs1 = publicKey !== undefined && PKCS1.has(publicKey.keyDetails);
  const key = keyObject(publicKey?.rawBytes ?? new Uint8Array(), isPkcs1 ? 'pkcs1' : 'spki');
  if (key === null) return null;
  const algorithm = keyAlgorithm(key);
  return { spki: canonicalSpki(key), algorithm: 'unsupported' in algorithm ? null : algorithmName(algorithm) };
}

const PKCS1: ReadonlySet<PublicKeyDetails> = new Set([
  PublicKeyDetails.PKCS1_RSA_PKCS1V5,
  PublicKeyDetails.PKCS1_RSA_PSS,
]);

function certificateAlgorithm(der: Buffer<ArrayBuffer>): string | null {
  try {
    const key = keyObject(X509Certificate.parse(der).publicKey, 'spki');
    const algorithm = key === null ? null : keyAlgorithm(key);
    return algorithm === null || 'unsupported' in algorithm ? null : algorithmName(algorithm);
  } catch {
    // Malformed DER, in errors of many kinds.
    return null;
  }
}

function validity(
  range: { readonly start?: Date | undefined; readonly end?: Date | undefined } | undefined,
  now: Date,
): Pick<TrustRootPart, 'validFrom' | 'validUntil' | 'state'> {
  const start = dateOf(range?.start);
  const end = dateOf(range?.end);
  const isOver = end !== null && end < now;
  return {
    validFrom: start?.toISOString() ?? null,
    validUntil: end?.toISOString() ?? null,
    state: isOver ? 'expired' : start !== null && now < start ? 'not-yet-valid' : 'valid',
  };
}

function dateOf(date: Date | undefined): Date | null {
  return date === undefined || Number.isNaN(date.getTime()) ? null : date;
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
