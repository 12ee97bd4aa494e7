import { createHash } from 'node:crypto';
import type { CertificateAuthority, TransparencyLogInstance, TrustedRoot } from '@sigstore/protobuf-specs';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { logKey } from './trust-root-description.ts';
import { formProblems } from './trust-root-form.ts';
import { LISTS, openTrustRoot, readTrustRoot } from './trust-root.ts';

export interface TrustRootLint {
  readonly errors: readonly Problem[];
  /** What works, and is probably not meant. */
  readonly warnings: readonly Problem[];
}

/** Parts that are left out when signatures are verified are errors here: nobody writes what is not to count. */
const ERRORS: ReadonlySet<string> = new Set([
  'trust-root-unreadable',
  'trust-root-entry-unusable',
  'trust-root-log-without-start',
  'trust-root-base64',
  'trust-root-key-type',
  'trust-root-log-id',
]);

/** Everything that is wrong with a `trusted_root.json`, or probably not meant. */
export function lintTrustRoot(name: string, bytes: Uint8Array, now: Date): TrustRootLint {
  const read = readTrustRoot(name, bytes, now);
  const opened = openTrustRoot(bytes);
  const shownName = quotable(name);
  const found = [
    ...('problem' in read ? [read.problem] : read.warnings),
    ...('fault' in opened ? [] : [...formProblems(shownName, opened.json), ...rootProblems(shownName, opened.root)]),
  ];
  return {
    errors: found.filter(({ code }) => ERRORS.has(code)),
    warnings: found.filter(({ code }) => !ERRORS.has(code)),
  };
}

const WITHOUT: Readonly<Record<(typeof LISTS)[number], string>> = {
  tlogs: 'no log entry can be checked, so only "transparencyLog: optional" accepts anything',
  certificateAuthorities: 'nothing that is signed keyless verifies',
  ctlogs: 'keyless signatures verify only with "certificateTransparency: optional"',
  timestampAuthorities: 'signatures with a timestamp instead of a logged time, as with Rekor v2, do not verify',
};

function rootProblems(name: string, root: TrustedRoot): Problem[] {
  const empty = LISTS.filter((list) => root[list].length === 0).map((list) =>
    problem('trust-root-list-empty', { name, field: list, reason: WITHOUT[list] }),
  );
  return [
    ...empty,
    ...root.ctlogs.flatMap((log) => logProblems(name, log, false)),
    ...root.tlogs.flatMap((log) => logProblems(name, log, true)),
    ...windowProblems(name, [...root.tlogs, ...root.ctlogs].map(logWindow)),
    ...windowProblems(name, root.certificateAuthorities.map(window)),
    ...windowProblems(name, root.timestampAuthorities.map(window)),
  ];
}

interface Window {
  readonly uri: string;
  readonly start?: Date | undefined;
  readonly end?: Date | undefined;
}

function window({ uri, validFor }: CertificateAuthority): Window {
  return { uri, start: validFor?.start, end: validFor?.end };
}

function logWindow({ baseUrl, publicKey }: TransparencyLogInstance): Window {
  return { uri: baseUrl, start: publicKey?.validFor?.start, end: publicKey?.validFor?.end };
}

/** Windows of old and new keys overlap while they are changed over; that none of them ends is forgotten. */
function windowProblems(name: string, windows: readonly Window[]): Problem[] {
  const inverted = windows.flatMap(({ uri, start, end }) =>
    start !== undefined && end !== undefined && end <= start
      ? [problem('trust-root-entry-unusable', { name, entry: quotable(uri), reason: 'ends before it begins' })]
      : [],
  );
  const open = windows.filter(({ end }) => end === undefined).map(({ uri }) => uri);
  const doubled = [...new Set(open.filter((uri, at) => open.indexOf(uri) !== at))];
  return [...inverted, ...doubled.map((uri) => problem('trust-root-window-open', { name, entry: quotable(uri) }))];
}

/**
 * The ID of a log is the SHA-256 of its SubjectPublicKeyInfo (RFC 6962, section 3.2), and of a Rekor v2 log with an
 * Ed25519 key that of the origin of its checkpoints, a line feed, 0x01 and the key (c2sp.org/signed-note). No entry
 * verifies with another, and the origin is what the log was started with, not its URL.
 */
function logProblems(name: string, log: TransparencyLogInstance, hasOrigin: boolean): Problem[] {
  const key = logKey(log);
  if (key === null) return [];
  const shownLog = quotable(log.baseUrl);
  const actual = Buffer.from(log.logId?.keyId ?? []);
  const expected = sha256(key.spki);
  if (!hasOrigin || key.algorithm !== 'Ed25519') {
    if (actual.equals(expected)) return [];
    const ids = { expected: expected.toString('base64'), actual: quotable(actual.toString('base64')) };
    return [problem('trust-root-log-id', { name, log: shownLog, ...ids })];
  }
  const url = URL.parse(log.baseUrl);
  const idOf = (origin: string): Buffer => sha256(Buffer.from(`${origin}\n\u0001`), key.spki.subarray(-32));
  if (url !== null && actual.equals(idOf(url.hostname))) return [];
  const origins = url === null ? [] : [url.host, `${url.host}${url.pathname.replace(/\/$/, '')}`, url.href];
  const origin = origins.find((each) => actual.equals(idOf(each)));
  const known = origin === undefined ? 'comes from something else' : `comes from the origin ${quotable(origin)}`;
  return [
    problem('trust-root-log-origin', {
      name,
      log: shownLog,
      expected: url?.hostname ?? 'the name that it was started with',
      // What cosign writes unless it is told the origin.
      reason: actual.equals(expected) ? 'comes from the key alone, as with Rekor v1' : known,
    }),
  ];
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  return parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
}
