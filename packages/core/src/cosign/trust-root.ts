import { createHash } from 'node:crypto';
import { X509Certificate } from '@sigstore/core';
import { type CertificateAuthority, type TransparencyLogInstance, TrustedRoot } from '@sigstore/protobuf-specs';
import { type TrustMaterial, toTrustMaterial } from '@sigstore/verify';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { extendedKeyUsages, formFault, unknownCriticalExtension } from './certificate.ts';
import { LIMITS } from './limits.ts';
import { isArray, isObject, parseStrictJson } from './strict-json.ts';

/** A `trusted_root.json` that can be read. Plain data, so that it can be handed to a worker. */
export interface TrustRoot {
  /** Its entry in argocd-sigstore-trusted-root-cm, the file that it came from, or `public-good`. */
  readonly name: string;
  /** `sha256:` and 64 hex digits of the document; part of every cache key of a verdict that rests on it. */
  readonly identity: string;
  readonly document: string;
}

export type ReadTrustRoot =
  | {
      readonly trustRoot: TrustRoot;
      /** Parts that cannot be relied on; whatever depends on them alone will not verify. */
      readonly warnings: readonly Problem[];
    }
  | { readonly problem: Problem };

const MEDIA_TYPES = new Set([
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot+json;version=0.2',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
]);
const LISTS = ['tlogs', 'certificateAuthorities', 'ctlogs', 'timestampAuthorities'] as const;
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const ANY_USAGE = '2.5.29.37.0';

/**
 * Reads a Sigstore `trusted_root.json` (sigstore_trustroot.proto) of at most 1 MiB. Logs without a start of validity,
 * which cosign refuses and `@sigstore/verify` takes for valid since 1970, and parts of unknown kinds are left out.
 */
export function readTrustRoot(name: string, bytes: Uint8Array, now: Date): ReadTrustRoot {
  const shownName = quotable(name);
  if (bytes.length > LIMITS.trustRootBytes) {
    return unreadable(shownName, `is larger than ${LIMITS.trustRootBytes} bytes`);
  }
  const identity = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const key = JSON.stringify([name, identity]);
  let read = parsed.get(key);
  if (read === undefined) {
    read = parse(shownName, bytes);
    if (parsed.size >= MAX_KEPT) parsed.clear();
    parsed.set(key, read);
  }
  if ('problem' in read) return read;
  const { root, warnings, document } = read;
  return { trustRoot: { name, identity, document }, warnings: [...warnings, ...expired(root, shownName, now)] };
}

/** Worth keeping: parsing a trust root takes longer than checking a signature with it. */
const MAX_KEPT = 16;
const parsed = new Map<string, Parsed>();

type Parsed = (Sifted & { readonly document: string }) | { readonly problem: Problem };

function unreadable(name: string, reason: string): { readonly problem: Problem } {
  return { problem: problem('trust-root-unreadable', { name, reason }) };
}

function parse(shownName: string, bytes: Uint8Array): Parsed {
  const json = parseStrictJson(bytes);
  if ('fault' in json) return unreadable(shownName, json.fault);
  if (!isObject(json.value)) return unreadable(shownName, 'is not a JSON object');
  const { mediaType } = json.value;
  if (typeof mediaType !== 'string' || !MEDIA_TYPES.has(mediaType)) {
    return unreadable(shownName, `has the media type ${quotable(JSON.stringify(mediaType ?? null))}`);
  }
  for (const list of LISTS) {
    const entries = json.value[list] ?? [];
    if (!isArray(entries) || !entries.every(isObject))
      return unreadable(shownName, `has "${list}" that is not a list of objects`);
    if (entries.length > LIMITS.trustRootEntries) {
      return unreadable(shownName, `has more than ${LIMITS.trustRootEntries} "${list}"`);
    }
  }
  const document = new TextDecoder().decode(bytes);
  let sifted: Sifted;
  try {
    sifted = sift(TrustedRoot.fromJSON(json.value), shownName);
  } catch (error) {
    return unreadable(
      shownName,
      error instanceof Error ? `does not hold what it should: ${quotable(error.message)}` : 'is wrong',
    );
  }
  const { root } = sifted;
  if (root.certificateAuthorities.length + root.tlogs.length + root.timestampAuthorities.length === 0) {
    return unreadable(shownName, 'holds no usable certificate authority, log or timestamp authority');
  }
  return { ...sifted, document };
}

const kept = new Map<string, TrustMaterial>();

/** The trust root as `@sigstore/verify` wants it, without keys for bundles that name one. */
export function trustMaterial(trustRoot: TrustRoot): TrustMaterial {
  const known = kept.get(trustRoot.identity);
  if (known !== undefined) return known;
  const { root } = sift(TrustedRoot.fromJSON(JSON.parse(trustRoot.document)), trustRoot.name);
  const material = toTrustMaterial(root, {});
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(trustRoot.identity, material);
  return material;
}

interface Sifted {
  readonly root: TrustedRoot;
  readonly warnings: readonly Problem[];
}

/** Keeps the entries that can be relied on. */
function sift(root: TrustedRoot, name: string): Sifted {
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

const NO_START = 'no start';

function logFault(log: TransparencyLogInstance, root: TrustedRoot): string | null {
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

function authorityFault(
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

/** A trust root of which every authority has expired verifies what was signed before, and nothing new. */
function expired(root: TrustedRoot, name: string, now: Date): Problem[] {
  const kinds = [
    ['certificate authority', root.certificateAuthorities],
    ['timestamp authority', root.timestampAuthorities],
  ] as const;
  return kinds.flatMap(([kind, authorities]) => {
    const ends = authorities.map(endOfValidity);
    const last = Math.max(...ends);
    if (ends.length === 0 || last >= now.getTime()) return [];
    return [problem('trust-root-expired', { name, kind, since: new Date(last).toISOString() })];
  });
}

/** Milliseconds since 1970: the authority's own end, or that of its first certificate to expire. */
function endOfValidity(authority: CertificateAuthority): number {
  const certificates = authority.certChain?.certificates ?? [];
  const ends = certificates.map(({ rawBytes }) => X509Certificate.parse(Buffer.from(rawBytes)).notAfter.getTime());
  return Math.min(authority.validFor?.end?.getTime() ?? Number.POSITIVE_INFINITY, ...ends);
}
