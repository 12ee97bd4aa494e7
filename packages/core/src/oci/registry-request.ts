import { setTimeout as sleep } from 'node:timers/promises';
import { shownUrl } from '../helm/provenance-location.ts';
import { discard } from '../helm/repository-request.ts';
import type { Fetch, FetchRequest, FetchResponse, RepositoryAccess } from '../ports.ts';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { parseChallenge } from './challenge.ts';
import { OCI_LIMITS } from './limits.ts';
import { type Authorization, type AuthorizationCache, requestToken, type TokenRealm, withheld } from './token.ts';

/** Time, as registries need it. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: async (milliseconds, signal) => sleep(milliseconds, undefined, signal === undefined ? {} : { signal }),
};

/** How a registry is asked. */
export interface RegistryAccess {
  readonly fetch: Fetch;
  readonly access: RepositoryAccess;
  /** `insecureOCIForceHttp`: plain HTTP; never guessed. */
  readonly plainHttp: boolean;
  readonly authorizations: AuthorizationCache;
  /** Token servers on other hosts that credentials may go to, beside those of public registries. */
  readonly tokenRealms: readonly TokenRealm[];
  readonly signal?: AbortSignal;
  /** The system's unless said otherwise. */
  readonly clock?: Clock;
}

export interface Question {
  readonly url: URL;
  /** Path of the repository. */
  readonly repository: string;
  readonly accept: string;
  readonly maxBytes: number;
}

export type Answer = { readonly response: FetchResponse } | { readonly problem: Problem };

/**
 * Asks a registry: first as it wanted to be asked the last time, then as its challenge says (distribution
 * specification, "Authentication"). A challenge of another origin, where a redirect may have led, is nobody's business
 * with our credentials (GHSA-vh4v-2xq2-g5cg). After "too many requests" a few repetitions, as the registry says when.
 */
export async function askRegistry(question: Question, registry: RegistryAccess): Promise<Answer> {
  const clock = registry.clock ?? systemClock;
  for (let attempt = 0; ; attempt += 1) {
    const answer = await authorized(question, registry, clock);
    if ('problem' in answer || answer.response.status !== 429) return answer;
    await discard(answer.response);
    const wanted = retryAfter(answer.response, clock.now());
    const wait = wanted ?? 1000 * 2 ** attempt;
    if (attempt >= OCI_LIMITS.retries || wait > OCI_LIMITS.retryWaitMs) {
      const retryAfterSeconds = wanted === null ? null : Math.ceil(wanted / 1000);
      return { problem: problem('oci-rate-limited', { url: shownUrl(question.url.href), retryAfterSeconds }) };
    }
    await clock.sleep(wait, registry.signal);
  }
}

async function authorized(question: Question, registry: RegistryAccess, clock: Clock): Promise<Answer> {
  const { authorizations, access } = registry;
  const key = [access.identity, question.url.origin, question.repository].join('\n');
  const known = authorizations.get(key, clock.now());
  const first = await send(question, registry, known);
  if ('problem' in first || first.response.status !== 401) return refusedElsewhere(first, question, known);
  await discard(first.response);
  authorizations.delete(key);
  const asked = await answerChallenge(first.response, question, registry, clock);
  if ('problem' in asked) return asked;
  const { authorization } = asked;
  const second = await send(question, registry, authorization);
  if ('response' in second && second.response.status !== 401) authorizations.set(key, authorization);
  return refusedElsewhere(second, question, authorization);
}

async function answerChallenge(
  response: FetchResponse,
  { url, repository }: Question,
  { access, fetch, tokenRealms, signal }: RegistryAccess,
  clock: Clock,
): Promise<{ readonly authorization: Authorization } | { readonly problem: Problem }> {
  const shown = shownUrl(response.url);
  const header = response.headers?.get('www-authenticate') ?? null;
  if (header === null || URL.parse(response.url)?.origin !== url.origin) {
    return { problem: problem('fetch-unauthorized', { url: shown, status: response.status }) };
  }
  const challenge = parseChallenge(header);
  switch (challenge?.scheme) {
    case undefined:
      return { problem: problem('oci-challenge-unsupported', { url: shown, challenge: quotable(header) }) };
    case 'basic':
      return { authorization: { kind: 'basic' } };
    case 'bearer': {
      const now = (): number => clock.now();
      const question = { challenge, registry: url, repository, access, fetch, tokenRealms, now };
      return requestToken(signal === undefined ? question : { ...question, signal });
    }
  }
}

async function send(
  { url, accept, maxBytes }: Question,
  { fetch, access, signal }: RegistryAccess,
  authorization: Authorization | null,
): Promise<Answer> {
  signal?.throwIfAborted();
  const bearer = authorization?.kind === 'bearer' ? { authorization: `Bearer ${authorization.token}` } : {};
  const request: FetchRequest = {
    url: url.href,
    access,
    credentials: authorization?.kind === 'basic' ? 'send' : 'certificate',
    headers: { accept, ...bearer },
    maxBytes,
  };
  return fetch(signal === undefined ? request : { ...request, signal });
}

/** Says why a registry may have refused a token for which no credentials were sent. */
function refusedElsewhere(answer: Answer, { url }: Question, authorization: Authorization | null): Answer {
  if ('problem' in answer || (answer.response.status !== 401 && answer.response.status !== 403)) return answer;
  if (authorization?.kind !== 'bearer' || authorization.anonymousAt === null) return answer;
  return { problem: withheld(url, authorization.anonymousAt) };
}

/** Milliseconds (RFC 9110, section 10.2.3: seconds or a date); null: not said, or not understood. */
function retryAfter({ headers }: FetchResponse, now: number): number | null {
  const text = headers?.get('retry-after')?.trim() ?? '';
  if (/^[0-9]{1,9}$/.test(text)) return Number(text) * 1000;
  const date = text.length > 40 || !/^[A-Za-z]{3}, /.test(text) ? Number.NaN : Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(date - now, 0);
}
