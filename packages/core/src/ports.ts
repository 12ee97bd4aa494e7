import type { Problem } from './verdict/problem.ts';

/** What a repository may be asked with. The fetching side knows more of it; here only who it is matters. */
export interface RepositoryAccess {
  /**
   * Names the credentials and TLS settings in use without revealing them; part of every cache key, so that an
   * answer given to one identity is never an answer to another.
   */
  readonly identity: string;
}

export type RequestHeader = 'accept' | 'authorization';

/** The headers of an answer that anybody here looks at. */
export type ResponseHeader = 'docker-content-digest' | 'link' | 'oci-subject' | 'retry-after' | 'www-authenticate';

export interface FetchRequest {
  readonly url: string;
  readonly access: RepositoryAccess;
  /**
   * `send` only towards the repository's own scheme and host, or where `passCredentials` says so. `certificate` sends
   * the client certificate and no password: to registries, which say first how they want to be asked.
   */
  readonly credentials: 'send' | 'certificate' | 'withhold';
  /**
   * Added to the request, in the place of what is sent otherwise. `authorization` never leaves the origin of the URL,
   * whatever redirects say.
   */
  readonly headers?: Readonly<Partial<Record<RequestHeader, string>>>;
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
  /** As the server sent them, several of a name joined by a comma and a space; absent: none. */
  readonly headers?: ReadonlyMap<ResponseHeader, string>;
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
