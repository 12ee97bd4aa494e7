import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KubernetesClient, type WatchEvent } from '../../../src/cluster/kubernetes/client.ts';
import { listAll } from '../../../src/cluster/kubernetes/list.ts';
import { type Collection, RESOURCES } from '../../../src/cluster/kubernetes/resource.ts';
import { type FakeApiServer, type FakeObject, startApiServer } from './fake-api-server.ts';

const CONFIG_MAPS: Collection = { resource: RESOURCES.configMaps, namespace: 'argocd' };

async function start(): Promise<{ readonly api: FakeApiServer; readonly client: KubernetesClient }> {
  const api = await startApiServer();
  const client = new KubernetesClient({ server: api.url, tokenFile: api.tokenFile, caFile: null });
  onTestFinished(() => client.close());
  return { api, client };
}

const configMap = (name: string, more: object = {}): FakeObject => ({
  metadata: { name, namespace: 'argocd' },
  ...more,
});

async function list(client: KubernetesClient, pageSize: number): Promise<readonly unknown[] | string> {
  const names: unknown[] = [];
  const options = { selection: {}, limit: pageSize, signal: new AbortController().signal };
  const listed = await listAll(client, CONFIG_MAPS, options, ({ metadata }) => {
    names.push(typeof metadata === 'object' && metadata !== null && 'name' in metadata ? metadata.name : null);
  });
  return 'failure' in listed ? listed.failure.kind : names;
}

async function reasonOf(client: KubernetesClient): Promise<string | null> {
  const answer = await client.get(CONFIG_MAPS, 'one');
  return 'failure' in answer ? answer.failure.reason : null;
}

/** Watches until the watch ends by itself, or until it is told to end after so many events. */
async function watch(
  client: KubernetesClient,
  {
    resourceVersion = '1',
    events: most = Infinity,
    onOpen = () => undefined,
  }: {
    resourceVersion?: string;
    events?: number;
    onOpen?: () => void;
  } = {},
) {
  const events: WatchEvent[] = [];
  const ending = new AbortController();
  const failure = await client.watch(CONFIG_MAPS, {
    selection: {},
    resourceVersion,
    seconds: 1,
    signal: ending.signal,
    onOpen,
    onEvent(event) {
      events.push(event);
      if (events.length >= most) ending.abort();
    },
  });
  return { events, failure };
}

describe('an object', () => {
  it('is read by its name', async () => {
    const { api, client } = await start();
    api.put('configmaps', configMap('one', { data: { a: 'b' } }));
    expect(await client.get(CONFIG_MAPS, 'one')).toMatchObject({ value: { data: { a: 'b' } } });
    expect(await client.get(CONFIG_MAPS, 'other')).toMatchObject({ failure: { kind: 'not-found' } });
    expect(api.requests).toContain('GET /api/v1/namespaces/argocd/configmaps/one');
  });

  it('cannot be called by a name that leads elsewhere', async () => {
    const { api, client } = await start();
    for (const name of ['../secrets/x', 'a/b', '..', 'x?y', '']) {
      expect(() => client.get(CONFIG_MAPS, name)).toThrow('not the name');
    }
    expect(api.requests).toEqual([]);
  });

  it('is made once', async () => {
    const { client } = await start();
    expect(await client.create(CONFIG_MAPS, configMap('one'))).toMatchObject({ value: { metadata: { name: 'one' } } });
    expect(await client.create(CONFIG_MAPS, configMap('one'))).toMatchObject({ failure: { kind: 'conflict' } });
  });

  it('is replaced only as it was read', async () => {
    const { api, client } = await start();
    api.put('configmaps', configMap('one'));
    const read = await client.get(CONFIG_MAPS, 'one');
    if ('failure' in read) throw new Error(read.failure.reason);
    const changed = { ...read.value, data: { a: 'c' } };
    expect(await client.replace(CONFIG_MAPS, 'one', changed)).toMatchObject({ value: { data: { a: 'c' } } });
    expect(await client.replace(CONFIG_MAPS, 'one', changed)).toMatchObject({ failure: { kind: 'conflict' } });
  });

  it('is patched by JSON patch', async () => {
    const { api, client } = await start();
    api.put('configmaps', configMap('one'));
    const patch = [{ op: 'replace', path: '/data/a', value: 'x' }] as const;
    expect(await client.patch(CONFIG_MAPS, 'one', patch)).toMatchObject({
      value: { patched: patch, contentType: 'application/json-patch+json' },
    });
  });
});

describe('the token', () => {
  it('is read anew when it is no longer accepted', async () => {
    const { api, client } = await start();
    api.put('configmaps', configMap('one'));
    expect(await client.get(CONFIG_MAPS, 'one')).toHaveProperty('value');
    api.token = 'the-next-token';
    api.writeToken('the-next-token');
    expect(await client.get(CONFIG_MAPS, 'one')).toHaveProperty('value');
    expect(await list(client, 10)).toEqual(['one']);
  });

  it('is asked with once, where no other has taken its place', async () => {
    const { api, client } = await start();
    api.token = 'the-next-token';
    expect(await client.get(CONFIG_MAPS, 'one')).toMatchObject({ failure: { kind: 'unauthorized' } });
    expect(api.requests).toHaveLength(1);
  });

  it('is a failure where its file is gone, or holds something else', async () => {
    const { api, client } = await start();
    api.writeToken('two words');
    expect(await reasonOf(client)).toBe("the file of this server's token holds no token");
    rmSync(api.tokenFile);
    expect(await reasonOf(client)).toBe("the token of this server's ServiceAccount cannot be read (ENOENT)");
    expect(api.requests).toEqual([]);
  });
});

describe('the authority', () => {
  const pem = (name: string) => readFileSync(new URL(`../../fetch/certificates/${name}`, import.meta.url));

  it('is the one of the file, and is read anew for a new connection', async () => {
    const api = await startApiServer({ cert: pem('localhost.pem'), key: pem('localhost.key') });
    const caFile = `${api.tokenFile}-ca`;
    const client = new KubernetesClient({ server: api.url, tokenFile: api.tokenFile, caFile });
    onTestFinished(() => client.close());
    expect(await reasonOf(client)).toBe('the API server cannot be reached (ENOENT)');
    writeFileSync(caFile, pem('other-authority.pem'));
    expect(await reasonOf(client)).toMatch(/^the API server cannot be reached \(.*SELF_SIGNED/);
    expect(api.requests).toEqual([]);
    writeFileSync(caFile, pem('localhost.pem'));
    expect(await reasonOf(client)).toContain('answered 404');
  });
});

describe('a list', () => {
  it('is read page by page', async () => {
    const { api, client } = await start();
    api.put('configmaps', ...['a', 'b', 'c', 'd', 'e'].map((name) => configMap(name)));
    expect(await list(client, 2)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(api.requests).toHaveLength(3);
  });

  it('is asked for in smaller pages where one is too large', async () => {
    const { api, client } = await start();
    const large = { data: { a: 'x'.repeat(5 * 1024 * 1024) } };
    api.put('configmaps', ...['a', 'b', 'c', 'd', 'e'].map((name) => configMap(name, large)));
    expect(await list(client, 5)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(api.requests.map((request) => /limit=(\d+)/.exec(request)?.[1])).toEqual(['5', '1', '1', '1', '1', '1']);
  });

  it('fails where the rest of it is too old', async () => {
    const { api, client } = await start();
    api.put('configmaps', configMap('a'), configMap('b'));
    api.intercept = () => {
      if (api.requests.length === 2) api.compact();
      return false;
    };
    expect(await list(client, 1)).toBe('expired');
  });
});

describe('an answer that is none', () => {
  const answers = {
    'broken JSON': ['application/json', '{"items": [', 'malformed'],
    'no object': ['application/json', '[]', 'malformed'],
    'no list': ['application/json', '{"metadata": {}}', 'malformed'],
    'a list of texts': ['application/json', '{"metadata": {"resourceVersion": "1"}, "items": ["a"]}', 'malformed'],
    'a page for people': ['text/html', '<html>', 'malformed'],
    'Protocol Buffers': ['application/vnd.kubernetes.protobuf', 'k8s', 'malformed'],
    'more than is taken': ['application/json', ' '.repeat(17 * 1024 * 1024), 'too-large'],
  } as const;
  it.each(Object.entries(answers))('is a failure: %s', async (_, [type, body, kind]) => {
    const { api, client } = await start();
    api.intercept = (_request, response) => {
      response.writeHead(200, { 'content-type': type }).end(body);
      return true;
    };
    expect(await list(client, 1)).toBe(kind);
  });

  it('is a failure: a connection that breaks off', async () => {
    const { api, client } = await start();
    api.intercept = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{', () => response.destroy());
      return true;
    };
    expect(await client.get(CONFIG_MAPS, 'one')).toMatchObject({ failure: { kind: 'unavailable' } });
  });

  it('is a failure: nobody there', async () => {
    const { api, client } = await start();
    api.close();
    expect(await reasonOf(client)).toBe('the API server cannot be reached (ECONNREFUSED)');
  });

  it.each([
    [403, 'forbidden'],
    [422, 'refused'],
    [429, 'unavailable'],
    [503, 'unavailable'],
  ] as const)('is a failure: %i', async (code, kind) => {
    const { api, client } = await start();
    api.intercept = (_request, response) => {
      response.writeHead(code, { 'content-type': 'application/json' }).end('{"message": "because\\u0007of this"}');
      return true;
    };
    const reason = `the API server answered ${code}: because of this`;
    expect(await client.get(CONFIG_MAPS, 'one')).toEqual({ failure: { kind, reason } });
  });
});

describe('a watch', () => {
  it('tells of what changes after a version, and of bookmarks', async () => {
    const { api, client } = await start();
    api.put('configmaps', configMap('one'), configMap('two'));
    const watching = watch(client, {
      resourceVersion: '2',
      events: 4,
      onOpen() {
        api.put('configmaps', configMap('one', { data: { a: 'b' } }));
        api.remove('configmaps', 'argocd', 'two');
        api.bookmark();
      },
    });
    const { events } = await watching;
    expect(events).toMatchObject([
      { type: 'ADDED', version: '3', object: { metadata: { name: 'two' } } },
      { type: 'MODIFIED', version: '4', object: { data: { a: 'b' } } },
      { type: 'DELETED', version: '5' },
      { type: 'BOOKMARK', version: '5' },
    ]);
  });

  it('ends at its time without a failure', async () => {
    const { client } = await start();
    expect(await watch(client)).toEqual({ events: [], failure: null });
  });

  it('has expired where its version is too old', async () => {
    const { api, client } = await start();
    api.compact();
    expect(await watch(client)).toMatchObject({ events: [], failure: { kind: 'expired' } });
  });

  it.each([
    ['a line that is no JSON', '{"type": "ADDED", \n', 'malformed'],
    ['an event of another form', '{"type": "ADDED", "object": {"metadata": {}}}\n', 'malformed'],
    ['an unknown type', '{"type": "X", "object": {"metadata": {"resourceVersion": "1"}}}\n', 'malformed'],
    ['a line that does not end', 'x'.repeat(9 * 1024 * 1024), 'too-large'],
    ['an error', '{"type": "ERROR", "object": {"code": 500, "message": "etcd"}}\n', 'unavailable'],
  ])('fails at %s', async (_, bytes, kind) => {
    const { api, client } = await start();
    const onOpen = (): void => {
      setTimeout(() => {
        api.send('configmaps', bytes);
      }, 20);
    };
    expect(await watch(client, { onOpen })).toMatchObject({ events: [], failure: { kind } });
  });

  it('reads lines however they are cut', async () => {
    const { api, client } = await start();
    const line = `${JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'é', resourceVersion: '7' } } })}\n\n`;
    const bytes = Buffer.from(line.repeat(3));
    api.intercept = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      for (const byte of bytes) response.write(Buffer.of(byte));
      response.end('{"type": "ADDED"');
      return true;
    };
    const { events, failure } = await watch(client);
    expect(events.map(({ version }) => version)).toEqual(['7', '7', '7']);
    expect(failure).toBeNull();
  });

  it('fails where the connection breaks off, or may not be made', async () => {
    const { api, client } = await start();
    const onOpen = (): void => {
      setTimeout(() => {
        api.drop();
      }, 20);
    };
    expect(await watch(client, { onOpen })).toMatchObject({ failure: { kind: 'unavailable' } });
    api.forbidden.add('configmaps');
    expect(await watch(client)).toMatchObject({ failure: { kind: 'forbidden' } });
  });
});
