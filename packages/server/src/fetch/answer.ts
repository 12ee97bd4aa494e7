import type { Dispatcher } from 'undici';
import type { FetchOutcome, Problem, ResponseHeader } from '@source-integrity/core';
import { headersProblem, limitedBody } from './body.ts';
import type { Deadline } from './deadline.ts';
import { failureOf, type Attempt } from './failure.ts';

const WORTH_READING_TO_KEEP_THE_CONNECTION = 64 * 1024;

/** Makes core's answer of a final one. The deadline ends with its body; `finished` hears how it went. */
export function accept(
  response: Dispatcher.ResponseData,
  attempt: Attempt,
  maxBytes: number,
  deadline: Deadline,
  finished: (outcome: string) => void,
): FetchOutcome {
  const { url } = attempt;
  const { statusCode: status, headers, body } = response;
  const contentType = typeof headers['content-type'] === 'string' ? headers['content-type'] : null;
  const statusClass = `${Math.floor(status / 100)}xx`;
  const answer = { status, url: url.href, contentType, headers: selected(headers) };
  if (status < 200 || status > 299) {
    void discard(response, deadline.signal).finally(() => deadline.end());
    finished(statusClass);
    return { response: { ...answer, body: emptyBody() } };
  }
  const wrong = headersProblem(url, headers, maxBytes);
  if (wrong !== null) {
    body.destroy();
    return { problem: wrong };
  }
  const failure = (error: unknown): Problem =>
    failureOf(deadline.signal.aborted ? deadline.signal.reason : error, { ...attempt, phase: 'body' });
  const onEnd = (problem: Problem | null): void => {
    deadline.end();
    finished(problem?.code ?? statusClass);
  };
  return { response: { ...answer, body: limitedBody(body, url, maxBytes, failure, onEnd) } };
}

const SELECTED: readonly ResponseHeader[] = [
  'docker-content-digest',
  'link',
  'oci-subject',
  'retry-after',
  'www-authenticate',
];

function selected(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): ReadonlyMap<ResponseHeader, string> {
  return new Map(
    SELECTED.flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const];
    }),
  );
}

/** Frees the connection: reads what little is left of an unwanted body, or gives the connection up. */
export async function discard(response: Dispatcher.ResponseData, signal: AbortSignal): Promise<void> {
  try {
    await response.body.dump({ limit: WORTH_READING_TO_KEEP_THE_CONNECTION, signal });
  } catch {
    response.body.destroy();
  }
}

async function* emptyBody(): AsyncGenerator<Uint8Array, void, undefined> {
  // Nothing to yield.
}
