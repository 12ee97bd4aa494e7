import type { Problem } from './verdict/problem.ts';

/** What a repository may be asked with. The fetching side knows more of it; here only who it is matters. */
export interface RepositoryAccess {
  /**
   * Names the credentials and TLS settings in use without revealing them; part of every cache key, so that an
   * answer given to one identity is never an answer to another.
   */
  readonly identity: string;
}

export interface FetchRequest {
  readonly url: string;
  readonly access: RepositoryAccess;
  /** `send` only towards the repository's own scheme and host, or where `passCredentials` says so. */
  readonly credentials: 'send' | 'withhold';
  /** The body ends in a `fetch-too-large` fault after so many bytes, whatever a header says. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

/** An answer of any status. `body` may throw a {@link FetchFault} while it is read. */
export interface FetchResponse {
  readonly status: number;
  /** Where redirects ended. */
  readonly url: string;
  readonly contentType: string | null;
  readonly body: AsyncIterable<Uint8Array>;
}

export type FetchOutcome = { readonly response: FetchResponse } | { readonly problem: Problem };

/** The network, behind every limit and check on where a request may go. */
export type Fetch = (request: FetchRequest) => Promise<FetchOutcome>;

/** Thrown by a body that breaks off: over its limit, timed out, connection lost. */
export class FetchFault extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.code);
    this.name = 'FetchFault';
    this.problem = problem;
  }
}
