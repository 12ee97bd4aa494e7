import { describe, expect, it } from 'vitest';
import type { FetchRequest } from '../../src/ports.ts';
import { RegistryRepository } from '../../src/oci/registry.ts';
import { AuthorizationCache } from '../../src/oci/token.ts';
import type { Problem } from '../../src/verdict/problem.ts';
import { FakeRegistry, image, NOBODY, REGISTRY, ROBOT, type FakeOptions } from './registry-fake.ts';

function registryWith(options: FakeOptions): FakeRegistry {
  const registry = new FakeRegistry(options);
  registry.push('acme/app', image(registry.blob('{}', 'application/vnd.oci.empty.v1+json'), []), '1.0.0');
  return registry;
}

type Settings = Parameters<FakeRegistry['access']>[0];

function open(registry: FakeRegistry, settings: Settings = { access: ROBOT }): RegistryRepository {
  return new RegistryRepository({ registry: REGISTRY, name: 'acme/app' }, registry.access(settings));
}

async function outcome(repository: RegistryRepository): Promise<'received' | 'absent' | Problem> {
  const answer = await repository.manifest('1.0.0');
  if ('problem' in answer) return answer.problem;
  return 'received' in answer ? 'received' : 'absent';
}

function sentPassword(requests: readonly FetchRequest[]): string[] {
  return requests.filter(({ credentials }) => credentials === 'send').map(({ url }) => new URL(url).origin);
}

describe('a registry', () => {
  it('that asks for nothing is sent nothing', async () => {
    const registry = registryWith({});
    expect(await outcome(open(registry))).toBe('received');
    expect(registry.requests).toHaveLength(1);
    expect(registry.requests[0]).toMatchObject({ credentials: 'certificate' });
    expect(registry.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('that asks for a password gets it, from then on without asking', async () => {
    const registry = registryWith({ authentication: 'basic' });
    const repository = open(registry);
    expect(await outcome(repository)).toBe('received');
    expect(await outcome(repository)).toBe('received');
    expect(registry.requests.map(({ credentials }) => credentials)).toEqual(['certificate', 'send', 'send']);
  });

  it('that refuses the password is a problem', async () => {
    const registry = registryWith({ authentication: 'basic' });
    expect(await outcome(open(registry, { access: NOBODY }))).toMatchObject({ code: 'fetch-unauthorized' });
    expect(registry.requests).toHaveLength(2);
  });

  it('that asks for something else is a problem', async () => {
    const instead = () => ({ status: 401, headers: { 'www-authenticate': 'Negotiate abc' } });
    expect(await outcome(open(registryWith({ instead })))).toEqual({
      code: 'oci-challenge-unsupported',
      params: { url: `https://${REGISTRY}/v2/acme/app/manifests/1.0.0`, challenge: 'Negotiate abc' },
    });
  });

  it('that refuses without saying what it wants is a problem', async () => {
    expect(await outcome(open(registryWith({ instead: () => ({ status: 401 }) })))).toMatchObject({
      code: 'fetch-unauthorized',
    });
  });
});

describe('a token', () => {
  it('is asked for with the password, for reading this repository, and used until it ends', async () => {
    const registry = registryWith({ authentication: 'token', tokenSeconds: 300 });
    const repository = open(registry);
    expect(await outcome(repository)).toBe('received');
    expect(await outcome(repository)).toBe('received');
    const query = '?service=fake&scope=repository%3Aacme%2Fapp%3Apull&scope=repository%3Ax%3Apull';
    expect(registry.paths).toEqual([
      '/v2/acme/app/manifests/1.0.0',
      `/token${query}`,
      '/v2/acme/app/manifests/1.0.0',
      '/v2/acme/app/manifests/1.0.0',
    ]);
    expect(sentPassword(registry.requests)).toEqual([`https://${REGISTRY}`]);
    expect(registry.requests.at(-1)?.headers?.authorization).toBe('Bearer token-1');
    registry.now += 296_000;
    expect(await outcome(repository)).toBe('received');
    expect(registry.requests.at(-1)?.headers?.authorization).toBe('Bearer token-2');
  });

  it('that is not taken any more is asked for anew, once', async () => {
    const registry = registryWith({
      authentication: 'token',
      instead: (_, { headers }) =>
        headers?.authorization === 'Bearer token-1' && registry.paths.length > 3
          ? {
              status: 401,
              headers: { 'www-authenticate': `Bearer realm="https://${REGISTRY}/token",service="fake"` },
            }
          : undefined,
    });
    const repository = open(registry);
    expect(await outcome(repository)).toBe('received');
    expect(await outcome(repository)).toBe('received');
    expect(registry.requests.at(-1)?.headers?.authorization).toBe('Bearer token-2');
  });

  it('of one identity is never used for another, nor for another repository', async () => {
    const registry = registryWith({ authentication: 'token' });
    const authorizations = new AuthorizationCache();
    expect(await outcome(open(registry, { access: ROBOT, authorizations }))).toBe('received');
    const before = registry.requests.length;
    const nobody = await outcome(open(registry, { access: NOBODY, authorizations }));
    expect(nobody).toMatchObject({ code: 'oci-token-refused', params: { status: 401 } });
    const other = new RegistryRepository(
      { registry: REGISTRY, name: 'acme/other' },
      registry.access({ access: ROBOT, authorizations }),
    );
    await other.manifest('1.0.0');
    const later = registry.requests.slice(before).map(({ headers }) => headers?.authorization);
    expect(later).not.toContain('Bearer token-1');
  });

  it('is shared by all who ask with one identity', async () => {
    const registry = registryWith({ authentication: 'token' });
    const authorizations = new AuthorizationCache();
    await outcome(open(registry, { access: ROBOT, authorizations }));
    await outcome(open(registry, { access: ROBOT, authorizations }));
    expect(registry.paths.filter((path) => path.startsWith('/token'))).toHaveLength(1);
  });

  it.each([
    ['no JSON', 'hello'],
    ['no token', '{"expires_in": 5}'],
    ['a token that no header can hold', JSON.stringify({ token: 'a\r\nx-evil: 1' })],
    ['a list', '[]'],
    ['two tokens', '{"token":"a","token":"b"}'],
    ['too much', JSON.stringify({ token: 'a'.repeat(20_000) })],
  ])('is none where the answer is %s', async (_, body) => {
    const registry = registryWith({
      authentication: 'token',
      instead: ({ pathname }) => (pathname === '/token' ? { body } : undefined),
    });
    expect(await outcome(open(registry))).toMatchObject({ code: 'oci-token-unreadable' });
  });
});

describe('a token server', () => {
  it.each([
    ['http://registry.example.com/token', 'is not encrypted (https)'],
    ['ftp://registry.example.com/token', 'is not an http(s) URL'],
    ['/token', 'is not an http(s) URL'],
    ['https://user:pw@registry.example.com/token', 'holds a user name'],
  ])('at %s is not asked', async (realm, reason) => {
    const registry = registryWith({ authentication: 'token', realm });
    expect(await outcome(open(registry))).toMatchObject({ code: 'oci-token-realm-refused', params: { reason } });
    expect(registry.requests).toHaveLength(1);
    expect(JSON.stringify(await outcome(open(registry)))).not.toContain('pw');
  });

  it('on another host is sent no password', async () => {
    const realm = 'https://registry.example.com.evil.example/token';
    const registry = registryWith({ authentication: 'token', realm });
    expect(await outcome(open(registry))).toEqual({
      code: 'oci-token-realm-elsewhere',
      params: { registry: REGISTRY, realm, host: 'registry.example.com.evil.example' },
    });
    expect(sentPassword(registry.requests)).toEqual([]);
  });

  it.each(['https://registry.example.com:8443/token', 'https://sub.registry.example.com/token'])(
    'at %s is on another host',
    async (realm) => {
      const registry = registryWith({ authentication: 'token', realm });
      expect(await outcome(open(registry))).toMatchObject({ code: 'oci-token-realm-elsewhere' });
      expect(sentPassword(registry.requests)).toEqual([]);
    },
  );

  it('on another host may be asked without a password', async () => {
    const registry = registryWith({ authentication: 'anonymous token', realm: 'https://auth.example.net/token' });
    expect(await outcome(open(registry))).toBe('received');
    expect(sentPassword(registry.requests)).toEqual([]);
  });

  it('whose anonymous token does not suffice is named', async () => {
    const registry = registryWith({
      authentication: 'anonymous token',
      realm: 'https://auth.example.net/token',
      instead: (_, { headers }) => (headers?.authorization === undefined ? undefined : { status: 403 }),
    });
    expect(await outcome(open(registry))).toMatchObject({
      code: 'oci-token-realm-elsewhere',
      params: { host: 'auth.example.net' },
    });
  });

  it('on another host is sent the password where that is configured', async () => {
    const registry = registryWith({ authentication: 'token', realm: 'https://auth.example.net/token' });
    const tokenRealms = [{ registry: REGISTRY, host: 'auth.example.net' }];
    expect(await outcome(open(registry, { access: ROBOT, tokenRealms }))).toBe('received');
    expect(sentPassword(registry.requests)).toEqual(['https://auth.example.net']);
  });

  it('of Docker Hub is known', async () => {
    const registry = registryWith({ authentication: 'token', realm: 'https://auth.docker.io/token' });
    const name = { registry: 'docker.io', name: 'acme/app' };
    expect(await outcome(new RegistryRepository(name, registry.access({ access: ROBOT })))).toBe('received');
    expect(new Set(registry.requests.map(({ url }) => new URL(url).host))).toEqual(
      new Set(['registry-1.docker.io', 'auth.docker.io']),
    );
  });

  it('of Docker Hub is not that of others', async () => {
    const registry = registryWith({ authentication: 'token', realm: 'https://auth.docker.io/token' });
    expect(await outcome(open(registry))).toMatchObject({ code: 'oci-token-realm-elsewhere' });
    expect(sentPassword(registry.requests)).toEqual([]);
  });

  it('named where a redirect led is not asked', async () => {
    const registry = registryWith({
      authentication: 'token',
      instead: ({ pathname }) =>
        pathname.startsWith('/v2/')
          ? {
              status: 401,
              url: 'https://evil.example.net/x',
              headers: { 'www-authenticate': `Bearer realm="https://${REGISTRY}/token"` },
            }
          : undefined,
    });
    expect(await outcome(open(registry))).toMatchObject({ code: 'fetch-unauthorized' });
    expect(registry.requests).toHaveLength(1);
  });

  it('may be unencrypted where the registry is', async () => {
    const registry = registryWith({ authentication: 'token', realm: `http://${REGISTRY}/token` });
    expect(await outcome(open(registry, { access: ROBOT, plainHttp: true }))).toBe('received');
    expect(sentPassword(registry.requests)).toEqual([`http://${REGISTRY}`]);
  });

  it('is asked for no more than reading, whatever the registry says', async () => {
    const scope = 'repository:acme/secret:push,delete registry:catalog:* aws';
    const registry = registryWith({
      authentication: 'token',
      instead: ({ pathname }, { headers }) =>
        pathname.startsWith('/v2/') && headers?.authorization === undefined
          ? {
              status: 401,
              headers: { 'www-authenticate': `Bearer realm="https://${REGISTRY}/token",scope="${scope}"` },
            }
          : undefined,
    });
    await outcome(open(registry));
    const asked = new URL(registry.requests[1]?.url ?? '').searchParams.getAll('scope');
    expect(asked).toEqual(['repository:acme/app:pull', 'repository:acme/secret:pull', 'aws']);
  });
});

describe('"too many requests"', () => {
  const limited = (times: number, after?: string): FakeOptions => ({
    instead: (_, __, count) =>
      count > times ? undefined : { status: 429, headers: after === undefined ? {} : { 'retry-after': after } },
  });

  it.each([
    ['in seconds', '2', [2000]],
    ['by a date', 'Sun, 01 Nov 2026 00:00:03 GMT', [3000]],
    ['in the past', 'Sun, 01 Nov 2020 00:00:03 GMT', [0]],
    ['not at all', undefined, [1000]],
    ['in no known way', 'soon', [1000]],
  ])('is waited for as the registry says %s', async (_, after, sleeps) => {
    const registry = registryWith(limited(1, after));
    expect(await outcome(open(registry))).toBe('received');
    expect(registry.sleeps).toEqual(sleeps);
  });

  it('is taken for an answer the fourth time', async () => {
    const registry = registryWith(limited(100));
    expect(await outcome(open(registry))).toMatchObject({ code: 'oci-rate-limited' });
    expect(registry.requests).toHaveLength(4);
    expect(registry.sleeps).toEqual([1000, 2000, 4000]);
  });

  it('for longer than ten seconds is not waited for', async () => {
    const registry = registryWith(limited(1, '11'));
    expect(await outcome(open(registry))).toMatchObject({
      code: 'oci-rate-limited',
      params: { retryAfterSeconds: 11 },
    });
    expect(registry.sleeps).toEqual([]);
  });
});

it('an aborted question is not asked', async () => {
  const registry = registryWith({});
  const signal = AbortSignal.abort(new Error('gone'));
  await expect(outcome(open(registry, { access: ROBOT, signal }))).rejects.toThrow('gone');
  expect(registry.requests).toHaveLength(0);
});
