import { FetchFault, type Fetch, type FetchResponse, type RepositoryAccess } from '../ports.ts';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { credentialsFor, type Target } from './provenance-location.ts';

/** How a repository is asked. */
export interface RepositoryRequest {
  readonly repoURL: string;
  readonly access: RepositoryAccess;
  readonly passCredentials: boolean;
  readonly fetch: Fetch;
  readonly signal?: AbortSignal;
}

/** Asks for a file, with the repository's credentials only where they may go. */
export async function ask(
  { access, repoURL, passCredentials, fetch, signal }: RepositoryRequest,
  { url }: Target,
  maxBytes: number,
): Promise<FetchResponse | { readonly problem: Problem }> {
  signal?.throwIfAborted();
  const credentials = credentialsFor(url, repoURL, passCredentials);
  const outcome = await fetch({ url, access, credentials, maxBytes, ...(signal === undefined ? {} : { signal }) });
  return 'problem' in outcome ? outcome : outcome.response;
}

/** Reads a body. The limit holds here as well, whatever the fetching side does. */
export async function read({ body }: FetchResponse, target: Target, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new FetchFault(problem('fetch-too-large', { url: target.shown, maxBytes }));
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** Lets go of a body that nobody reads, so that its connection is free again. */
export async function discard({ body }: FetchResponse): Promise<void> {
  await body[Symbol.asyncIterator]().return?.();
}

/** The problem of a status that is neither the file nor a definite "not there". */
export function problemOfStatus({ shown }: Target, status: number): Problem {
  return status === 401 || status === 403
    ? problem('fetch-unauthorized', { url: shown, status })
    : problem('fetch-status', { url: shown, status });
}

/** A definite "not there". A 403 is none, though some object stores answer it for that: it may hide the file. */
export function isAbsent(status: number): boolean {
  return status === 404 || status === 410;
}
