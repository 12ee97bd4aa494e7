import { FetchFault, problem, type Problem } from '@source-integrity/core';
import { printableUrl } from './printable-url.ts';

/**
 * The bytes of a body, counted as they come: what `Content-Length` says is nobody's promise. Throws a
 * {@link FetchFault} for whatever breaks it off. `onEnd` is called once, whether it was read to the end or left.
 */
export async function* limitedBody(
  body: AsyncIterable<unknown>,
  url: URL,
  maxBytes: number,
  failureOf: (error: unknown) => Problem,
  onEnd: (problem: Problem | null) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let received = 0;
  let failure: Problem | null = null;
  try {
    for await (const chunk of body) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('a body is made of bytes');
      received += chunk.byteLength;
      if (received > maxBytes) throw new FetchFault(tooLarge(url, maxBytes));
      yield chunk;
    }
  } catch (error) {
    failure = failureOf(error);
    throw error instanceof FetchFault ? error : new FetchFault(failure);
  } finally {
    onEnd(failure);
  }
}

/** The problem that the headers alone tell of, if any. */
export function headersProblem(
  url: URL,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  maxBytes: number,
): Problem | null {
  const encoding = String(headers['content-encoding'] ?? '').trim();
  if (encoding !== '' && encoding.toLowerCase() !== 'identity') {
    return problem('fetch-unsupported-encoding', { url: printableUrl(url), encoding: encoding.slice(0, 50) });
  }
  return Number(headers['content-length'] ?? 0) > maxBytes ? tooLarge(url, maxBytes) : null;
}

function tooLarge(url: URL, maxBytes: number): Problem {
  return problem('fetch-too-large', { url: printableUrl(url), maxBytes });
}
