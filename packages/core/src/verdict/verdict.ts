import * as z from 'zod/mini';
import { Problem } from './problem.ts';

/** `sha256:` and 64 lower-case hex digits (or sha384, sha512), as in the OCI image specification, "Digests". */
export const Digest = z
  .string()
  .check(z.regex(/^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/))
  .brand('Digest');
export type Digest = z.infer<typeof Digest>;

/** RFC 3339 in UTC, as `Date.prototype.toISOString` writes it. */
export const Timestamp = z.iso.datetime();

/** A PGP signer: the primary key that a keyring holds, and the (sub)key of it that made the signature. */
export const PgpSigner = z.object({
  kind: z.literal('pgp'),
  /** Fingerprint of the primary key: upper-case hex, 40 digits (v4) or 64 (v6). */
  fingerprint: z.string(),
  /** 64-bit key ID of the primary key: 16 upper-case hex digits. */
  keyId: z.string(),
  /** Fingerprint and key ID of the key that signed; equal to the primary's unless a subkey signed. */
  signingFingerprint: z.string(),
  signingKeyId: z.string(),
  userIds: z.array(z.string()),
  /** As people write it: `RSA 4096`, `Ed25519`. */
  algorithm: z.string(),
  /** Digest algorithm of the signature: `SHA-512`. */
  hash: z.string(),
  signedAt: z.nullable(Timestamp),
  /** When the signing key (or its primary, if earlier) expires; null: never. */
  expiresAt: z.nullable(Timestamp),
});
export type PgpSigner = z.infer<typeof PgpSigner>;

/** What is known of every cosign signature. */
const cosignSignature = {
  format: z.enum(['bundle', 'legacy']),
  /** The manifest or layer that holds it. */
  location: z.string(),
  /** As people write it: `ECDSA P-256`. */
  algorithm: z.string(),
  /** Digest algorithm of the signature: `SHA-256`; null for Ed25519, which has its own. */
  hash: z.nullable(z.string()),
  /** In the transparency log; null where no log was looked at. */
  logIndex: z.nullable(z.number()),
  /** The place that a legacy signature was made for, in the signer's words: shown, never judged. */
  claimedReference: z.nullable(z.string()),
};

/** A cosign key that a policy names. */
export const CosignKeySigner = z.object({
  kind: z.literal('cosign-key'),
  /** Its entry in argocd-cosign-keys-cm. */
  keyName: z.string(),
  /** `sha256:` and 64 hex digits, of the key's SubjectPublicKeyInfo. */
  fingerprint: z.string(),
  ...cosignSignature,
  /** When a log or a timestamp authority saw the signature; null where none that is trusted did. */
  signedAt: z.nullable(Timestamp),
});
export type CosignKeySigner = z.infer<typeof CosignKeySigner>;

/** An identity to which a certificate authority of the trust root gave a certificate for some minutes. */
export const KeylessSigner = z.object({
  kind: z.literal('keyless'),
  /** Subject alternative name of the certificate. */
  subject: z.string(),
  /** OIDC issuer that vouched for it. */
  issuer: z.string(),
  /** The build, as the certificate authority attests it; null where it says nothing of one. */
  workflow: z.nullable(
    z.object({
      repository: z.nullable(z.string()),
      ref: z.nullable(z.string()),
      commit: z.nullable(z.string()),
      trigger: z.nullable(z.string()),
      run: z.nullable(z.string()),
    }),
  ),
  ...cosignSignature,
  signedAt: Timestamp,
  timeSource: z.enum(['transparency-log', 'timestamp-authority']),
});
export type KeylessSigner = z.infer<typeof KeylessSigner>;

export const Signer = z.discriminatedUnion('kind', [PgpSigner, CosignKeySigner, KeylessSigner]);
export type Signer = z.infer<typeof Signer>;

export type CosignSigner = CosignKeySigner | KeylessSigner;

/** Where a signature was looked for, and what was there. */
export const Location = z.object({
  kind: z.enum([
    'provenance-url',
    'provenance-file',
    'provenance-layer',
    'referrers',
    'fallback-tag',
    'signature-tag',
    'bundle-file',
  ]),
  location: z.string(),
  found: z.string(),
});
export type Location = z.infer<typeof Location>;

export const CheckId = z.enum([
  'signature-found',
  'signature-valid',
  'signer-trusted',
  'artifact-integrity',
  'transparency-log',
]);
export type CheckId = z.infer<typeof CheckId>;

/** The order in which people read them, and in which every verdict lists them. */
export const CHECK_ORDER: readonly CheckId[] = CheckId.options;

export const SkipReason = z.enum(['does-not-apply', 'earlier-check-failed', 'no-policy', 'not-looked-up']);
export type SkipReason = z.infer<typeof SkipReason>;

export const Check = z.discriminatedUnion('outcome', [
  z.object({ id: CheckId, outcome: z.literal('passed') }),
  z.object({ id: CheckId, outcome: z.enum(['failed', 'error']), problem: Problem }),
  z.object({ id: CheckId, outcome: z.literal('skipped'), reason: SkipReason }),
]);
export type Check = z.infer<typeof Check>;

const problems = z.tuple([Problem], Problem);
const checks = z.array(Check);

const Verified = z.object({
  status: z.literal('verified'),
  digest: Digest,
  signers: z.tuple([Signer], Signer),
  checks,
  /** Worth knowing, not wrong: a renamed file, an index without a digest. */
  warnings: z.array(Problem),
});
const Failed = z.object({
  status: z.literal('failed'),
  digest: z.nullable(Digest),
  problems,
  /** Who signed, as far as that could be told; nobody's word is taken for it. */
  signers: z.array(Signer),
  checks,
  warnings: z.array(Problem),
});
const Unsigned = z.object({
  status: z.literal('unsigned'),
  digest: Digest,
  problems,
  searched: z.tuple([Location], Location),
  checks,
});
const Indeterminate = z.object({ status: z.literal('indeterminate'), problems, checks });
const Unsupported = z.object({ status: z.literal('unsupported'), problems, checks });

/** What was found where nothing was required: the verdict that any key of the keyring would have satisfied. */
export const Observation = z.discriminatedUnion('status', [Verified, Failed, Unsigned, Indeterminate, Unsupported]);
export type Observation = z.infer<typeof Observation>;

const NotRequired = z.object({
  status: z.literal('not-required'),
  reason: z.enum(['no-policy', 'mode-none', 'git']),
  /** Null where nothing was looked at: Git sources, and gates, which need no answer that cannot change theirs. */
  observed: z.nullable(Observation),
});

/**
 * The answer for one source. `unsigned` is a definite "not there"; anything that could not be looked at is
 * `indeterminate`; a form that is known and cannot be verified is `unsupported`. Absence is never success.
 */
export const Verdict = z.discriminatedUnion('status', [
  Verified,
  Failed,
  Unsigned,
  Indeterminate,
  Unsupported,
  NotRequired,
]);
export type Verdict = z.infer<typeof Verdict>;
export type VerdictStatus = Verdict['status'];

export type NonEmpty<T> = [T, ...T[]];

/** Narrows a list to a non-empty one. */
export function isNonEmpty<T>(list: readonly T[]): list is NonEmpty<T> {
  return list.length > 0;
}

/** The problems that keep a required verdict from being `verified`; none for the verdicts that ask for nothing. */
export function verdictProblems(verdict: Verdict | Observation): readonly Problem[] {
  switch (verdict.status) {
    case 'failed':
    case 'unsigned':
    case 'indeterminate':
    case 'unsupported':
      return verdict.problems;
    case 'verified':
    case 'not-required':
      return [];
  }
}
