/** What one fetch may take. Times are in milliseconds, sizes in bytes. */
export interface FetchLimits {
  /** Name look-up, TCP and TLS together. */
  readonly connectTimeoutMs: number;
  /** From the request sent to the last header received. */
  readonly headersTimeoutMs: number;
  /** Between two pieces of a body. */
  readonly idleTimeoutMs: number;
  /** From the call to the last byte of the body, redirects and retries included. */
  readonly totalTimeoutMs: number;
  /** All headers of one answer. */
  readonly maxHeaderBytes: number;
  readonly maxRedirects: number;
}

export const DEFAULT_FETCH_LIMITS: FetchLimits = {
  connectTimeoutMs: 5_000,
  headersTimeoutMs: 15_000,
  idleTimeoutMs: 10_000,
  totalTimeoutMs: 60_000,
  maxHeaderBytes: 32 * 1024,
  maxRedirects: 5,
};
