/**
 * What is read at most. cosign 3.1 allows 1000 layers, 32 log entries, 32 timestamps and 1024 subjects; payloads and
 * bundles, which it reads up to 128 MiB of, are a few kilobytes in practice (GHSA-88jx-383q-w4qc, GHSA-95pr-fxf5-86gv).
 */
export const LIMITS = {
  /** Signatures of one artifact. */
  candidates: 1000,
  /** Bytes of one bundle. */
  bundleBytes: 4 * 1024 * 1024,
  /** Bytes of one signed payload: simple signing or in-toto statement. */
  payloadBytes: 1024 * 1024,
  /** Characters of one annotation of a legacy signature. */
  annotationLength: 256 * 1024,
  logEntries: 32,
  timestamps: 32,
  subjects: 1024,
  /** Digests of one subject. */
  subjectDigests: 32,
  /** Certificates of one chain. */
  chainLength: 10,
  certificateBytes: 64 * 1024,
  /** Bytes of one public key in PEM. */
  keyBytes: 16 * 1024,
  /** Bytes of a trusted_root.json. */
  trustRootBytes: 1024 * 1024,
  /** Logs, and authorities of one kind, in a trust root. */
  trustRootEntries: 64,
  /** Characters of an identity or of a regular expression. */
  identityLength: 2048,
  /** Steps of a compiled regular expression; each is taken for each character: 600,000 would take minutes. */
  identitySteps: 5000,
} as const;
