import type { Bundle, TransparencyLogEntry } from '@sigstore/bundle';
import { X509Certificate } from '@sigstore/core';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { readPem } from './pem.ts';
import { canonicalSpki, keyAlgorithm } from './key-algorithm.ts';
import { keyObject } from './public-key.ts';
import { type LoggedSignature, rekorV2Entry } from './rekor-v2-entry.ts';
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
  { signed, signature }: SignatureMaterial,
  signer: ObservedSigner,
): Problem | null {
  const { kind, version } = entry.kindVersion;
  const kindName = `${kind} ${version}`;
  const find = ENTRIES[signed.kind].get(kindName);
  if (find === undefined) return problem('log-entry-kind', { kind: quotable(kindName) });
  const json = parseStrictJson(entry.canonicalizedBody);
  if ('fault' in json) return invalidEntry(`an entry ${json.fault}`);
  const verifier = find(at(json.value, 'spec'));
  if (verifier === null) return problem('log-entry-of-other-signature', { part: 'key' });
  const same =
    verifier.kind === 'certificate'
      ? isSameCertificate(verifier.der, signer)
      : signer.certificate === null && isSameKey(verifier.der, signer.spki);
  if (!same) return problem('log-entry-of-other-signature', { part: 'key' });
  return kindName === REKOR_V2_KIND ? contentFault(entry, { signed, signature, ...signer }) : null;
}

/** What cosign logs and looks for is one text, in which every member counts. */
function contentFault(
  { canonicalizedBody }: TransparencyLogEntry,
  logged: Omit<LoggedSignature, 'algorithm'>,
): Problem | null {
  const key = keyObject(logged.spki, 'spki');
  const algorithm = key === null ? null : keyAlgorithm(key);
  const expected = algorithm === null || 'unsupported' in algorithm ? null : rekorV2Entry({ ...logged, algorithm });
  return expected !== null && canonicalizedBody.equals(Buffer.from(expected))
    ? null
    : problem('log-entry-of-other-signature', { part: 'content' });
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

export const REKOR_V2_KIND = 'hashedrekord 0.0.2';

const REKOR_V2: readonly [string, FindVerifier] = [
  REKOR_V2_KIND,
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

export function invalidEntry(reason: string): Problem {
  return problem('log-entry-invalid', { reason });
}
