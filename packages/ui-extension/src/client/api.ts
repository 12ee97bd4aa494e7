import { History, Job, Keys, Report, type Digest } from '@source-integrity/core/contract';
import type { ApplicationIdentity } from '../host/application.ts';
import { failureOf, looksLikeHtml } from './answer.ts';
import type { ApiFailure } from './failure.ts';

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: ApiFailure };

/** `etag` names this state of the report; null where the server gave none. */
export type ReportAnswer =
  | { readonly ok: true; readonly changed: true; readonly value: Report; readonly etag: string | null }
  | { readonly ok: true; readonly changed: false }
  | { readonly ok: false; readonly failure: ApiFailure };

/** The server's HTTP API, for one Application. No method throws or rejects. */
export interface Api {
  readonly report: (etag: string | null, signal: AbortSignal) => Promise<ReportAnswer>;
  readonly verify: (signal: AbortSignal) => Promise<Answer<Job>>;
  readonly job: (id: string, signal: AbortSignal) => Promise<Answer<Job>>;
  /** `next` of the page before, or null for the newest. */
  readonly history: (next: string | null, signal: AbortSignal) => Promise<Answer<History>>;
  readonly keys: (signal: AbortSignal) => Promise<Answer<Keys>>;
  readonly evidence: (digest: Digest, signal: AbortSignal) => Promise<Answer<Blob>>;
}

/** Relative, so that Argo CD under a path (`<base href>`) is met too. */
const BASE = 'extensions/source-integrity/api/v1/';
const TIMEOUT_MS = 30_000;

type Init = Pick<RequestInit, 'method' | 'body' | 'cache'> & { readonly headers?: Readonly<Record<string, string>> };

interface Schema<T> {
  readonly safeParse: (value: unknown) =>
    | { readonly success: true; readonly data: T }
    | {
        readonly success: false;
        readonly error: { readonly issues: readonly { readonly path: readonly PropertyKey[] }[] };
      };
}

export function createApi(
  application: ApplicationIdentity,
  fetch: typeof globalThis.fetch,
  timeoutMs: number = TIMEOUT_MS,
): Api {
  async function call<T>(
    path: string,
    init: Init,
    signal: AbortSignal,
    read: (response: Response) => Promise<T>,
  ): Promise<T | { readonly ok: false; readonly failure: ApiFailure }> {
    const attempt = new AbortController();
    const abort = (): void => attempt.abort();
    const timer = setTimeout(abort, timeoutMs);
    signal.addEventListener('abort', abort);
    try {
      const response = await fetch(BASE + path, {
        ...init,
        credentials: 'same-origin',
        signal: attempt.signal,
        headers: {
          Accept: 'application/json',
          ...init.headers,
          'Argocd-Application-Name': `${application.namespace}:${application.name}`,
          'Argocd-Project-Name': application.project,
        },
      });
      return await read(response);
    } catch {
      const failure: ApiFailure = attempt.signal.aborted
        ? { kind: 'timeout', seconds: timeoutMs / 1000 }
        : { kind: 'no-connection' };
      return { ok: false, failure };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  const json = <T>(schema: Schema<T>, path: string, signal: AbortSignal, init: Init = {}): Promise<Answer<T>> =>
    call(path, init, signal, (response) => readJson(response, schema));

  return {
    report: (etag, signal) =>
      call<ReportAnswer>(
        'report',
        etag === null ? {} : { headers: { 'If-None-Match': etag }, cache: 'no-store' },
        signal,
        async (response) => {
          if (response.status === 304) return { ok: true, changed: false };
          const answer = await readJson(response, Report);
          return answer.ok ? { ...answer, changed: true, etag: response.headers.get('etag') } : answer;
        },
      ),
    verify: (signal) =>
      json(Job, 'verifications', signal, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: '{}',
      }),
    job: (id, signal) => json(Job, `verifications/${encodeURIComponent(id)}`, signal),
    history: (next, signal) =>
      json(History, next === null ? 'history' : `history?cursor=${encodeURIComponent(next)}`, signal),
    keys: (signal) => json(Keys, 'keys', signal),
    evidence: (digest, signal) =>
      call<Answer<Blob>>(
        `evidence/${digest}`,
        { headers: { Accept: 'application/octet-stream' } },
        signal,
        async (response) =>
          response.ok
            ? { ok: true, value: await response.blob() }
            : { ok: false, failure: await failureOf(response, Date.now()) },
      ),
  };
}

async function readJson<T>(response: Response, schema: Schema<T>): Promise<Answer<T>> {
  if (!response.ok) return { ok: false, failure: await failureOf(response, Date.now()) };
  const text = await response.text();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return malformed(looksLikeHtml(text) ? 'a web page' : 'not JSON');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const where = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
  return malformed(where === '' ? 'another shape' : `unexpected ${where}`);
}

function malformed(detail: string): { readonly ok: false; readonly failure: ApiFailure } {
  return { ok: false, failure: { kind: 'malformed', detail } };
}
