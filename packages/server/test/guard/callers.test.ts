import { describe, expect, test } from 'vitest';
import { own } from '../../src/cluster/json-object.ts';
import type { KubernetesObject } from '../../src/cluster/kubernetes/client.ts';
import type { Outcome } from '../../src/cluster/kubernetes/api-failure.ts';
import { type Callers, NO_CALLERS, tokenReviews } from '../../src/guard/callers.ts';

const REPO_SERVER = 'system:serviceaccount:argocd:argocd-repo-server';

const ADDRESS = '10.0.0.7';

interface Reviewed {
  readonly identify: (authorization: string, address?: string) => ReturnType<Callers['identify']>;
  readonly reviews: KubernetesObject[];
  readonly clock: { now: number };
}

type Answering = (token: unknown) => object | null | Promise<object>;

function reviewing(status: object | null | Answering): Reviewed {
  const answering: Answering = isAnswering(status) ? status : () => status;
  const reviews: KubernetesObject[] = [];
  const clock = { now: 0 };
  const create = async (_: unknown, object: KubernetesObject): Promise<Outcome<KubernetesObject>> => {
    reviews.push(object);
    const answered = await answering(own(object, 'spec', 'token'));
    if (answered !== null) return { value: { status: answered } };
    return { failure: { kind: 'unavailable', reason: 'the API server cannot be reached' } };
  };
  const accounts = ['argocd-repo-server'];
  const callers = tokenReviews({ client: { create }, namespace: 'argocd', accounts, now: () => clock.now });
  return {
    identify: (authorization, address = ADDRESS) => callers.identify(authorization, address),
    reviews,
    clock,
  };
}

function isAnswering(status: object | null | Answering): status is Answering {
  return typeof status === 'function';
}

/** The API server vouches for tokens that begin with `good`. */
const ofGoodTokens = (token: unknown): object =>
  String(token).startsWith('good') ? vouched(REPO_SERVER) : { authenticated: false };

function vouched(username: string, audiences: readonly string[] = ['source-integrity']): object {
  return { authenticated: true, user: { username }, audiences };
}

describe('who may ask about pulls', () => {
  test("is the repo-server, for whose token the API server vouches in the guard's own audience", async () => {
    const { identify, reviews } = reviewing(vouched(REPO_SERVER));
    expect(await identify('Bearer abc')).toEqual({ account: REPO_SERVER });
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
    const { identify } = reviewing(status);
    expect(await identify('Bearer abc')).toMatchObject({ status: code });
  });

  test.each(['', 'abc', 'Basic abc', 'Bearer ', 'Bearer a b', `Bearer ${'x'.repeat(9000)}`])(
    'is nobody who sends no token (%#), and the API server is not asked',
    async (header) => {
      const { identify, reviews } = reviewing(vouched(REPO_SERVER));
      expect(await identify(header)).toMatchObject({ status: 401 });
      expect(reviews).toEqual([]);
    },
  );

  test('is asked again after a minute, so that an account that is gone is not let in for long', async () => {
    const { identify, reviews, clock } = reviewing(vouched(REPO_SERVER));
    await identify('Bearer abc');
    clock.now = 59_000;
    await identify('Bearer abc');
    expect(reviews.length).toBe(1);
    clock.now = 61_000;
    await identify('Bearer abc');
    expect(reviews.length).toBe(2);
  });

  test('is nobody where the server reads a folder of manifests', async () => {
    expect(await NO_CALLERS.identify('Bearer abc', ADDRESS)).toMatchObject({ status: 503 });
  });
});

describe('a pod that sends made-up tokens', () => {
  test('has each of them asked about once, for ten seconds', async () => {
    const { identify, reviews, clock } = reviewing(ofGoodTokens);
    for (let n = 0; n < 5; n += 1) expect(await identify('Bearer bad')).toMatchObject({ status: 401 });
    expect(reviews.length).toBe(1);
    clock.now = 11_000;
    await identify('Bearer bad');
    expect(reviews.length).toBe(2);
  });

  test('soon has none of them asked about, and is told when to come back', async () => {
    const { identify, reviews, clock } = reviewing(ofGoodTokens);
    for (let n = 0; n < 200; n += 1) await identify(`Bearer bad${n}`);
    expect(reviews.length).toBeLessThanOrEqual(20);
    const refused = await identify('Bearer bad-again');
    expect('retryAfterSeconds' in refused && refused).toMatchObject({ status: 429, retryAfterSeconds: 2 });
    clock.now += 60_000;
    expect(await identify('Bearer bad-again')).toMatchObject({ status: 401 });
  });

  test('keeps out neither a caller who is known nor, at another address, one who comes for the first time', async () => {
    const { identify, clock } = reviewing(ofGoodTokens);
    expect(await identify('Bearer good')).toEqual({ account: REPO_SERVER });
    for (let n = 0; n < 200; n += 1) await identify(`Bearer bad${n}`);
    expect(await identify('Bearer good')).toEqual({ account: REPO_SERVER });
    // What was vouched for a minute ago is asked about again, before anything unknown is.
    clock.now += 61_000;
    for (let n = 0; n < 200; n += 1) await identify(`Bearer worse${n}`);
    expect(await identify('Bearer good')).toEqual({ account: REPO_SERVER });
    expect(await identify('Bearer good-too', '10.0.0.8')).toEqual({ account: REPO_SERVER });
  });

  test('has few of them asked about at a time, and a known caller does not wait behind them', async () => {
    const { promise: isOver, resolve: release } = Promise.withResolvers<object>();
    const { identify, reviews, clock } = reviewing((token) =>
      String(token).startsWith('good') ? vouched(REPO_SERVER) : isOver,
    );
    await identify('Bearer good');
    clock.now += 61_000;
    const bad = Array.from({ length: 100 }, (_, n) => identify(`Bearer bad${n}`, `10.1.0.${n}`));
    expect(await identify('Bearer good')).toEqual({ account: REPO_SERVER });
    expect(reviews.length).toBeLessThanOrEqual(10);
    release({ authenticated: false });
    const answers = await Promise.all(bad);
    expect(new Set(answers.map((answer) => ('status' in answer ? answer.status : 0)))).toEqual(new Set([401, 429]));
  });
});

test('many pulls at once with a token that nobody knows yet have it asked about once', async () => {
  const { identify, reviews } = reviewing(ofGoodTokens);
  const answers = await Promise.all(Array.from({ length: 40 }, () => identify('Bearer good')));
  expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
    new Set([JSON.stringify({ account: REPO_SERVER })]),
  );
  expect(reviews.length).toBe(1);
});
