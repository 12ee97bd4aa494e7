import { describe, expect, it, vi } from 'vitest';
import { createApi } from '../../src/client/api.ts';
import { job } from '../../stories/ledger.ts';
import { digestOf } from '../../stories/reports.ts';
import { states } from '../../stories/states.ts';

const application = { namespace: 'argocd', name: 'payments', project: 'shop' };
const signal = new AbortController().signal;
const json = (value: unknown, init: ResponseInit = {}): Response => new Response(JSON.stringify(value), init);
const problemDetails = JSON.stringify({
  type: 'about:blank',
  title: 'Problem',
  status: 500,
  detail: 'The store is away.',
  code: 'internal',
  requestId: 'r-1',
});

function answering(response: Response | (() => Promise<Response>)): {
  readonly api: ReturnType<typeof createApi>;
  readonly fetch: ReturnType<typeof vi.fn<typeof globalThis.fetch>>;
} {
  const fetch = vi.fn<typeof globalThis.fetch>(() =>
    typeof response === 'function' ? response() : Promise.resolve(response),
  );
  return { api: createApi(application, fetch, 50), fetch };
}

describe('a call', () => {
  it('goes to a path relative to the page’s base, with the headers that the proxy wants', async () => {
    const { api, fetch } = answering(json(states.verified, { headers: { etag: '"1"' } }));
    const answer = await api.report(null, signal);
    expect(answer).toMatchObject({ ok: true, changed: true, etag: '"1"', value: { status: 'verified' } });
    expect(fetch.mock.calls[0]?.[0]).toBe('extensions/source-integrity/api/v1/report');
    const headers = new Headers(fetch.mock.calls[0]?.[1]?.headers);
    expect(headers.get('Argocd-Application-Name')).toBe('argocd:payments');
    expect(headers.get('Argocd-Project-Name')).toBe('shop');
    expect(headers.get('If-None-Match')).toBeNull();
  });

  it('asks whether a known report has changed', async () => {
    const { api, fetch } = answering(new Response(null, { status: 304 }));
    expect(await api.report('"1"', signal)).toEqual({ ok: true, changed: false });
    expect(new Headers(fetch.mock.calls[0]?.[1]?.headers).get('If-None-Match')).toBe('"1"');
  });

  it('starts a verification by POST, and escapes what it puts into paths', async () => {
    const { api, fetch } = answering(json(job('queued', 0), { status: 202 }));
    expect(await api.verify(signal)).toMatchObject({ ok: true, value: { state: 'queued' } });
    expect(fetch.mock.calls[0]?.[1]?.method).toBe('POST');
    await api.job('../x?y', signal);
    expect(fetch.mock.calls[1]?.[0]).toMatch(/verifications\/\.\.%2Fx%3Fy$/);
  });

  it('brings evidence as bytes', async () => {
    const { api, fetch } = answering(new Response('prov'));
    const answer = await api.evidence(digestOf('ab'), signal);
    expect(answer.ok && (await answer.value.text())).toBe('prov');
    expect(fetch.mock.calls[0]?.[0]).toMatch(/evidence\/sha256:[0-9a-f]{64}$/);
  });
});

describe('a failure', () => {
  it.each([
    [400, 'Invalid headers', { kind: 'bad-request', detail: 'Invalid headers' }],
    [400, 'Auth cookie not found\n', { kind: 'unauthorized', detail: 'Auth cookie not found' }],
    [401, 'Unauthorized extension request', { kind: 'unauthorized', detail: 'Unauthorized extension request' }],
    [403, '', { kind: 'forbidden', detail: '' }],
    [404, 'Extension not found', { kind: 'extension-missing' }],
    [404, problemDetails, { kind: 'not-found', detail: 'The store is away.' }],
    [502, '<html>Bad Gateway</html>', { kind: 'backend-down', status: 502, detail: '' }],
    [504, '', { kind: 'backend-down', status: 504 }],
    [503, problemDetails, { kind: 'busy', detail: 'The store is away.' }],
    [500, problemDetails, { kind: 'server-error', detail: 'The store is away.', requestId: 'r-1' }],
    [418, 'x'.repeat(1000), { kind: 'server-error', detail: 'x'.repeat(300), requestId: null }],
    [200, '<!doctype html><title>Log in</title>', { kind: 'malformed', detail: 'a web page' }],
    [200, 'OK', { kind: 'malformed', detail: 'not JSON' }],
    [200, '{}', { kind: 'malformed', detail: 'unexpected application' }],
  ])('with status %d and "%s" is told apart', async (status, body, failure) => {
    const { api } = answering(new Response(body, { status }));
    expect(await api.report(null, signal)).toMatchObject({ ok: false, failure });
  });

  it.each([
    ['12', 12],
    [null, 30],
    ['soon', 30],
    ['999999', 3600],
    ['0', 1],
  ])('by a limit with Retry-After %s says when to come back', async (header, retryAfterSeconds) => {
    const { api } = answering(
      new Response('', { status: 429, headers: header === null ? {} : { 'retry-after': header } }),
    );
    expect(await api.verify(signal)).toEqual({ ok: false, failure: { kind: 'rate-limited', retryAfterSeconds } });
  });

  it('of the connection or of time is told, and nothing is thrown', async () => {
    const offline = answering(() => Promise.reject(new TypeError('Failed to fetch')));
    expect(await offline.api.keys(signal)).toEqual({ ok: false, failure: { kind: 'no-connection' } });
    const slow = vi.fn<typeof globalThis.fetch>(
      (_, init) =>
        new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted')))),
    );
    const answer = await createApi(application, slow, 10).history(null, signal);
    expect(answer).toEqual({ ok: false, failure: { kind: 'timeout', seconds: 0.01 } });
  });
});
