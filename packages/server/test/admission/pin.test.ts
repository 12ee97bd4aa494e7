import { describe, expect, it } from 'vitest';
import { artifactSource, BY_KEY, chartSource as registryChart, startRegistryWorld } from '../registry/world.ts';
import { chartSource, requiring, startWorld, type World } from '../server/fixture.ts';
import { type Manifest } from '../server/manifests.ts';
import { gate, pinPatch, postReview, refusalOf, reviewOf, syncOf, write } from '../server/review.ts';

const GIT = { repoURL: 'https://git.example/values.git', targetRevision: 'main', ref: 'values' };

/** The Application as ApplicationSet's RollingSync starts it. */
function rolling(app: Manifest): Manifest {
  const initiatedBy = { username: 'applicationset-controller', automated: true };
  return { ...app, operation: { initiatedBy, info: [], sync: {} } };
}

function ranged(world: World, targetRevision = '^1.2', more: object = {}): object {
  return chartSource(world.repository.url, { targetRevision, ...more });
}

describe('pin, asked about an operation without a source', () => {
  it('copies the source of the spec with every field, and writes the version that its range means', async () => {
    const world = await startWorld();
    const source = ranged(world, '^1.2', { tagPrefix: 'v', helm: { valuesObject: { a: [1, { b: null }] } } });
    const app = rolling(world.payments({ spec: { source } }));
    expect(await pinPatch(world, reviewOf(app))).toEqual([
      { op: 'add', path: '/operation/sync/source', value: source },
      { op: 'add', path: '/operation/sync/revision', value: '1.4.2' },
    ]);
  });

  it('makes it one that the gate can verify, which refuses it otherwise', async () => {
    const world = await startWorld();
    const app = rolling(world.payments({ spec: { source: ranged(world) } }));
    expect(await refusalOf(world, app)).toContain('without naming its source');
    expect((await write(world, app)).refusal).toBeNull();
    expect((await write(world, app, { operation: 'CREATE' })).refusal).toBeNull();
  });

  it('leaves it to the gate to refuse what it has pinned', async () => {
    const world = await startWorld();
    await world.repository.publish({ name: 'payments', version: '1.5.0', signer: null });
    const { object, refusal } = await write(world, rolling(world.payments({ spec: { source: ranged(world) } })));
    expect(object.operation).toMatchObject({ sync: { revision: '1.5.0' } });
    expect(refusal).toContain('Chart payments 1.5.0 has no provenance file');
  });

  it('copies lists as lists, with an empty revision where Git has to find its own', async () => {
    const world = await startWorld();
    const sources = [GIT, ranged(world), chartSource(world.repository.url)];
    const { object, refusal } = await write(world, rolling(world.payments({ spec: { sources } })));
    expect(object.operation).toMatchObject({ sync: { sources, revisions: ['', '1.4.2', '1.4.2'] } });
    expect(refusal).toBeNull();
  });

  it('leaves a partial version, for the gate to name the full one', async () => {
    const world = await startWorld();
    const { object, refusal } = await write(world, rolling(world.payments({ spec: { source: ranged(world, '1.4') } })));
    expect(object.operation).toMatchObject({ sync: { source: ranged(world, '1.4') } });
    expect(object.operation).not.toHaveProperty('sync.revision');
    expect(refusal).toContain('1.4.2');
  });

  it('takes the source in the request, not the one that was there before', async () => {
    const world = await startWorld();
    const before = world.payments({ spec: { source: ranged(world, '1.0.0') } });
    const after = rolling(world.payments({ spec: { source: ranged(world) } }));
    const { object, refusal } = await write(world, after, { oldObject: before });
    expect(object.operation).toMatchObject({ sync: { source: ranged(world), revision: '1.4.2' } });
    expect(refusal).toBeNull();
  });
});

describe('pin, asked about an operation with a source', () => {
  it('never changes one that is pinned', async () => {
    const world = await startWorld();
    const app = world.payments();
    expect(await pinPatch(world, reviewOf(syncOf(app)))).toEqual([]);
    const automated = { initiatedBy: { automated: true }, retry: { limit: 5 } };
    const source = ranged(world);
    const resolved = { ...app, operation: { ...automated, sync: { source, revision: '1.4.2' } } };
    expect(await pinPatch(world, reviewOf(resolved))).toEqual([]);
    const sources = [GIT, source];
    const several = { ...app, operation: { ...automated, sync: { sources, revisions: ['a'.repeat(40), '1.4.2'] } } };
    expect(await pinPatch(world, reviewOf(several))).toEqual([]);
    expect(
      await pinPatch(world, reviewOf({ ...app, operation: { sync: { source: chartSource(world.repository.url) } } })),
    ).toEqual([]);
    expect(world.repository.requests).toEqual([]);
  });

  it('writes the version for a range, whether that is the revision or stands for one', async () => {
    const world = await startWorld();
    const app = world.payments();
    const wanted = [{ op: 'add', path: '/operation/sync/revision', value: '1.4.2' }];
    const source = ranged(world);
    expect(await pinPatch(world, reviewOf({ ...app, operation: { sync: { source } } }))).toEqual(wanted);
    expect(await pinPatch(world, reviewOf({ ...app, operation: { sync: { source, revision: '~1.4' } } }))).toEqual(
      wanted,
    );
    expect(await pinPatch(world, reviewOf({ ...app, operation: { sync: { source, revision: '1.4' } } }))).toEqual([]);
  });

  it('turns retry.refresh off, and leaves the rest of the retry', async () => {
    const world = await startWorld();
    const app = syncOf(world.payments());
    const operation = { ...app.operation, retry: { limit: 3, refresh: true } };
    const { object, refusal } = await write(world, { ...app, operation });
    expect(object.operation).toEqual({ ...operation, retry: { limit: 3 } });
    expect(refusal).toBeNull();
  });

  it('leaves lists of different length, manifests from a machine, and what may mean several things', async () => {
    const world = await startWorld();
    const app = world.payments();
    const source = ranged(world);
    const odd = [
      { sync: { sources: [source, source], revisions: ['1.4.2'] } },
      { sync: { source, manifests: ['{}'] } },
      { sync: { source, sources: [source] } },
    ];
    for (const operation of odd) expect(await pinPatch(world, reviewOf({ ...app, operation }))).toEqual([]);
  });

  it('fetches nothing a second time for the gate, and leaves it nothing to wait for', async () => {
    const world = await startWorld();
    const app = world.payments({ spec: { source: ranged(world) } });
    const { refusal } = await write(world, rolling(app));
    expect(refusal).toBeNull();
    expect(world.repository.requests.filter((path) => path.endsWith('/index.yaml'))).toHaveLength(1);
    expect(world.repository.requests.filter((path) => path.endsWith('.tgz'))).toHaveLength(1);
  });
});

describe('pin, asked about a source in a registry', () => {
  it('writes the digest of a tag, which is what the gate verifies then', async () => {
    const world = await startRegistryWorld();
    world.asks({ cosign: BY_KEY });
    const digest = world.shop.artifact('acme/config', '1.0.0');
    world.shop.sign('acme/config', digest);
    const source = artifactSource(world);
    const { object, refusal } = await write(world, rolling(world.deploys(source)));
    expect(object.operation).toMatchObject({ sync: { source, revision: digest } });
    expect(refusal).toBeNull();
    const tags = world.requests.filter((path) => path.includes('/manifests/1.0.0'));
    expect(tags).toHaveLength(1);
  });

  it('writes the version of a range of a chart, and asks for nothing twice', async () => {
    const world = await startRegistryWorld();
    world.asks({ cosign: BY_KEY });
    world.shop.sign('charts/payments', await world.shop.chart('charts/payments', '1.0.0'));
    const { object, refusal } = await write(world, rolling(world.deploys(registryChart(world, '^1.0'))));
    expect(object.operation).toMatchObject({ sync: { revision: '1.0.0' } });
    expect(refusal).toBeNull();
    expect(world.requests.filter((path) => path.includes('/manifests/1.0.0'))).toHaveLength(1);
  });
});

describe('pin, asked about a running state', () => {
  const status = {
    operationState: { phase: 'Running', startedAt: '2026-01-01T00:00:00Z', operation: { sync: {} } },
    sync: { status: 'Synced' },
  };

  it('removes one that arrives with a new operation, and nothing else of the status', async () => {
    const world = await startWorld();
    const app = { ...syncOf(world.payments()), status };
    const removed = [{ op: 'remove', path: '/status/operationState' }];
    expect(await pinPatch(world, reviewOf(app))).toEqual(removed);
    expect(await pinPatch(world, reviewOf(app, { operation: 'CREATE' }))).toEqual(removed);
    expect((await write(world, app, { operation: 'CREATE' })).refusal).toBeNull();
  });

  it('leaves one that is over, and one that belongs to the operation before', async () => {
    const world = await startWorld();
    const app = syncOf(world.payments());
    const over = { ...app, status: { operationState: { ...status.operationState, phase: 'Failed' } } };
    expect(await pinPatch(world, reviewOf(over))).toEqual([]);
    const other = { ...app, operation: { sync: {} } };
    expect(await pinPatch(world, reviewOf({ ...app, status }, { oldObject: { ...other, status } }))).toEqual([]);
  });
});

describe("pin, asked about what ApplicationSet's controller writes", () => {
  const username = 'system:serviceaccount:argocd:argocd-applicationset-controller';
  const removed = [{ op: 'remove', path: '/operation' }];

  it('removes what is left of an operation that has ended', async () => {
    const world = await startWorld();
    const app = world.payments();
    for (const sync of [{}, { revision: '1.4.2' }]) {
      expect(await pinPatch(world, reviewOf({ ...app, operation: { sync } }, { username }))).toEqual(removed);
    }
    const { object, refusal } = await write(world, { ...app, operation: { sync: {} } }, { username });
    expect(object).not.toHaveProperty('operation');
    expect(refusal).toBeNull();
  });

  it('completes one that goes on, a whole one, and one that anybody else writes', async () => {
    const world = await startWorld();
    const source = ranged(world, '1.4.2');
    const app = world.payments({ spec: { source } });
    const completed = [
      { op: 'add', path: '/operation/sync/source', value: source },
      { op: 'add', path: '/operation/sync/revision', value: '1.4.2' },
    ];
    const empty = { ...app, operation: { sync: {} } };
    expect(await pinPatch(world, reviewOf(empty))).toEqual(completed);
    expect(await pinPatch(world, reviewOf(empty, { username, operation: 'CREATE' }))).toEqual(completed);
    expect(await pinPatch(world, reviewOf(rolling(app), { username }))).toEqual(completed);
    const goesOn = { username, oldObject: syncOf(app) };
    expect(await pinPatch(world, reviewOf(rolling(app), goesOn))).toEqual(completed);
    for (const other of ['system:serviceaccount:other:argocd-applicationset-controller', 'alice'])
      expect(await pinPatch(world, reviewOf(empty, { username: other }))).toEqual(completed);
  });
});

describe('pin, where nothing is asked of it', () => {
  it('leaves an Application alone that no policy concerns, and asks nobody', async () => {
    const world = await startWorld();
    world.policy({ 'project.shop': requiring('https://elsewhere.example/', world.release) });
    const app = rolling(world.payments({ spec: { source: ranged(world) } }));
    const refreshing = {
      ...app,
      operation: { sync: {}, retry: { refresh: true } },
      status: { operationState: { phase: 'Running' } },
    };
    expect(await pinPatch(world, reviewOf(app))).toEqual([]);
    expect(await pinPatch(world, reviewOf({ ...refreshing, status: {} }))).toEqual([]);
    expect(world.repository.requests).toEqual([]);
  });

  it('does nothing while it is off, and pins where it only warns', async () => {
    const world = await startWorld();
    const policy = { 'project.shop': requiring(world.repository.url, world.release) };
    const app = rolling(world.payments({ spec: { source: ranged(world) } }));
    world.policy({ ...policy, enforcement: 'off' });
    expect(await pinPatch(world, reviewOf(app))).toEqual([]);
    world.policy({ ...policy, enforcement: 'warn' });
    expect(await pinPatch(world, reviewOf(app))).toHaveLength(2);
  });

  it('asks no repository that the project does not permit', async () => {
    const world = await startWorld();
    const app = rolling(world.payments({ spec: { source: ranged(world), project: 'elsewhere' } }));
    world.policy({ 'project.elsewhere': requiring(world.repository.url, world.release) });
    await write(world, app);
    expect(world.repository.requests).toEqual([]);
  });

  it('stores nothing', async () => {
    const world = await startWorld();
    const app = rolling(world.payments({ spec: { source: ranged(world) } }));
    await pinPatch(world, reviewOf(app, { dryRun: true }));
    const version = { repoURL: world.repository.url, chart: 'payments', version: '1.4.2' };
    expect(await world.store.digests.seen(version, 0)).toEqual([]);
    await write(world, app);
    expect(await world.store.digests.seen(version, 0)).toHaveLength(1);
  });

  it('never refuses: a repository that is down leaves the source to be judged by the gate, which says why', async () => {
    const world = await startWorld();
    world.repository.intercept = (_, response) => {
      response.writeHead(503).end();
      return true;
    };
    const app = rolling(world.payments({ spec: { source: ranged(world) } }));
    expect(await pinPatch(world, reviewOf(app))).toEqual([
      { op: 'add', path: '/operation/sync/source', value: ranged(world) },
    ]);
    expect((await write(world, app)).refusal).toContain('HTTP status 503');
  });

  it('takes no longer than half of the budget, and leaves the rest to the gate', async () => {
    const world = await startWorld({ flags: { 'automated-budget-ms': '10000' } });
    world.repository.intercept = () => true;
    const review = reviewOf(rolling(world.payments({ spec: { source: ranged(world) } })));
    // Of a repository that never answers, the gate first: what holds up the one holds up the other.
    const answered: string[] = [];
    await Promise.all([
      gate(world, review).then(() => answered.push('gate')),
      pinPatch(world, review).then(() => answered.push('pin')),
    ]);
    expect(answered).toEqual(['pin', 'gate']);
  });

  it('says what is no review, and lets through what cannot be read', async () => {
    const world = await startWorld();
    expect((await postReview(world, '{}', 'pin')).status).toBe(400);
    const app = { ...world.payments(), operation: { sync: { source: 7 } } };
    expect(await pinPatch(world, reviewOf(app))).toEqual([]);
  });
});
