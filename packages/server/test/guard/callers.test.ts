import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../src/cluster/kubernetes/client.ts';
import type { Outcome } from '../../src/cluster/kubernetes/api-failure.ts';
import { type Callers, NO_CALLERS, tokenReviews } from '../../src/guard/callers.ts';

const REPO_SERVER = 'system:serviceaccount:argocd:argocd-repo-server';

interface Reviewed {
  readonly callers: Callers;
  readonly reviews: KubernetesObject[];
  readonly clock: { now: number };
}

function reviewing(status: object | null): Reviewed {
  const reviews: KubernetesObject[] = [];
  const clock = { now: 0 };
  const create = (_: unknown, object: KubernetesObject): Promise<Outcome<KubernetesObject>> => {
    reviews.push(object);
    const down = { failure: { kind: 'unavailable', reason: 'the API server cannot be reached' } } as const;
    return Promise.resolve(status === null ? down : { value: { status } });
  };
  const accounts = ['argocd-repo-server'];
  const callers = tokenReviews({ client: { create }, namespace: 'argocd', accounts, now: () => clock.now });
  return { callers, reviews, clock };
}

function vouched(username: string, audiences: readonly string[] = ['source-integrity']): object {
  return { authenticated: true, user: { username }, audiences };
}

describe('who may ask about pulls', () => {
  test("is the repo-server, for whose token the API server vouches in the guard's own audience", async () => {
    const { callers, reviews } = reviewing(vouched(REPO_SERVER));
    expect(await callers.identify('Bearer abc')).toEqual({ account: REPO_SERVER });
    expect(reviews).toEqual([
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec: { token: 'abc', audiences: ['source-integrity'] },
      },
    ]);
  });

  test.each([
    ['another account of the same namespace', vouched('system:serviceaccount:argocd:argocd-server'), 403],
    ['the same name in another namespace', vouched('system:serviceaccount:tenant:argocd-repo-server'), 403],
    ['a token for another audience', vouched(REPO_SERVER, ['https://kubernetes.default.svc']), 401],
    ['a token without an audience', { authenticated: true, user: { username: REPO_SERVER } }, 401],
    ['a token that is not valid', { authenticated: false, user: { username: REPO_SERVER } }, 401],
    ['an answer that says nothing', {}, 401],
    ['an API server that is down', null, 503],
  ])('is not %s', async (_, status, code) => {
    const { callers } = reviewing(status);
    expect(await callers.identify('Bearer abc')).toMatchObject({ status: code });
  });

  test.each(['', 'abc', 'Basic abc', 'Bearer ', 'Bearer a b', `Bearer ${'x'.repeat(9000)}`])(
    'is nobody who sends no token (%#), and the API server is not asked',
    async (header) => {
      const { callers, reviews } = reviewing(vouched(REPO_SERVER));
      expect(await callers.identify(header)).toMatchObject({ status: 401 });
      expect(reviews).toEqual([]);
    },
  );

  test('is asked again after a minute, so that an account that is gone is not let in for long', async () => {
    const { callers, reviews, clock } = reviewing(vouched(REPO_SERVER));
    await callers.identify('Bearer abc');
    clock.now = 59_000;
    await callers.identify('Bearer abc');
    expect(reviews.length).toBe(1);
    clock.now = 61_000;
    await callers.identify('Bearer abc');
    expect(reviews.length).toBe(2);
  });

  test('is nobody where the server reads a folder of manifests', async () => {
    expect(await NO_CALLERS.identify('Bearer abc')).toMatchObject({ status: 503 });
  });
});
