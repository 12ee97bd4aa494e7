import { type Bundle, bundleFromJSON, ValidationError } from '@sigstore/bundle';
import { dsse } from '@sigstore/core';
import { HashAlgorithm } from '@sigstore/protobuf-specs';
import * as z from 'zod/mini';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import type { DigestAlgorithm } from './key-algorithm.ts';
import { LIMITS } from './limits.ts';
import { entryFault, logEntriesOf } from './log-entry.ts';
import type { SignatureMaterial, SignedContent } from './signature-material.ts';
import { isObject, parseStrictJson } from './strict-json.ts';

export type ReadMaterial = { readonly material: SignatureMaterial } | { readonly problem: Problem };

const VERSIONS = new Set([
  'application/vnd.dev.sigstore.bundle+json;version=0.1',
  'application/vnd.dev.sigstore.bundle+json;version=0.2',
  'application/vnd.dev.sigstore.bundle+json;version=0.3',
  'application/vnd.dev.sigstore.bundle.v0.3+json',
]);

const IN_TOTO = 'application/vnd.in-toto+json';

const DIGESTS: ReadonlyMap<HashAlgorithm, DigestAlgorithm> = new Map([
  [HashAlgorithm.SHA2_256, 'sha256'],
  [HashAlgorithm.SHA2_384, 'sha384'],
  [HashAlgorithm.SHA2_512, 'sha512'],
]);

/** As protojson reads bytes: either alphabet, with or without padding. */
const base64 = z.union([
  z.string().check(z.regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/)),
  z.string().check(z.regex(/^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}(?:==)?|[A-Za-z0-9_-]{3}=?)?$/)),
]);
/** A protobuf int64 in JSON; beyond 2^53 there is neither a log index nor a time. */
const count = z.union([z.string().check(z.regex(/^(?:0|[1-9][0-9]{0,14})$/)), z.int().check(z.nonnegative())]);
/** Seconds since 1970; eleven digits last for some thousand years, and any more are no time that can be written. */
const time = z.union([
  z.string().check(z.regex(/^(?:0|[1-9][0-9]{0,10})$/)),
  z.int().check(z.nonnegative(), z.maximum(99_999_999_999)),
]);
const short = z.string().check(z.maxLength(1024));

/**
 * sigstore_bundle.proto and sigstore_rekor.proto; protojson, and so cosign, refuses members that it does not know, and
 * leaves out a number that is 0: the index of a log's first entry.
 */
const Entry = z.strictObject({
  logIndex: z.optional(count),
  logId: z.strictObject({ keyId: base64 }),
  kindVersion: z.strictObject({ kind: short, version: short }),
  integratedTime: z.optional(time),
  inclusionPromise: z.optional(z.strictObject({ signedEntryTimestamp: base64 })),
  inclusionProof: z.optional(
    z.strictObject({
      logIndex: z.optional(count),
      rootHash: base64,
      treeSize: count,
      hashes: z.optional(z.array(base64).check(z.maxLength(64))),
      checkpoint: z.strictObject({ envelope: z.string().check(z.maxLength(64 * 1024)) }),
    }),
  ),
  canonicalizedBody: base64,
});
const Certificate = z.strictObject({ rawBytes: base64 });
const WrittenBundle = z.strictObject({
  mediaType: z.string(),
  verificationMaterial: z.strictObject({
    publicKey: z.optional(z.strictObject({ hint: z.optional(short) })),
    certificate: z.optional(Certificate),
    x509CertificateChain: z.optional(
      z.strictObject({ certificates: z.array(Certificate).check(z.maxLength(LIMITS.chainLength)) }),
    ),
    tlogEntries: z.optional(z.array(Entry).check(z.maxLength(LIMITS.logEntries))),
    timestampVerificationData: z.optional(
      z.strictObject({
        rfc3161Timestamps: z.optional(
          z.array(z.strictObject({ signedTimestamp: base64 })).check(z.maxLength(LIMITS.timestamps)),
        ),
      }),
    ),
  }),
  dsseEnvelope: z.optional(
    z.strictObject({
      payload: base64,
      payloadType: short,
      signatures: z.array(z.strictObject({ sig: base64, keyid: z.optional(short) })).check(z.maxLength(16)),
    }),
  ),
  messageSignature: z.optional(
    z.strictObject({
      messageDigest: z.strictObject({ algorithm: z.union([short, z.int()]), digest: base64 }),
      signature: base64,
    }),
  ),
});

/**
 * Reads a Sigstore bundle 0.1, 0.2 or 0.3, with a DSSE envelope of one signature over an in-toto statement, or a
 * signature over a file. At most 4 MiB.
 */
export function readBundle(bytes: Uint8Array, file: Uint8Array | null): ReadMaterial {
  if (bytes.length > LIMITS.bundleBytes) return unreadable(`is larger than ${LIMITS.bundleBytes} bytes`);
  const json = parseStrictJson(bytes);
  if ('fault' in json) return unreadable(json.fault);
  if (!isObject(json.value)) return unreadable('is not a JSON object');
  const { mediaType } = json.value;
  if (typeof mediaType !== 'string' || !VERSIONS.has(mediaType)) {
    const known = typeof mediaType === 'string' && mediaType.startsWith('application/vnd.dev.sigstore.bundle');
    return known
      ? { problem: problem('bundle-version-unsupported', { mediaType: quotable(mediaType) }) }
      : unreadable('does not say that it is a Sigstore bundle');
  }
  const written = WrittenBundle.safeParse(json.value);
  if (!written.success) {
    const [issue] = written.error.issues;
    return unreadable(`is not as the format has it, at "${quotable(issue?.path.join('.') ?? '')}"`);
  }
  const { publicKey, certificate, x509CertificateChain } = written.data.verificationMaterial;
  if ([publicKey, certificate, x509CertificateChain].filter((one) => one !== undefined).length !== 1) {
    return unreadable('does not name exactly one key or certificate');
  }
  if ((written.data.dsseEnvelope === undefined) === (written.data.messageSignature === undefined)) {
    return unreadable('does not hold exactly one signature');
  }
  try {
    return fromBundle(bundleFromJSON(written.data), file);
  } catch (error) {
    if (error instanceof ValidationError) return unreadable(`lacks what its version needs: ${error.fields.join(', ')}`);
    return unreadable('is not as the format has it');
  }
}

function unreadable(reason: string): ReadMaterial {
  return { problem: problem('bundle-unreadable', { reason }) };
}

function fromBundle(bundle: Bundle, file: Uint8Array | null): ReadMaterial {
  const fault = logEntriesOf(bundle)
    .map(entryFault)
    .find((fault) => fault !== null);
  if (fault !== undefined && fault !== null) return unreadable(`has a log entry that ${fault}`);
  const read = signedContent(bundle, file);
  if ('problem' in read) return read;
  const { signed, signature } = read;
  const signer = signerOf(bundle);
  return { material: { format: 'bundle', signature, signed, signer, evidence: bundle, chain: null } };
}

function signedContent(
  { content }: Bundle,
  file: Uint8Array | null,
): { readonly signed: SignedContent; readonly signature: Buffer } | { readonly problem: Problem } {
  switch (content.$case) {
    case 'dsseEnvelope': {
      const { payload, payloadType, signatures } = content.dsseEnvelope;
      const [only] = signatures;
      if (only === undefined) return { problem: problem('bundle-unreadable', { reason: 'holds no signature' }) };
      if (payloadType !== IN_TOTO) {
        const actual = quotable(payloadType);
        return { problem: problem('bundle-payload-type', { expected: IN_TOTO, actual }) };
      }
      if (payload.length > LIMITS.payloadBytes) {
        const reason = `has a payload larger than ${LIMITS.payloadBytes} bytes`;
        return { problem: problem('bundle-unreadable', { reason }) };
      }
      const encoded = dsse.preAuthEncoding(payloadType, payload);
      return { signed: { kind: 'statement', payload, encoded }, signature: only.sig };
    }
    case 'messageSignature': {
      const { messageDigest, signature } = content.messageSignature;
      const algorithm = DIGESTS.get(messageDigest.algorithm);
      if (algorithm === undefined) {
        return { problem: problem('bundle-unreadable', { reason: 'has a digest of an unsupported kind' }) };
      }
      const bytes = file === null ? null : Buffer.from(file);
      return { signed: { kind: 'file', algorithm, digest: messageDigest.digest, content: bytes }, signature };
    }
  }
}

function signerOf({ verificationMaterial: { content } }: Bundle): SignatureMaterial['signer'] {
  switch (content.$case) {
    case 'publicKey':
      return { kind: 'public-key', hint: content.publicKey.hint };
    case 'certificate':
      return { kind: 'certificate', der: content.certificate.rawBytes };
    case 'x509CertificateChain': {
      const [leaf] = content.x509CertificateChain.certificates;
      return { kind: 'certificate', der: leaf?.rawBytes ?? Buffer.alloc(0) };
    }
  }
}
