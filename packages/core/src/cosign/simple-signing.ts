import { createHash } from 'node:crypto';
import type { Bundle, TransparencyLogEntry } from '@sigstore/bundle';
import { HashAlgorithm } from '@sigstore/protobuf-specs';
import { problem } from '../verdict/catalogue.ts';
import { quotable } from '../verdict/quotable.ts';
import type { ReadMaterial } from './bundle.ts';
import { LIMITS } from './limits.ts';
import { readPem } from './pem.ts';
import { isObject, miscasedName, parseStrictJson } from './strict-json.ts';

const SIGNATURE = 'dev.cosignproject.cosign/signature';
const CERTIFICATE = 'dev.sigstore.cosign/certificate';
const CHAIN = 'dev.sigstore.cosign/chain';
const BUNDLE = 'dev.sigstore.cosign/bundle';
const TIMESTAMP = 'dev.sigstore.cosign/rfc3161timestamp';

/** Completes "it …"; thrown and caught within this file. */
class LegacyFault extends Error {}

/**
 * Reads a legacy signature: a layer of the `.sig` manifest, its bytes and the annotations of its descriptor
 * (cosign, specs/SIGNATURE_SPEC.md), as a bundle 0.1 over the payload.
 */
export function readLegacySignature(payload: Uint8Array, annotations: Readonly<Record<string, string>>): ReadMaterial {
  try {
    return { material: materialOf(Buffer.from(payload), annotations) };
  } catch (error) {
    if (error instanceof LegacyFault) return { problem: problem('legacy-unreadable', { reason: error.message }) };
    throw error;
  }
}

function materialOf(
  payload: Buffer,
  annotations: Readonly<Record<string, string>>,
): Extract<ReadMaterial, { readonly material: unknown }>['material'] {
  if (payload.length > LIMITS.payloadBytes) {
    throw new LegacyFault(`has a payload larger than ${LIMITS.payloadBytes} bytes`);
  }
  const signature = decode(annotation(annotations, SIGNATURE) ?? '', 'a signature');
  if (signature.length === 0) throw new LegacyFault(`has no annotation ${SIGNATURE}`);
  const certificate = annotation(annotations, CERTIFICATE);
  const entry = annotation(annotations, BUNDLE);
  const timestamp = annotation(annotations, TIMESTAMP);
  const der = certificate === null ? null : firstCertificate(certificate);
  const evidence: Bundle = {
    mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
    content: {
      $case: 'messageSignature',
      messageSignature: {
        messageDigest: { algorithm: HashAlgorithm.SHA2_256, digest: createHash('sha256').update(payload).digest() },
        signature,
      },
    },
    verificationMaterial: {
      content:
        der === null
          ? { $case: 'publicKey', publicKey: { hint: '' } }
          : { $case: 'x509CertificateChain', x509CertificateChain: { certificates: [{ rawBytes: der }] } },
      tlogEntries: entry === null ? [] : [logEntry(entry)],
      timestampVerificationData: {
        rfc3161Timestamps: timestamp === null ? [] : [{ signedTimestamp: signedTimestamp(timestamp) }],
      },
    },
  };
  return {
    format: 'legacy',
    signature,
    signed: { kind: 'simple-signing', payload },
    signer: der === null ? { kind: 'public-key', hint: '' } : { kind: 'certificate', der },
    evidence,
    chain: annotation(annotations, CHAIN),
  };
}

/** cosign writes empty annotations for what it has not got. */
function annotation(annotations: Readonly<Record<string, string>>, name: string): string | null {
  const text = Object.hasOwn(annotations, name) ? annotations[name] : undefined;
  if (text === undefined || text === '') return null;
  if (text.length > LIMITS.annotationLength) {
    throw new LegacyFault(`has an annotation ${name} longer than ${LIMITS.annotationLength} characters`);
  }
  return text;
}

/** Base64 with padding; as in Go, line breaks do not count. */
function decode(text: string, what: string): Buffer {
  const base64 = text.replaceAll(/[\r\n]/g, '');
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    throw new LegacyFault(`has ${what} that is not base64`);
  }
  return Buffer.from(base64, 'base64');
}

function firstCertificate(text: string): Buffer {
  const read = readPem(text);
  if ('fault' in read) throw new LegacyFault(`has a certificate that ${read.fault}`);
  const [first] = read.blocks;
  if (first?.label !== 'CERTIFICATE') throw new LegacyFault('has a certificate that is not one');
  return first.der;
}

function members(text: string, name: string, names: readonly string[]): Readonly<Record<string, unknown>> {
  const json = parseStrictJson(Buffer.from(text));
  if ('fault' in json) throw new LegacyFault(`has an annotation ${name} that ${json.fault}`);
  if (!isObject(json.value)) throw new LegacyFault(`has an annotation ${name} that is not a JSON object`);
  return checkCase(json.value, names);
}

function checkCase(value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new LegacyFault('has a log entry that is not a JSON object');
  }
  const object = { ...value };
  const miscased = miscasedName(object, names);
  if (miscased !== null) throw new LegacyFault(`has "${quotable(miscased)}", a name in the wrong case`);
  return object;
}

function logEntry(text: string): TransparencyLogEntry {
  const outer = members(text, BUNDLE, ['SignedEntryTimestamp', 'Payload']);
  const payload = checkCase(outer['Payload'], ['body', 'integratedTime', 'logIndex', 'logID']);
  const { body, integratedTime, logIndex, logID } = payload;
  const set = outer['SignedEntryTimestamp'];
  if (typeof body !== 'string' || typeof logID !== 'string' || typeof set !== 'string') {
    throw new LegacyFault('has a log entry that lacks its body, log ID or timestamp');
  }
  if (!isCount(integratedTime) || integratedTime > LAST_SECOND || !isCount(logIndex)) {
    throw new LegacyFault('has a log entry without a time or an index');
  }
  if (!/^[0-9a-f]{2,128}$/.test(logID) || logID.length % 2 !== 0) {
    throw new LegacyFault('has a log entry with a log ID that is not hexadecimal');
  }
  const canonicalizedBody = decode(body, 'a log entry');
  return {
    logIndex: String(logIndex),
    integratedTime: String(integratedTime),
    logId: { keyId: Buffer.from(logID, 'hex') },
    kindVersion: kindVersion(canonicalizedBody),
    inclusionPromise: { signedEntryTimestamp: decode(set, 'a signed entry timestamp') },
    inclusionProof: undefined,
    canonicalizedBody,
  };
}

/** As in bundles: eleven digits. */
const LAST_SECOND = 99_999_999_999;

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function kindVersion(body: Buffer): { kind: string; version: string } {
  const json = parseStrictJson(body);
  if ('fault' in json) throw new LegacyFault(`has a log entry that ${json.fault}`);
  const { kind, apiVersion } = isObject(json.value) ? json.value : {};
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') {
    throw new LegacyFault('has a log entry of no kind');
  }
  return { kind, version: apiVersion };
}

function signedTimestamp(text: string): Buffer {
  const { SignedRFC3161Timestamp: timestamp } = members(text, TIMESTAMP, ['SignedRFC3161Timestamp']);
  if (typeof timestamp !== 'string' || timestamp === '') throw new LegacyFault('has an empty signed timestamp');
  return decode(timestamp, 'a signed timestamp');
}
