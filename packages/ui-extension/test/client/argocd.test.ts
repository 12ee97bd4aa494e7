import { describe, expect, it, vi } from 'vitest';
import { createArgocd } from '../../src/client/argocd.ts';

const commit = { source: 2, revision: '8c1f2e7a90b1', version: null };
const signal = new AbortController().signal;
const good = JSON.stringify({ date: null, sourceIntegrityResult: { Checks: [{ Name: 'GIT/GPG', Problems: null }] } });

function answering(response: () => Promise<Response>): {
  readonly argocd: ReturnType<typeof createArgocd>;
  readonly fetch: ReturnType<typeof vi.fn<typeof globalThis.fetch>>;
} {
  const fetch = vi.fn<typeof globalThis.fetch>((_, init) =>
    Promise.race([
      response(),
      new Promise<Response>((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      }),
    ]),
  );
  return { argocd: createArgocd({ namespace: 'team-a', name: 'payments', project: 'shop' }, fetch, 50), fetch };
}

describe('a question to Argo CD about a commit', () => {
  it('goes to a path relative to the page’s base, with the user’s session and nothing of ours', async () => {
    const { argocd, fetch } = answering(() => Promise.resolve(new Response(good)));
    expect(await argocd.commit(commit, signal)).toEqual({ state: 'passed', checks: ['GIT/GPG'] });
    expect(fetch.mock.calls[0]?.[0]).toBe(
      'api/v1/applications/payments/revisions/8c1f2e7a90b1/metadata?appNamespace=team-a&sourceIndex=2',
    );
    expect(fetch.mock.calls[0]?.[1]).toMatchObject({ credentials: 'same-origin' });
    expect(Object.keys(fetch.mock.calls[0]?.[1]?.headers ?? {})).toEqual(['Accept']);
  });

  it('names the deployment whose sources count', async () => {
    const { argocd, fetch } = answering(() => Promise.resolve(new Response(good)));
    await argocd.commit({ ...commit, version: 0 }, signal);
    expect(fetch.mock.calls[0]?.[0]).toMatch(/&sourceIndex=2&versionId=0$/);
  });

  it.each([
    [401, '{"error":"no session information","code":16,"message":"no session information"}', 'session'],
    [401, '<!doctype html><title>Log in</title>', 'session'],
    [403, '{"code":7,"message":"permission denied"}', 'forbidden'],
    [404, '{"code":5,"message":"not found"}', 'not-found'],
    [500, '{"code":2,"message":"revision main must be resolved"}', 'error'],
    [502, 'Bad Gateway', 'error'],
    [200, '<!doctype html><title>Log in</title>', 'malformed'],
    [200, '{}', 'malformed'],
    [200, `{"date":null,"message":"${'x'.repeat(1_100_000)}"}`, 'malformed'],
  ])('is unreadable at status %i and %.30s', async (status, body, why) => {
    const { argocd } = answering(() => Promise.resolve(new Response(body, { status })));
    expect(await argocd.commit(commit, signal)).toMatchObject({ state: 'unreadable', why });
  });

  it('passes on what Argo CD says, but not all of it', async () => {
    const message = 'm'.repeat(5000);
    const { argocd } = answering(() => Promise.resolve(new Response(JSON.stringify({ message }), { status: 500 })));
    expect(await argocd.commit(commit, signal)).toMatchObject({ detail: message.slice(0, 300) });
  });

  it('never rejects', async () => {
    const away = answering(() => Promise.reject(new TypeError('Failed to fetch')));
    expect(await away.argocd.commit(commit, signal)).toMatchObject({ why: 'no-connection' });
    const slow = answering(() => new Promise<Response>(() => {}));
    expect(await slow.argocd.commit(commit, signal)).toMatchObject({ why: 'timeout' });
  });
});
