import type { Dispatcher } from 'undici';
import type { Fetch, FetchOutcome, FetchRequest, Problem, RepositoryAccess } from '@source-integrity/core';
import type { ResolvedAccess } from '../cluster/repository-access.ts';
import { Agents } from './agents.ts';
import { accept, discard } from './answer.ts';
import { systemResolve, type Resolve } from './connector.ts';
import { Deadline } from './deadline.ts';
import { checkDestination, type DestinationRules } from './destination.ts';
import { failureOf, isReset, type Attempt } from './failure.ts';
import type { FetchLimits } from './limits.ts';
import { proxyFor } from './proxy.ts';
import { isRedirect, redirectTarget } from './redirect.ts';
import { tlsSettingsFor } from './tls.ts';

export interface FetcherOptions {
  readonly limits: FetchLimits;
  readonly destinations: DestinationRules;
  /** Names itself to servers; without version numbers of what it runs on. */
  readonly userAgent: string;
  /** How host names become addresses; the system's resolver unless said otherwise. */
  readonly resolve?: Resolve;
  /** Told of every fetch when it is over: a status class (`2xx`) or a problem's code. */
  readonly onFinished?: (outcome: string, durationMs: number) => void;
}

export interface Fetcher {
  readonly fetch: Fetch;
  /** Breaks off what is under way and ends every connection. */
  close(): Promise<void>;
}

/** One request of a fetch: the first, or one that a redirect asks for. */
interface Hop {
  readonly url: URL;
  readonly headers: Record<string, string>;
  /** Whether the client certificate goes there. */
  readonly certificate: boolean;
}

/**
 * Core's {@link Fetch} over the network: GET with http and https, HTTP/1.1. Every hop passes the same checks; what
 * fails is a problem, never an exception. The body of an answer that is not 2xx is left unread and comes out empty.
 * A caller's abort is thrown as it is.
 */
export function createFetcher(options: FetcherOptions): Fetcher {
  const { limits, destinations } = options;
  const agents = new Agents(options.resolve ?? systemResolve, destinations, limits);
  const underWay = new Set<Deadline>();

  const fetch: Fetch = async (request) => {
    const startedAt = performance.now();
    const finished = (outcome: string): void => options.onFinished?.(outcome, performance.now() - startedAt);
    const deadline = new Deadline(request.url, limits.totalTimeoutMs, request.signal, (ended) =>
      underWay.delete(ended),
    );
    underWay.add(deadline);
    try {
      const outcome = await follow(request, deadline, finished);
      if ('problem' in outcome) {
        deadline.end();
        finished(outcome.problem.code);
      }
      return outcome;
    } catch (error) {
      deadline.end();
      throw error;
    }
  };

  async function follow(
    request: FetchRequest,
    deadline: Deadline,
    finished: (outcome: string) => void,
  ): Promise<FetchOutcome> {
    const access = resolved(request.access);
    const visited: URL[] = [];
    let target = request.url;
    let ownOrigin = true;
    for (;;) {
      const destination = checkDestination(target, destinations);
      if ('problem' in destination) return destination;
      visited.push(destination.url);
      // Once left, it is left for good: a redirect back could be an attacker's.
      ownOrigin &&= destination.url.origin === visited[0]?.origin;
      const certificate = ownOrigin && request.credentials !== 'withhold';
      const hop: Hop = { url: destination.url, headers: headersFor(request, access, ownOrigin), certificate };
      const answer = await ask(hop, access, deadline.signal);
      if ('problem' in answer) return answer;
      const { response, attempt } = answer;
      if (!isRedirect(response.statusCode)) {
        return accept(response, attempt, request.maxBytes, deadline, finished);
      }
      void discard(response, deadline.signal);
      const redirect = redirectTarget(response.headers['location'], visited, limits.maxRedirects);
      if ('problem' in redirect) return redirect;
      target = redirect.location;
    }
  }

  async function ask(
    hop: Hop,
    access: ResolvedAccess,
    signal: AbortSignal,
  ): Promise<
    { readonly response: Dispatcher.ResponseData; readonly attempt: Attempt } | { readonly problem: Problem }
  > {
    const { url } = hop;
    const way = proxyFor(url, access);
    if ('problem' in way) return way;
    const attempt: Attempt = { url, proxy: way.proxy, phase: 'headers', limits };
    const tls = tlsSettingsFor(url, access, hop.certificate);
    for (let retries = 1; ; retries -= 1) {
      const connection = agents.to(url, { identity: access.identity, tls, proxy: way.proxy });
      if ('problem' in connection) return connection;
      try {
        const response = await connection.agent.request({
          origin: url.origin,
          path: `${url.pathname}${url.search}`,
          method: 'GET',
          headers: hop.headers,
          signal,
        });
        // A body that breaks off while nobody reads it is nobody's concern.
        response.body.on('error', () => undefined);
        return { response, attempt };
      } catch (error) {
        if (signal.aborted) return { problem: failureOf(signal.reason, attempt) };
        if (retries === 0 || !isReset(error)) return { problem: failureOf(error, attempt) };
      }
    }
  }

  function headersFor(request: FetchRequest, access: ResolvedAccess, ownOrigin: boolean): Record<string, string> {
    const { accept = '*/*', authorization } = request.headers ?? {};
    const own = authorization === undefined ? {} : { authorization };
    return {
      'user-agent': options.userAgent,
      accept,
      // Counted bytes are the bytes: nothing is ever decompressed, so nothing can explode.
      'accept-encoding': 'identity',
      ...(ownOrigin && request.credentials === 'send' ? basicAuth(access) : {}),
      ...(ownOrigin ? own : {}),
    };
  }

  return {
    fetch,
    async close() {
      for (const deadline of underWay) deadline.abort(new Error('the server is shutting down'));
      await agents.close();
    },
  };
}

/** RFC 7617, sent without being asked for, as Argo CD and Helm do; both ignore bearer tokens for chart repositories. */
function basicAuth({ username, password }: ResolvedAccess): Record<string, string> {
  if (username === '' && password === '') return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

function resolved(access: RepositoryAccess): ResolvedAccess {
  if (!isResolved(access)) throw new TypeError('this access was not resolved from the cluster');
  return access;
}

function isResolved(access: RepositoryAccess): access is ResolvedAccess {
  return 'tls' in access && 'password' in access && 'proxy' in access;
}
