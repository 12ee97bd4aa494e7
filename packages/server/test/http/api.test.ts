import { request } from 'node:http';
import { ApiProblem, History, Job, Keys } from '@source-integrity/core/contract';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import {
  ask,
  chartSource,
  HEADERS,
  PREVIOUS_TOKEN,
  report,
  requiring,
  reverify,
  startWorld,
  TOKEN,
  type World,
} from '../server/fixture.ts';
import { application, project, repositorySecret } from '../server/manifests.ts';
import { gate, reviewOf, syncOf } from '../server/review.ts';

/** Asks with headers exactly as they are given, doubled ones too. */
async function askRaw(world: World, headers: readonly string[], path = '/api/v1/report'): Promise<ApiProblem | number> {
  const url = new URL(world.server.addresses.api);
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: url.hostname, port: url.port, path, headers: ['host', url.host, ...headers] },
      (response) => {
        const chunks: Uint8Array[] = [];
        response.on('data', (chunk: Uint8Array) => chunks.push(chunk));
        response.on('end', () => {
          const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
          resolve(response.statusCode === 200 ? 200 : ApiProblem.parse(body));
        });
      },
    );
    asking.on('error', reject);
    asking.end();
  });
}

async function problemOf(response: Response): Promise<ApiProblem> {
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const body = ApiProblem.parse(await response.json());
  expect(body.status).toBe(response.status);
  expect(body.requestId).toBe(response.headers.get('x-request-id'));
  expect(body.type).toBe(`urn:source-integrity:${body.code}`);
  return body;
}

const { authorization: _, ...anonymous } = HEADERS;
const named = Object.entries(anonymous).flat();

describe('the shared secret', () => {
  it.each([
    ['is missing', []],
    ['is wrong', ['authorization', 'another-token-of-some-length']],
    ['is the beginning of the right one', ['authorization', TOKEN.slice(0, -1)]],
    ['is empty', ['authorization', '']],
    ['comes twice', ['authorization', TOKEN, 'authorization', TOKEN]],
    ['comes after a wrong one', ['authorization', 'another-token-of-some-length', 'Authorization', TOKEN]],
  ])('lets nobody in when it %s, and never answers 401', async (_case, headers) => {
    const world = await startWorld();
    expect(await askRaw(world, [...named, ...headers])).toMatchObject({ status: 403, code: 'secret-mismatch' });
    expect(world.repository.requests).toEqual([]);
  });

  it('is told from the name of a secret that Argo CD sends when it has no value', async () => {
    const world = await startWorld();
    const answer = await askRaw(world, [...named, 'authorization', '$source-integrity.token']);
    expect(answer).toMatchObject({ status: 403, code: 'secret-mismatch' });
    expect(JSON.stringify(answer)).toContain('argocd-secret has no such key');
  });

  it.each([TOKEN, PREVIOUS_TOKEN, `Bearer ${TOKEN}`])('lets in who knows it: %#', async (authorization) => {
    const world = await startWorld();
    expect((await ask(world, '/policy', { headers: { ...HEADERS, authorization } })).status).toBe(200);
  });
});

describe('the headers', () => {
  it.each([
    ['no Application', ['argocd-project-name', 'shop']],
    ['no project', ['argocd-application-name', 'argocd:payments']],
    ['two Applications', [...named, 'Argocd-Application-Name', 'argocd:other']],
    ['two projects', [...named, 'ARGOCD-PROJECT-NAME', 'other']],
    ['an Application without a namespace', ['argocd-application-name', 'payments', 'argocd-project-name', 'shop']],
    ['too many parts', ['argocd-application-name', 'argocd:payments:x', 'argocd-project-name', 'shop']],
    ['no name', ['argocd-application-name', 'argocd:', 'argocd-project-name', 'shop']],
    ['a path', ['argocd-application-name', 'argocd:../payments', 'argocd-project-name', 'shop']],
    ['capitals', ['argocd-application-name', 'argocd:Payments', 'argocd-project-name', 'shop']],
    [
      'a name that is too long',
      ['argocd-application-name', `argocd:${'a'.repeat(254)}`, 'argocd-project-name', 'shop'],
    ],
    ['an empty project', ['argocd-application-name', 'argocd:payments', 'argocd-project-name', '']],
  ])('are refused with %s', async (_case, headers) => {
    const world = await startWorld();
    const answer = await askRaw(world, ['authorization', TOKEN, ...headers]);
    expect(answer).toMatchObject({ status: 400, code: 'bad-headers' });
  });

  it.each([
    ['of another namespace', { 'argocd-application-name': 'team-a:payments' }],
    ['that does not exist', { 'argocd-application-name': 'argocd:nothing' }],
    ['of another project', { 'argocd-project-name': 'default' }],
  ])('find no Application %s', async (_case, headers) => {
    const world = await startWorld();
    for (const path of [
      '/report',
      '/history',
      '/policy',
      '/keys',
      `/evidence/sha256:${'a'.repeat(64)}`,
      '/verifications/x',
    ]) {
      const answer = await problemOf(await ask(world, path, { headers: { ...HEADERS, ...headers } }));
      expect(answer).toMatchObject({ status: 404, code: 'application-not-found' });
    }
    const asked = await ask(world, '/verifications', { method: 'POST', headers: { ...HEADERS, ...headers } });
    expect(await problemOf(asked)).toMatchObject({ status: 404, code: 'application-not-found' });
    expect(world.repository.requests).toEqual([]);
  });

  it('that a user can forge open nothing', async () => {
    const world = await startWorld();
    const forged = {
      ...HEADERS,
      'argocd-project-name': 'default',
      'argocd-username': 'admin',
      'argocd-user-id': 'admin',
      'argocd-user-groups': 'admins,shop',
      'argocd-namespace': 'argocd',
      'argocd-target-cluster-name': 'in-cluster',
    };
    expect((await ask(world, '/report', { headers: forged })).status).toBe(404);
    const without = { ...anonymous, 'argocd-username': 'admin', 'argocd-user-groups': 'admins' };
    expect((await ask(world, '/report', { headers: without })).status).toBe(403);
  });
});

describe('the report', () => {
  it('says of each source what was found, by whom it was signed, and how to check that', async () => {
    const world = await startWorld();
    const { status, decision, sources } = await report(world);
    expect({ status, decision }).toEqual({
      status: 'verified',
      decision: { action: 'allow', policy: null, because: [] },
    });
    expect(sources[0]).toMatchObject({
      revision: '1.4.2',
      verdict: { status: 'verified', signers: [{ fingerprint: world.release.fingerprint }] },
    });
    expect(sources[0]?.reproduce.join('\n')).toContain('helm verify');
  });

  it('says who signed where nothing is required', async () => {
    const world = await startWorld();
    world.policy({});
    const { status, sources } = await report(world);
    expect(status).toBe('not-required');
    expect(sources[0]?.verdict).toMatchObject({
      status: 'not-required',
      reason: 'no-policy',
      observed: { status: 'verified' },
    });
    expect(sources[0]?.proposedPolicy).toContain(world.release.fingerprint);
  });

  it('is answered with 304 to who has it already, and whole after a change', async () => {
    const world = await startWorld();
    const first = await ask(world, '/report');
    const etag = first.headers.get('etag') ?? '';
    const again = (tag: string): Promise<Response> =>
      ask(world, '/report', { headers: { ...HEADERS, 'if-none-match': tag } });
    const unchanged = await again(etag);
    expect([unchanged.status, await unchanged.text()]).toEqual([304, '']);
    expect((await again(`"x", W/${etag}`)).status).toBe(304);
    expect((await again('"x"')).status).toBe(200);
    world.keys();
    const changed = await again(etag);
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(etag);
  });
});

describe('a re-verification', () => {
  it('is a job that goes through named phases and leaves an entry in the history', async () => {
    const world = await startWorld();
    const asked = await ask(world, '/verifications', { method: 'POST' });
    expect(asked.status).toBe(202);
    const { id } = Job.parse(await asked.json());
    await reverify(world);
    const job = Job.parse(await (await ask(world, `/verifications/${id}`)).json());
    expect(job.state).toBe('done');
    expect(job.phases.map(({ name }) => name)).toEqual(['resolving', 'downloading', 'verifying', 'recording']);
    expect(job.phases.every(({ finishedAt }) => finishedAt !== null)).toBe(true);
    const { entries } = History.parse(await (await ask(world, '/history')).json());
    expect(entries[0]).toMatchObject({ trigger: 're-verify', status: 'verified' });
    expect((await report(world)).runningJob).toBeNull();
  });

  it('is joined by whoever asks for the same meanwhile, and shown in the report', async () => {
    const world = await startWorld();
    await report(world);
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    world.repository.intercept = (_request, response) => {
      void held.then(() => response.writeHead(503).end());
      return true;
    };
    const ids = await Promise.all(
      [1, 2, 3].map(async () => Job.parse(await (await ask(world, '/verifications', { method: 'POST' })).json()).id),
    );
    expect(new Set(ids).size).toBe(1);
    expect((await report(world)).runningJob).toBe(ids[0]);
    release();
  });

  it('is refused with 429 and Retry-After when there were too many', async () => {
    const world = await startWorld({ flags: { 'reverify-burst': '1', 'reverify-per-minute': '1' } });
    await reverify(world);
    const refused = await ask(world, '/verifications', { method: 'POST' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(await problemOf(refused)).toMatchObject({ status: 429, code: 'rate-limited' });
    const limited = await ask(world, '/report');
    expect(limited.status).toBe(200);
  });
});

describe('the history', () => {
  it('keeps what a tab or an automated sync saw only where it is news', async () => {
    const world = await startWorld();
    await report(world);
    await report(world);
    const automated = syncOf(world.payments());
    const review = reviewOf({ ...automated, operation: { ...automated.operation, initiatedBy: { automated: true } } });
    await gate(world, review);
    await gate(world, review);
    await world.repository.publish({ name: 'payments', version: '1.4.2', signer: null });
    world.clock.now += 60_000;
    await report(world);
    await gate(world, review);
    const { entries } = History.parse(await (await ask(world, '/history')).json());
    expect(entries.map(({ trigger, status }) => `${trigger}: ${status}`)).toEqual([
      'opened: unsigned',
      'opened: verified',
    ]);
  });

  it('goes on where a page ends, and takes no doubled cursor', async () => {
    const world = await startWorld();
    const review = reviewOf(syncOf(world.payments()));
    for (let count = 0; count < 52; count += 1) await gate(world, review);
    const first = History.parse(await (await ask(world, '/history')).json());
    const second = History.parse(await (await ask(world, `/history?cursor=${first.next}`)).json());
    expect([first.entries.length, second.entries.length, second.next]).toEqual([50, 2, null]);
    expect(await problemOf(await ask(world, '/history?cursor=1&cursor=2'))).toMatchObject({ status: 400 });
  });
});

describe("what belongs to one Application's project", () => {
  it('is not found by another Application, nor after a move to another project', async () => {
    const world = await startWorld();
    world.cluster.put('projects', project('shop', { sourceRepos: ['*'] }), project('toys', { sourceRepos: ['*'] }));
    world.cluster.put('other', application({ name: 'other', spec: { source: chartSource(world.repository.url) } }));
    const { sources } = await report(world);
    const digest = sources[0]?.evidence.find(({ retained }) => retained)?.digest ?? '';
    const asked = await ask(world, '/verifications', { method: 'POST' });
    const { id } = Job.parse(await asked.json());

    const evidence = await ask(world, `/evidence/${digest}`);
    expect(evidence.headers.get('content-disposition')).toContain('attachment');
    expect(evidence.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await evidence.text()).toContain('BEGIN PGP SIGNED MESSAGE');
    expect((await ask(world, `/verifications/${id}`)).status).toBe(200);

    const notFound = async (headers: Readonly<Record<string, string>>): Promise<void> => {
      expect(await problemOf(await ask(world, `/evidence/${digest}`, { headers }))).toMatchObject({
        code: 'evidence-not-found',
      });
      expect(await problemOf(await ask(world, `/verifications/${id}`, { headers }))).toMatchObject({
        code: 'job-not-found',
      });
      const history = History.parse(await (await ask(world, '/history', { headers })).json());
      expect(history.entries).toEqual([]);
    };
    await notFound({ ...HEADERS, 'argocd-application-name': 'argocd:other' });
    world.payments({ project: 'toys' });
    expect((await ask(world, `/evidence/${digest}`)).status).toBe(404);
    await notFound({ ...HEADERS, 'argocd-project-name': 'toys' });
  });

  it('are the entries that trust a key, and no other project of them', async () => {
    const world = await startWorld();
    world.policy({
      'project.shop': requiring(world.repository.url, world.release),
      'project.toys': requiring(world.repository.url, world.colleague),
    });
    const { keys } = Keys.parse(await (await ask(world, '/keys')).json());
    const trusted = keys.map(({ key, trustedBy }) => [key.fingerprint, trustedBy.map(({ entry }) => entry)]);
    expect(Object.fromEntries(trusted)).toEqual({
      [world.release.fingerprint]: ['project.shop'],
      [world.colleague.fingerprint]: [],
    });
    expect(await (await ask(world, '/policy')).text()).not.toContain('toys');
  });

  it('is no chart itself, whose digest is evidence but is not kept', async () => {
    const world = await startWorld();
    const { sources } = await report(world);
    expect((await ask(world, `/evidence/${sources[0]?.digest}`)).status).toBe(404);
    expect((await ask(world, '/evidence/nothing')).status).toBe(404);
    expect(await problemOf(await ask(world, '/evidence/%zz'))).toMatchObject({ status: 400 });
  });
});

describe('the listeners', () => {
  it.each([
    '/admission/gate',
    '/admission/pin',
    '/metrics',
    '/healthz',
    '/readyz',
    '/',
    '/api/v2/report',
    '/api/v1/../../metrics',
  ])('keep %s from who comes through the proxy, with the secret and without', async (path) => {
    const world = await startWorld();
    for (const headers of [HEADERS, {}]) {
      for (const method of ['GET', 'POST']) {
        const response = await fetch(`${world.server.addresses.api}${path}`, { method, headers });
        expect((await problemOf(response)).code).toBe('not-found');
      }
    }
  });

  it('of the others know no API', async () => {
    const world = await startWorld();
    for (const address of [world.server.addresses.admission, world.server.addresses.operations]) {
      expect((await fetch(`${address}/api/v1/report`, { headers: HEADERS })).status).toBe(404);
    }
    expect((await fetch(`${world.server.addresses.operations}/admission/gate`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${world.server.addresses.admission}/metrics`)).status).toBe(404);
    expect((await fetch(`${world.server.addresses.admission}/admission/gate`)).status).toBe(404);
    expect((await fetch(`${world.server.addresses.operations}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${world.server.addresses.operations}/metrics`)).text()).toContain('source_integrity_');
  });

  it('tell which methods a path takes', async () => {
    const world = await startWorld();
    const answers = await Promise.all(
      (['DELETE /report', 'GET /verifications', 'PUT /verifications/x', 'POST /evidence/x'] as const).map(
        async (asked) => {
          const [method = '', path = ''] = asked.split(' ');
          const response = await ask(world, path, { method });
          return [(await problemOf(response)).code, response.status, response.headers.get('allow')];
        },
      ),
    );
    expect(answers).toEqual([
      ['method-not-allowed', 405, 'GET, HEAD'],
      ['method-not-allowed', 405, 'POST'],
      ['method-not-allowed', 405, 'GET, HEAD'],
      ['method-not-allowed', 405, 'GET, HEAD'],
    ]);
    expect(await problemOf(await ask(world, '/report/'))).toMatchObject({ status: 404 });
    expect(await problemOf(await ask(world, '/Report'))).toMatchObject({ status: 404 });
  });

  it('limit what is sent to them', async () => {
    const world = await startWorld();
    const large = 'x'.repeat(2048);
    expect(await problemOf(await ask(world, '/verifications', { method: 'POST', body: large }))).toMatchObject({
      status: 413,
      code: 'body-too-large',
    });
    expect((await ask(world, '/verifications', { method: 'POST', body: '{}' })).status).toBe(202);
    const review = await fetch(`${world.server.addresses.admission}/admission/gate`, {
      method: 'POST',
      body: `"${'x'.repeat(9 * 1024 * 1024)}"`,
    });
    expect(await problemOf(review)).toMatchObject({ status: 413 });
    for (const body of ['', '{', 'null', '[]', '{"kind":"AdmissionReview"}']) {
      const answer = await fetch(`${world.server.addresses.admission}/admission/gate`, { method: 'POST', body });
      expect(await problemOf(answer)).toMatchObject({ status: 400 });
    }
  });
});

describe('the log', () => {
  it('has a line for each request, and no secret', async () => {
    const world = await startWorld();
    world.cluster.put(
      'secret',
      repositorySecret('charts', {
        type: 'helm',
        url: world.repository.url,
        username: 'robot',
        password: 'hunter2-hunter2',
      }),
    );
    await report(world);
    await reverify(world);
    await ask(world, '/report?token=in-a-query', {
      headers: { ...HEADERS, authorization: 'a-wrong-token-0123456789', cookie: 'argocd.token=abc' },
    });
    await gate(world, reviewOf(syncOf(world.payments())));
    await gate(
      world,
      reviewOf(
        syncOf(world.payments({ spec: { source: chartSource('https://robot:hunter2-hunter2@charts.example/') } })),
      ),
    );
    world.repository.intercept = (_request, response) => {
      response.writeHead(500).end();
      return true;
    };
    world.clock.now += 120_000;
    await gate(world, reviewOf(syncOf(world.payments())));
    const log = world.log();
    const paths = log
      .split('\n')
      .filter((line) => line.includes('"msg":"request"'))
      .map((line) => z.object({ path: z.string(), requestId: z.string() }).parse(JSON.parse(line)).path);
    expect(new Set(paths)).toEqual(
      new Set([
        '/api/v1/report',
        '/api/v1/verifications',
        expect.stringMatching(/^\/api\/v1\/verifications\/.+/),
        '/admission/gate',
      ]),
    );
    const basic = Buffer.from('robot:hunter2-hunter2').toString('base64');
    for (const secret of [TOKEN, PREVIOUS_TOKEN, 'hunter2', basic, 'a-wrong-token', 'argocd.token=abc', 'in-a-query']) {
      expect(log).not.toContain(secret);
    }
  });
});
