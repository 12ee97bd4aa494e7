/** What is read of a registry at most. */
export const OCI_LIMITS = {
  /** Bytes of one manifest or index (OCI distribution specification 1.1, "Pushing Manifests"; Argo CD 3.6 likewise). */
  manifestBytes: 4 * 1024 * 1024,
  /** Layers of one manifest; cosign has the same limit (GHSA-88jx-383q-w4qc). */
  layers: 1000,
  /** Manifests that one index, or all pages of a list of referrers, may name. */
  indexEntries: 1000,
  /** Pages of one list. */
  pages: 100,
  /** Bytes of one page of tags. */
  tagPageBytes: 4 * 1024 * 1024,
  tags: 100_000,
  /** Bytes of the answer of a token server. */
  tokenAnswerBytes: 64 * 1024,
  tokenLength: 16 * 1024,
  /** Characters of a `WWW-Authenticate` or `Link` header. */
  headerLength: 8 * 1024,
  /** Requests that are repeated after "too many requests". */
  retries: 3,
  /** Milliseconds that such a request waits; a registry that wants more is not waited for. */
  retryWaitMs: 10_000,
  /** Bytes of the configuration of a chart. */
  configBytes: 1024 * 1024,
  /** Referrers that are opened, and bytes of these and of all signatures together. */
  openedReferrers: 200,
  signatureBytes: 64 * 1024 * 1024,
} as const;
