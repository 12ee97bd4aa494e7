import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAdmission } from '../demo/argocd/admission.ts';
import { isRecord, type Source } from '../demo/argocd/application.ts';
import { openCluster } from '../demo/argocd/cluster-folder.ts';
import { createSyncs } from '../demo/argocd/sync.ts';
import { createArgocdServer } from '../demo/argocd-server.ts';
import { freePort, listen } from '../demo/ports.ts';
import { createTampering } from '../demo/tampering.ts';

/** Stands in for the Source Integrity server: records what it is sent, answers what a test wants. */
const backend = { received: [] as IncomingMessage[] };
const webhook = {
  reviews: [] as Readonly<Record<string, unknown>>[],
  answer: { allowed: true } as object,
};

/** What operations that run wait for. */
let operations: Promise<void> = Promise.resolve();

/** Lets those that are started from now on run until what is returned is called. */
function holdOperations(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  operations = promise;
  return () => {
    operations = Promise.resolve();
    resolve();
  };
}

const servers: Server[] = [];
let folder: string;
let base: string;

async function listening(server: Server): Promise<URL> {
  servers.push(server);
  return new URL(`http://127.0.0.1:${await listen(server, 0)}`);
}

async function resolve({ repoURL }: Source, revision: string): Promise<string> {
  if (repoURL.endsWith('/gone')) throw new Error(`failed to get index from "${repoURL}"`);
  return revision.replace('^1.2', '1.10.2');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'argocd-'));
  await cp(new URL('../demo/cluster', import.meta.url).pathname, join(folder, 'cluster'), { recursive: true });
  const extension = await listening(
    createServer((request, response) => {
      backend.received.push(request);
      response.setHeader('x-from', 'backend').end(`answer to ${request.url}`);
    }),
  );
  const gate = await listening(
    createServer((request, response) => {
      void json(request).then((review) => {
        const asked = isRecord(review) && isRecord(review['request']) ? review['request'] : {};
        webhook.reviews.push(asked);
        response.end(JSON.stringify({ response: { uid: asked['uid'], ...webhook.answer } }));
      });
    }),
  );
  const cluster = openCluster(join(folder, 'cluster'), 'argocd');
  const paths = { cluster: '', charts: '', registry: '', data: '', originals: folder, serverLog: '' };
  const parts = {
    cluster,
    page: { html: () => '', asset: async () => null, extensions: [] },
    folder: paths,
    tampering: createTampering(paths, gate, resolve),
  };
  const argocd = createArgocdServer({
    ...parts,
    syncs: createSyncs(cluster, createAdmission(new URL('/admission/gate', gate)), resolve, () => operations),
    backend: { address: new URL('/ignored/path', extension), token: 'the-token' },
  });
  base = (await listening(argocd)).origin;
});

beforeEach(() => {
  backend.received = [];
  webhook.reviews = [];
  webhook.answer = { allowed: true };
});

afterAll(async () => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  await rm(folder, { recursive: true });
});

const NAMED = { 'Argocd-Application-Name': 'argocd:payments', 'Argocd-Project-Name': 'storefront' };

function extension(path: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  return fetch(`${base}/extensions/${path}`, { headers });
}

describe('the extension proxy', () => {
  test('forwards path and query, with its own identity headers and the shared secret', async () => {
    const response = await extension('source-integrity/api/v1/report?x=1', {
      ...NAMED,
      Cookie: 'argocd.token=secret',
      Authorization: 'Bearer mine',
      'Argocd-Username': 'forged',
      'Argocd-User-Groups': 'forged',
      'If-None-Match': '"kept"',
    });
    expect(await response.text()).toBe('answer to /api/v1/report?x=1');
    expect(response.headers.get('x-from')).toBe('backend');
    const { headers } = backend.received[0] ?? {};
    expect(headers).toMatchObject({
      authorization: 'the-token',
      'argocd-application-name': 'argocd:payments',
      'argocd-project-name': 'storefront',
      'argocd-namespace': 'argocd',
      'argocd-username': 'admin',
      'if-none-match': '"kept"',
    });
    expect(Object.keys(headers ?? {})).not.toContain('cookie');
    expect(Object.keys(headers ?? {})).not.toContain('argocd-user-groups');
  });

  test.each([
    ['no headers', {}, 400],
    ['no project', { 'Argocd-Application-Name': 'argocd:payments' }, 400],
    ['a name without a namespace', { ...NAMED, 'Argocd-Application-Name': 'payments' }, 400],
    ['two names', { ...NAMED, 'Argocd-Application-Name': 'argocd:payments, argocd:cart' }, 400],
    ['an Application that does not exist', { ...NAMED, 'Argocd-Application-Name': 'argocd:nobody' }, 401],
    ['a project that is not its own', { ...NAMED, 'Argocd-Project-Name': 'finance' }, 401],
  ])('refuses %s', async (_, headers, status) => {
    expect((await extension('source-integrity/api/v1/report', headers)).status).toBe(status);
    expect(backend.received).toEqual([]);
  });

  test('knows no other extension', async () => {
    expect((await extension('source-integrity-too/api/v1/report', NAMED)).status).toBe(404);
  });
});

function sync(name: string, body: object = {}): Promise<Response> {
  return fetch(`${base}/api/v1/applications/${name}/sync`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function deployed(name: string): Promise<unknown> {
  const application: unknown = await (await fetch(`${base}/api/v1/applications/${name}`)).json();
  return isRecord(application) && isRecord(application['status']) ? application['status']['history'] : undefined;
}

describe('a sync', () => {
  test('of one source asks the webhook once, with source and resolved revision', async () => {
    expect((await sync('recommendations')).status).toBe(200);
    await expect.poll(() => deployed('recommendations')).toMatchObject([{ id: 0, revision: '1.10.2' }]);
    expect(webhook.reviews).toHaveLength(1);
    expect(webhook.reviews[0]).toMatchObject({
      operation: 'UPDATE',
      dryRun: false,
      name: 'recommendations',
      namespace: 'argocd',
      kind: { group: 'argoproj.io', version: 'v1alpha1', kind: 'Application' },
      object: {
        operation: {
          initiatedBy: { username: 'admin' },
          retry: {},
          sync: { revision: '1.10.2', source: { chart: 'recommendations', targetRevision: '^1.2' } },
        },
      },
    });
    const [{ object, oldObject } = {}] = webhook.reviews;
    expect(isRecord(oldObject) && 'operation' in oldObject).toBe(false);
    expect(isRecord(object) && isRecord(object['status']) && 'operationState' in object['status']).toBe(false);
  });

  test('of several sources carries lists and no single source', async () => {
    await sync('order-tracking');
    const [{ object } = {}] = webhook.reviews;
    const operation = isRecord(object) && isRecord(object['operation']) ? object['operation'] : {};
    expect(operation['sync']).toMatchObject({ revisions: ['1.1.0', '0.4.2', 'main'] });
    expect(Object.keys(isRecord(operation['sync']) ? operation['sync'] : {}).sort()).toEqual(['revisions', 'sources']);
  });

  test('that is denied answers 403 in the words of Argo CD, and deploys nothing', async () => {
    webhook.answer = { allowed: false, status: { code: 403, message: 'Chart cart 3.0.4 is bad.\nSecond.' } };
    const response = await sync('cart');
    expect(response.status).toBe(403);
    const message =
      'error setting app operation: error updating application "cart": admission webhook "gate.source-integrity.io" denied the request: Chart cart 3.0.4 is bad.\nSecond.';
    expect(await response.json()).toEqual({ code: 7, error: message, message });
    expect(await deployed('cart')).toBeUndefined();
  });

  test('while another one runs is not even asked for', async () => {
    const finish = holdOperations();
    expect((await sync('search')).status).toBe(200);
    const second = await sync('search');
    expect(second.status).toBe(400);
    expect(await second.json()).toMatchObject({ message: 'another operation is already in progress' });
    expect(webhook.reviews).toHaveLength(1);
    finish();
  });

  test('is refused where the webhook cannot be reached', async () => {
    const admit = createAdmission(new URL(`http://127.0.0.1:${await freePort()}/admission/gate`));
    const application = await openCluster(join(folder, 'cluster'), 'argocd').get('argocd', 'payments');
    if (application === null) throw new Error('the fixtures have lost payments');
    const operation = { sync: {}, initiatedBy: { username: 'admin' }, retry: {} };
    const answer = await admit(application, { ...application, operation });
    expect(answer).toMatchObject({ allowed: false, code: 500 });
    expect('message' in answer ? answer.message : '').toMatch(
      /^Internal error occurred: failed calling webhook "gate\.source-integrity\.io": failed to call webhook: Post "http:.*\?timeout=10s": dial tcp 127\.0\.0\.1:\d+: connect: connection refused$/,
    );
  });
});

test('another site can neither name the demo by its own host nor send it a form', async () => {
  const sent = await fetch(`${base}/api/v1/applications/payments/sync`, { method: 'POST', body: 'a=b' });
  expect(sent.status).toBe(415);
  const asked = request(base, { headers: { host: 'rebound.example' } }).end();
  const status = await new Promise((resolve) => asked.once('response', (answer) => resolve(answer.statusCode)));
  expect(status).toBe(403);
  expect(webhook.reviews).toEqual([]);
});

test('what a sync deployed is written into the manifest, and nothing else of the file changes', async () => {
  const file = 'applications-finance.yaml';
  const before = await readFile(join(folder, 'cluster', file), 'utf8');
  await sync('payroll');
  await expect.poll(async () => readFile(join(folder, 'cluster', file), 'utf8')).not.toBe(before);
  const after = await readFile(join(folder, 'cluster', file), 'utf8');
  expect(after).toContain('\nstatus:\n');
  expect(after).not.toContain('&a1');
  expect(after.replace(/\nstatus:\n(?: .*\n)+/, '\n')).toBe(before);
});

async function statusOf(name: string, query = ''): Promise<unknown> {
  const application: unknown = await (await fetch(`${base}/api/v1/applications/${name}${query}`)).json();
  return isRecord(application) ? application['status'] : undefined;
}

describe('a refresh', () => {
  test('compares what was deployed with what the target resolves to', async () => {
    expect(await statusOf('web-shop', '?refresh=normal')).toMatchObject({
      sync: { status: 'OutOfSync', revision: '5.1.0' },
    });
    await sync('web-shop');
    await expect
      .poll(() => statusOf('web-shop', '?refresh=hard'))
      .toMatchObject({ sync: { status: 'Synced', revision: '5.1.0' } });
    expect(webhook.reviews).toHaveLength(1);
  });

  test('says what it could not resolve', async () => {
    expect(await statusOf('tax-rates', '?refresh=normal')).toMatchObject({
      sync: { status: 'Unknown' },
      conditions: [
        {
          type: 'ComparisonError',
          message: 'Failed to load target state: failed to get index from "http://127.0.0.1:9/gone"',
        },
      ],
    });
  });
});

describe("a commit's metadata", () => {
  const metadata = async (path: string): Promise<Response> => fetch(`${base}/api/v1/applications/${path}`);
  const COMMIT = '8c1f2e7a90b18c1f2e7a90b18c1f2e7a90b18c1f';

  test('has a result where a Git policy covers the repository, and none where none does', async () => {
    const covered = await metadata(`cluster-addons/revisions/${COMMIT}/metadata?appNamespace=argocd&sourceIndex=0`);
    expect(await covered.json()).toMatchObject({
      sourceIntegrityResult: { Checks: [{ Name: 'GIT/GPG', Problems: null }] },
    });
    const uncovered: unknown = await (await metadata(`storefront-routes/revisions/${COMMIT}/metadata`)).json();
    expect(isRecord(uncovered) && 'date' in uncovered && !('sourceIntegrityResult' in uncovered)).toBe(true);
  });

  test.each([
    [`cluster-addons/revisions/main/metadata`, 500],
    [`cluster-addons/revisions/${COMMIT}/metadata?sourceIndex=1`, 500],
    [`cluster-addons/revisions/${COMMIT}/metadata?versionId=9`, 500],
    [`nobody/revisions/${COMMIT}/metadata`, 404],
  ])('is not to be had for %s', async (path, status) => {
    expect((await metadata(path)).status).toBe(status);
  });
});

test('a sync that is terminated deploys nothing, and the webhook is not asked about its end', async () => {
  const finish = holdOperations();
  await sync('edge-gateway');
  const terminated = await fetch(`${base}/api/v1/applications/edge-gateway/operation`, { method: 'DELETE' });
  expect(terminated.status).toBe(200);
  finish();
  await expect
    .poll(() => statusOf('edge-gateway'))
    .toMatchObject({ operationState: { phase: 'Failed', message: 'Operation terminated' } });
  expect(await deployed('edge-gateway')).toBeUndefined();
  expect(webhook.reviews).toHaveLength(1);
});
