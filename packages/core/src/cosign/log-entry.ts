import type { Bundle, TransparencyLogEntry } from '@sigstore/bundle';
import { X509Certificate } from '@sigstore/core';
import type { TLogAuthority } from './verifier.ts';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { readPem } from './pem.ts';
import { canonicalSpki } from './key-algorithm.ts';
import { keyObject } from './public-key.ts';
import type { SignatureMaterial } from './signature-material.ts';
import { isArray, isObject, type JsonObject, type JsonValue, parseStrictJson } from './strict-json.ts';

/** Every entry that a signature comes with. */
export function logEntriesOf({ verificationMaterial }: Bundle): readonly TransparencyLogEntry[] {
  return verificationMaterial.tlogEntries;
}

/** Who made the signature that is being checked. */
export interface ObservedSigner {
  /** DER of the certificate; null for a signature by a key. */
  readonly certificate: Buffer | null;
  readonly spki: Uint8Array;
}

/**
 * What keeps a log entry from being about this signature by this signer; null for none. `@sigstore/verify` compares
 * the signature and the digest, but not the key or certificate, nor that the kind of entry belongs to the kind of
 * content (CVE-2026-22703: an entry of somebody else's is not evidence).
 */
export function bindingFault(
  entry: TransparencyLogEntry,
  { signed }: SignatureMaterial,
  signer: ObservedSigner,
): Problem | null {
  const { kind, version } = entry.kindVersion;
  const kindName = `${kind} ${version}`;
  const find = ENTRIES[signed.kind].get(kindName);
  if (find === undefined) return problem('log-entry-kind', { kind: quotable(kindName) });
  const json = parseStrictJson(entry.canonicalizedBody);
  if ('fault' in json) return invalid(`an entry ${json.fault}`);
  const verifier = find(at(json.value, 'spec'));
  if (verifier === null) return problem('log-entry-of-other-signature', { part: 'key' });
  const same =
    verifier.kind === 'certificate'
      ? isSameCertificate(verifier.der, signer)
      : signer.certificate === null && isSameKey(verifier.der, signer.spki);
  return same ? null : problem('log-entry-of-other-signature', { part: 'key' });
}

/** A key that was certified, and logged with its certificate, is still that key. */
function isSameCertificate(der: Buffer, signer: ObservedSigner): boolean {
  if (signer.certificate !== null) return signer.certificate.equals(der);
  try {
    return isSameKey(X509Certificate.parse(Buffer.from(der)).publicKey, signer.spki);
  } catch {
    return false;
  }
}

function isSameKey(der: Uint8Array, spki: Uint8Array): boolean {
  const key = keyObject(der, 'spki');
  return key !== null && canonicalSpki(key).equals(spki);
}

interface LoggedVerifier {
  readonly kind: 'certificate' | 'public-key';
  readonly der: Buffer;
}

type FindVerifier = (spec: JsonValue | undefined) => LoggedVerifier | null;

const REKOR_V2: readonly [string, FindVerifier] = [
  'hashedrekord 0.0.2',
  (spec) => fromVerifier(at(at(at(spec, 'hashedRekordV002'), 'signature'), 'verifier')),
];

function rekorV1(digests: readonly string[]): readonly [string, FindVerifier] {
  const find: FindVerifier = (spec) => {
    const algorithm = at(at(at(spec, 'data'), 'hash'), 'algorithm');
    const isKnown = digests.some((digest) => digest === algorithm);
    return isKnown ? fromPem(at(at(at(spec, 'signature'), 'publicKey'), 'content')) : null;
  };
  return ['hashedrekord 0.0.1', find];
}

/**
 * Kinds and versions of entries for each kind of content, with where the key or certificate is in them. `dsse 0.0.2`
 * is not among them: cosign refuses it too.
 */
const ENTRIES: Readonly<Record<SignatureMaterial['signed']['kind'], ReadonlyMap<string, FindVerifier>>> = {
  statement: new Map([
    REKOR_V2,
    ['dsse 0.0.1', (spec) => fromPem(at(only(at(spec, 'signatures')), 'verifier'))],
    ['intoto 0.0.2', (spec) => fromPem(at(only(at(at(at(spec, 'content'), 'envelope'), 'signatures')), 'publicKey'))],
  ]),
  // cosign takes no other digest from the log entry of a legacy signature.
  'simple-signing': new Map([REKOR_V2, rekorV1(['sha256'])]),
  file: new Map([REKOR_V2, rekorV1(['sha256', 'sha384', 'sha512'])]),
};

const KINDS = new Set(Object.values(ENTRIES).flatMap((entries) => Array.from(entries.keys())));

/** What makes a log entry unreadable, whether or not it is looked at any further; completes "it …". */
export function entryFault({ canonicalizedBody, kindVersion, inclusionProof }: TransparencyLogEntry): string | null {
  const kind = `${kindVersion.kind} ${kindVersion.version}`;
  if (!KINDS.has(kind)) return `is of an unknown kind, "${quotable(kind)}"`;
  const json = parseStrictJson(canonicalizedBody);
  if ('fault' in json) return json.fault;
  if (at(json.value, 'kind') !== kindVersion.kind || at(json.value, 'apiVersion') !== kindVersion.version) {
    return `is of another kind than it says, "${quotable(kind)}"`;
  }
  return inclusionProof?.checkpoint?.envelope === '' ? 'has an empty checkpoint' : null;
}

function at(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function only(value: JsonValue | undefined): JsonObject | undefined {
  const [first, ...others] = isArray(value) ? value : [];
  return others.length === 0 && isObject(first) ? first : undefined;
}

/** Rekor v1 has base64 of PEM. */
function fromPem(value: JsonValue | undefined): LoggedVerifier | null {
  if (typeof value !== 'string') return null;
  const read = readPem(Buffer.from(value, 'base64').toString('latin1'));
  if ('fault' in read || read.blocks.length !== 1) return null;
  const [block] = read.blocks;
  if (block?.label === 'CERTIFICATE') return { kind: 'certificate', der: block.der };
  if (block?.label === 'PUBLIC KEY') return { kind: 'public-key', der: block.der };
  return null;
}

/** Rekor v2 has base64 of DER. */
function fromVerifier(value: JsonValue | undefined): LoggedVerifier | null {
  const certificate = at(at(value, 'x509Certificate'), 'rawBytes');
  const publicKey = at(at(value, 'publicKey'), 'rawBytes');
  if (typeof certificate === 'string' && publicKey === undefined) {
    return { kind: 'certificate', der: Buffer.from(certificate, 'base64') };
  }
  if (typeof publicKey === 'string' && certificate === undefined) {
    return { kind: 'public-key', der: Buffer.from(publicKey, 'base64') };
  }
  return null;
}

/**
 * What is wrong with an inclusion proof beside its hashes, which `@sigstore/verify` checks against the checkpoint
 * alone: the proof's own root and size, and – Rekor v2 – the index that people are shown.
 */
export function proofFault({
  inclusionProof,
  inclusionPromise,
  logIndex,
  kindVersion,
}: TransparencyLogEntry): Problem | null {
  if (inclusionProof === undefined) {
    return kindVersion.version === '0.0.2' && kindVersion.kind !== 'intoto'
      ? invalid('an entry of Rekor v2 has no inclusion proof')
      : null;
  }
  const [, size, root] = inclusionProof.checkpoint?.envelope.split('\n') ?? [];
  if (size !== inclusionProof.treeSize || root !== inclusionProof.rootHash.toString('base64')) {
    return invalid('the inclusion proof is for another tree than its checkpoint');
  }
  if (inclusionPromise === undefined && kindVersion.version === '0.0.2' && logIndex !== inclusionProof.logIndex) {
    return invalid('the entry and its inclusion proof have different indexes');
  }
  return null;
}

function invalid(reason: string): Problem {
  return problem('log-entry-invalid', { reason });
}

/** The index of an entry as far as something signed says it. */
export function provenIndex({ inclusionProof, inclusionPromise, logIndex }: TransparencyLogEntry): number | null {
  const index = Number(inclusionPromise === undefined ? inclusionProof?.logIndex : logIndex);
  return Number.isSafeInteger(index) ? index : null;
}

/** The time that the log itself has signed; null for entries without a signed entry timestamp. */
export function integratedTime({ inclusionPromise, integratedTime }: TransparencyLogEntry): Date | null {
  const seconds = Number(integratedTime);
  return inclusionPromise === undefined || seconds === 0 ? null : new Date(seconds * 1000);
}

/**
 * GHSA-wqqc-jjcq-vfxm: a log's key counts only while it was valid. `@sigstore/verify` sees to it for signed entry
 * timestamps; checkpoints carry no trusted time, so every observed one has to be within the log's validity – and
 * where none was observed, the log has to be valid still.
 */
export function logValidityFault(
  entry: TransparencyLogEntry,
  logs: readonly TLogAuthority[],
  observed: readonly Date[],
  now: Date,
): Problem | null {
  const { keyId } = entry.logId;
  const known = logs.filter(({ logID }) => logID.equals(keyId));
  if (known.length === 0) return problem('log-unknown', { log: keyId.toString('hex').slice(0, 64) });
  const own = integratedTime(entry);
  const times = own === null ? (observed.length === 0 ? [now] : observed) : [own];
  const valid = known.some(({ validFor }) => times.every((time) => validFor.start <= time && time <= validFor.end));
  if (valid) return null;
  const [log] = known;
  return problem('log-outside-validity', {
    log: quotable(log?.baseURL ?? ''),
    time: times.map((time) => time.toISOString()).join(', '),
  });
}
