import { X509Certificate } from '@sigstore/core';
import type { CertificateAuthority, TransparencyLogInstance, TrustedRoot } from '@sigstore/protobuf-specs';
import { toTrustMaterial } from '@sigstore/verify';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { extendedKeyUsages, formFault, unknownCriticalExtension } from './certificate.ts';
import { LIMITS } from './limits.ts';

const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const ANY_USAGE = '2.5.29.37.0';

export interface Sifted {
  readonly root: TrustedRoot;
  readonly warnings: readonly Problem[];
}

/** Keeps the entries that can be relied on. */
export function sift(root: TrustedRoot, name: string): Sifted {
  const warnings: Problem[] = [];
  const usable = <T>(entries: readonly T[], label: (entry: T) => string, fault: (entry: T) => string | null): T[] =>
    entries.filter((entry) => {
      const reason = fault(entry);
      if (reason === null) return true;
      const part = quotable(label(entry));
      warnings.push(
        reason === NO_START
          ? problem('trust-root-log-without-start', { name, log: part })
          : problem('trust-root-entry-unusable', { name, entry: part, reason }),
      );
      return false;
    });
  return {
    root: {
      ...root,
      tlogs: usable(root.tlogs, logName, (log) => logFault(log, root)),
      ctlogs: usable(root.ctlogs, logName, (log) => logFault(log, root)),
      certificateAuthorities: usable(root.certificateAuthorities, authorityName, (authority) =>
        authorityFault(authority, root, 'certificateAuthorities'),
      ),
      timestampAuthorities: usable(root.timestampAuthorities, authorityName, (authority) =>
        authorityFault(authority, root, 'timestampAuthorities'),
      ),
    },
    warnings,
  };
}

function logName({ baseUrl }: TransparencyLogInstance): string {
  return baseUrl;
}

function authorityName({ uri }: CertificateAuthority): string {
  return uri;
}

export const NO_START = 'no start';

export function logFault(log: TransparencyLogInstance, root: TrustedRoot): string | null {
  const { start, end } = log.publicKey?.validFor ?? {};
  if (start === undefined) return NO_START;
  if (Number.isNaN(start.getTime()) || Number.isNaN(end?.getTime() ?? 0)) return 'has a malformed validity';
  if ((log.logId?.keyId.length ?? 0) === 0) return 'has no log ID';
  return conversionFault({ ...EMPTY, mediaType: root.mediaType, tlogs: [log] });
}

const EMPTY = { tlogs: [], ctlogs: [], certificateAuthorities: [], timestampAuthorities: [] };

function conversionFault(root: TrustedRoot): string | null {
  try {
    toTrustMaterial(root, {});
    return null;
  } catch {
    return 'has a key or certificate that cannot be read';
  }
}

export function authorityFault(
  authority: CertificateAuthority,
  root: TrustedRoot,
  kind: 'certificateAuthorities' | 'timestampAuthorities',
): string | null {
  const { start, end } = authority.validFor ?? {};
  if (Number.isNaN(start?.getTime() ?? 0) || Number.isNaN(end?.getTime() ?? 0)) return 'has a malformed validity';
  const certificates = authority.certChain?.certificates ?? [];
  if (certificates.length === 0) return 'has no certificates';
  if (certificates.length > LIMITS.chainLength) return `has more than ${LIMITS.chainLength} certificates`;
  const fault = conversionFault({ ...EMPTY, mediaType: root.mediaType, [kind]: [authority] });
  if (fault !== null) return fault;
  try {
    return chainFault(
      certificates.map(({ rawBytes }) => X509Certificate.parse(Buffer.from(rawBytes))),
      kind === 'certificateAuthorities' ? CODE_SIGNING : TIME_STAMPING,
      kind === 'certificateAuthorities',
    );
  } catch {
    return 'has a malformed certificate';
  }
}

/**
 * Leaf first, root last. Go's verifier looks at usages and critical extensions of every certificate in the chain;
 * `@sigstore/verify` looks at neither. CVE-2026-39984: the certificate of a timestamp authority is for timestamps only.
 */
function chainFault(chain: readonly X509Certificate[], purpose: string, allAreAuthorities: boolean): string | null {
  const last = chain.at(-1);
  if (last === undefined || !last.subject.equals(last.issuer) || !last.verify()) {
    return 'has a chain that does not end in a self-signed root';
  }
  for (const [index, certificate] of chain.entries()) {
    const form = formFault(certificate);
    if (form !== null) return `has a certificate that ${form}`;
    const critical = unknownCriticalExtension(certificate);
    if (critical !== null) return `has a certificate with the unknown critical extension ${critical}`;
    const usages = extendedKeyUsages(certificate);
    if (usages !== null && !usages.includes(purpose) && !usages.includes(ANY_USAGE)) {
      return 'has a certificate for another purpose';
    }
    const isAuthority = allAreAuthorities || index > 0;
    if (isAuthority && !certificate.isCA) return 'has a certificate in its chain that is no authority';
    if (!isAuthority && usages?.join(' ') !== TIME_STAMPING) {
      return 'has a signing certificate that is not for timestamps alone';
    }
  }
  return null;
}

/** Milliseconds since 1970: the authority's own end, or that of its first certificate to expire. */
export function endOfValidity(authority: CertificateAuthority): number {
  const certificates = authority.certChain?.certificates ?? [];
  const ends = certificates.map(({ rawBytes }) => X509Certificate.parse(Buffer.from(rawBytes)).notAfter.getTime());
  return Math.min(authority.validFor?.end?.getTime() ?? Number.POSITIVE_INFINITY, ...ends);
}
