import { setTimeout as pause } from 'node:timers/promises';
import type { Application } from '@source-integrity/core';
import { describe, expect, it } from 'vitest';
import type { Lookup } from '../../src/cluster/cluster.ts';
import { clusterView, type Json, readApplication } from '../../src/cluster/view.ts';
import { Ahead } from '../../src/verification/ahead.ts';
import type { VerifyRequest } from '../../src/verification/application-verifier.ts';
import { named } from '../cluster/kubernetes/world.ts';
import { requiring, type World } from '../server/fixture.ts';
import { startWatchingWorld } from '../server/kubernetes-world.ts';
import { application, configMap, project } from '../server/manifests.ts';
import { gate, reviewOf, syncOf } from '../server/review.ts';
import { eventually } from '../eventually.ts';

const POLICY =
  'helm: {policies: [{repos: [{url: "https://signed.example.com/*"}], gpg: {mode: provenance, keys: []}}]}';

const EVERYWHERE = { 'all-projects': `{unmatched: allow, ${POLICY}}` };
const NOWHERE = { 'all-projects': 'unmatched: allow\n' };
type Policy = Readonly<Record<string, string>>;

interface StartOptions {
  readonly policy?: Policy;
  readonly concurrency?: number;
  readonly pauseMs?: number;
}

interface AppOptions {
  readonly project?: string;
  readonly version?: string;
  readonly repoURL?: string;
  readonly compared?: string;
  readonly deployed?: string;
}

function app(name: string, options: AppOptions = {}): Application {
  const { version = '1.4.2', repoURL = 'https://signed.example.com', compared, deployed } = options;
  const status = {
    ...(compared === undefined ? {} : { sync: { status: 'OutOfSync', revision: compared } }),
    ...(deployed === undefined ? {} : { history: [{ id: 1, revision: deployed }] }),
  };
  const source = { repoURL, chart: name, targetRevision: version };
  const read = readApplication({
    ...application({ name, project: options.project ?? 'shop', spec: { source } }),
    status,
  });
  if (read.status !== 'found') throw new Error('an Application can be read');
  return read.value;
}

/** What is verified ahead of these Applications' syncs, with a verifier that ends when the test says so. */
function start({ policy = EVERYWHERE, concurrency = 2, pauseMs = 0 }: StartOptions = {}) {
  const applications = new Map<string, Application>();
  const asked: VerifyRequest[] = [];
  const held: (() => void)[] = [];
  const faults: unknown[] = [];
  let holds = false;
  const found = (object: Json): Lookup<Json> => ({ status: 'found', value: object });
  const viewOf = (policy: Policy) =>
    clusterView(
      {
        application(_, name) {
          const value = applications.get(name);
          return value === undefined ? { status: 'missing' } : { status: 'found', value };
        },
        applications: () => [...applications.values()],
        project: (name) => found({ ...project(name, { sourceRepos: ['*'] }) }),
        projects: [],
        configMap: () => found({ ...configMap('argocd-source-integrity-cm', policy) }),
        optionalConfigMap: () => ({ status: 'missing' }),
        secrets: [],
        faults: [],
      },
      { controllerNamespace: 'argocd', identityKey: Buffer.from('key') },
    );
  let view = viewOf(policy);
  const ahead = new Ahead({
    cluster: { view: () => Promise.resolve(view) },
    verifier: {
      verify(request) {
        asked.push(request);
        return new Promise((_, reject) => {
          const end = (): void => {
            reject(new Error('nobody reads the report'));
          };
          if (holds) held.push(end);
          else end();
        });
      },
    },
    concurrency,
    timeoutMs: 1000,
    pauseMs,
    onFault: (error) => void faults.push(error),
  });
  return {
    ahead,
    asked,
    faults,
    names: () => asked.map((request) => request.application.name),
    hold: () => {
      holds = true;
    },
    release: () => {
      for (const end of held.splice(0)) end();
    },
    notice: (...changed: readonly Application[]) => {
      for (const each of changed) applications.set(each.name, each);
      for (const each of changed) ahead.notice(each);
    },
    /** The ConfigMap is another, or something else is. */
    settings: (policy: Policy) => {
      view = viewOf(policy);
      ahead.settingsChanged();
    },
  };
}

/** Long enough for whatever should not happen. */
const settled = () => pause(30);

/** What is verified, once all of it is. */
async function shown<T>(read: () => T, wanted: T): Promise<void> {
  await eventually(() => {
    expect(read()).toEqual(wanted);
  });
}

describe('a target', () => {
  it('is verified when it appears, and when it changes', async () => {
    const { notice, asked } = start();
    const revisions = () => asked.map(({ deployment }) => deployment.sources.map(({ revision }) => revision));
    notice(app('a'));
    await shown(revisions, [['1.4.2']]);
    notice(app('a', { version: '1.4.3' }));
    await shown(revisions, [['1.4.2'], ['1.4.3']]);
    expect(asked[0]).toMatchObject({ trigger: 'ahead', observe: false, record: true, ask: { interactive: false } });
  });

  it('is verified once, whatever else changes in the Application', async () => {
    const { notice, names } = start();
    notice(app('a'));
    notice(app('a'));
    await settled();
    notice(app('a', { deployed: '1.4.1' }));
    await settled();
    expect(names()).toEqual(['a']);
  });

  it('that is a range is verified as the comparison resolved it', async () => {
    const { notice, asked } = start();
    notice(app('a', { version: '^1.4', compared: '1.4.7' }));
    await shown(() => asked.length, 1);
    expect(asked[0]?.deployment.sources[0]).toMatchObject({ revision: '1.4.7', pinned: true });
  });

  it('that names a version is not taken for the one of the comparison before', async () => {
    const { notice, asked } = start();
    notice(app('a', { version: '1.5.0', compared: '1.4.7' }));
    await shown(() => asked[0]?.deployment.sources[0]?.revision, '1.5.0');
  });

  it('that runs already is not verified at first sight, as at a start', async () => {
    const { notice, names } = start();
    notice(
      app('runs', { compared: '1.4.2', deployed: '1.4.2' }),
      app('waits', { compared: '1.4.2', deployed: '1.4.1' }),
    );
    await shown(names, ['waits']);
    await settled();
    expect(names()).toEqual(['waits']);
    notice(app('runs', { version: '1.4.3', compared: '1.4.2', deployed: '1.4.2' }));
    await shown(names, ['waits', 'runs']);
  });
});

describe('nothing is verified', () => {
  it.each([
    ['without a policy that concerns it', {}, app('a', { repoURL: 'https://unsigned.example.com' })],
    ['where nothing is enforced', { enforcement: 'off' }, app('a')],
    ['where every sync asks anew', { freshness: '0s' }, app('a')],
    ['under a policy that cannot be read', { unknown: 'x' }, app('a')],
  ])('%s', async (_, more, target) => {
    const { notice, names } = start({ policy: { 'all-projects': `{unmatched: allow, ${POLICY}}`, ...more } });
    notice(target);
    await settled();
    expect(names()).toEqual([]);
  });

  it('of what has gone meanwhile, or once it is closed', async () => {
    const { ahead, notice, names } = start();
    ahead.notice(app('gone'));
    await settled();
    ahead.close();
    notice(app('late'));
    await settled();
    expect(names()).toEqual([]);
  });
});

describe('many targets', () => {
  it('take turns by project, the newest first, one of each project at a time', async () => {
    const { notice, names, hold, release } = start();
    hold();
    notice(app('a1', { project: 'a' }), app('a2', { project: 'a' }), app('a3', { project: 'a' }));
    notice(app('b1', { project: 'b' }), app('c1', { project: 'c' }));
    await shown(names, ['a1', 'b1']);
    await settled();
    expect(names()).toEqual(['a1', 'b1']);
    release();
    await shown(names, ['a1', 'b1', 'a3', 'c1']);
    release();
    await shown(names, ['a1', 'b1', 'a3', 'c1', 'a2']);
  });

  it('are verified one after the other, with a pause', async () => {
    const { notice, names } = start({ pauseMs: 120 });
    notice(app('a1'), app('a2'));
    await shown(names, ['a1']);
    const first = performance.now();
    await shown(names, ['a1', 'a2']);
    expect(performance.now() - first).toBeGreaterThan(50);
  });

  it('go on after a fault', async () => {
    const { notice, names, faults } = start();
    notice(app('a1'), app('a2'));
    await shown(() => [names(), faults.length], [['a1', 'a2'], 2]);
  });
});

describe('a policy that comes later', () => {
  it('has what waits for its sync verified, and not what runs already', async () => {
    const { notice, settings, names } = start({ policy: NOWHERE });
    notice(
      app('waits', { compared: '1.4.2', deployed: '1.4.1' }),
      app('runs', { compared: '1.4.2', deployed: '1.4.2' }),
      app('unsigned', { repoURL: 'https://unsigned.example.com' }),
    );
    await settled();
    expect(names()).toEqual([]);
    settings(EVERYWHERE);
    await shown(names, ['waits']);
    await settled();
    expect(names()).toEqual(['waits']);
  });

  it('has it verified once for each policy, whatever else changes', async () => {
    const { notice, settings, names } = start();
    notice(app('a'));
    await shown(names, ['a']);
    settings(EVERYWHERE);
    settings({ ...EVERYWHERE });
    await settled();
    expect(names()).toEqual(['a']);
    settings({ ...EVERYWHERE, freshness: '30s' });
    settings({ ...EVERYWHERE, freshness: '30s' });
    await shown(names, ['a', 'a']);
    await settled();
    expect(names()).toEqual(['a', 'a']);
  });

  it('waits its turn: what is not begun yet is verified once, and what is new comes first', async () => {
    const { notice, settings, names, hold, release } = start({ concurrency: 1 });
    hold();
    notice(app('a1'), app('a2'), app('a3'));
    await shown(names, ['a1']);
    settings({ ...EVERYWHERE, freshness: '30s' });
    await settled();
    notice(app('a4'));
    const order = ['a1', 'a4', 'a1', 'a3', 'a2'];
    for (let done = 1; done < order.length; done += 1) {
      release();
      await shown(names, order.slice(0, done + 1));
    }
    release();
    await settled();
    expect(names()).toEqual(order);
  });

  it('makes no storm of ten thousand Applications', async () => {
    const { notice, settings, names } = start({ policy: NOWHERE, pauseMs: 50 });
    const all = Array.from({ length: 10_000 }, (_, number) => app(`app-${number}`, { project: `p-${number % 2}` }));
    notice(...all);
    const startedAt = performance.now();
    settings(EVERYWHERE);
    await shown(() => names().length > 4, true);
    const pauses = (performance.now() - startedAt) / 50;
    expect(names().length).toBeLessThanOrEqual(2 * (pauses + 2));
  });

  it('has nothing verified while it has an error', async () => {
    const { notice, settings, names } = start();
    notice(app('a'));
    await shown(names, ['a']);
    settings({ unknown: 'x' });
    await settled();
    expect(names()).toEqual(['a']);
    settings(EVERYWHERE);
    await shown(names, ['a', 'a']);
  });
});

describe('a server that watches the API server', () => {
  const metrics = async ({ server }: World) => (await fetch(`${server.addresses.operations}/metrics`)).text();
  const isReady = ({ server }: World) =>
    eventually(async () => {
      expect((await fetch(`${server.addresses.operations}/readyz`)).status).toBe(200);
    });
  const isVerifiedAhead = (world: World) =>
    eventually(async () => {
      expect(await metrics(world)).toContain('verification_duration_seconds_count{trigger="ahead"} 1');
    });

  it('has verified a new Application by the time of its sync', async () => {
    const { world, api, payments } = await startWatchingWorld();
    await isReady(world);
    api.put('applications', named(payments));
    await isVerifiedAhead(world);
    const requests = world.repository.requests.length;
    expect(requests).toBeGreaterThan(2);
    expect((await gate(world, reviewOf(syncOf(payments)))).allowed).toBe(true);
    expect(world.repository.requests).toHaveLength(requests);
  });

  it.each([
    [true, 'allows the first sync of a chart that takes longer to arrive than a sync may wait'],
    [false, 'has to put off the first sync of such a chart where it did not see the Application before'],
  ])('(%s) %s', async (isSeen) => {
    const { world, api, payments } = await startWatchingWorld({ flags: { 'interactive-budget-ms': '300' } });
    await isReady(world);
    world.repository.intercept = ({ url = '' }, response) => {
      const file = world.repository.files.get(url);
      if (!url.endsWith('.tgz') || file === undefined) return false;
      setTimeout(() => response.writeHead(200).end(file), 1000);
      return true;
    };
    if (isSeen) {
      api.put('applications', named(payments));
      await isVerifiedAhead(world);
    }
    const { allowed, status } = await gate(world, reviewOf(syncOf(payments)));
    expect(allowed).toBe(isSeen);
    if (!isSeen) expect(status?.message).toContain('is still being verified');
  });

  it('refuses while it may not read the policy, and says so', async () => {
    const { world, api, payments } = await startWatchingWorld();
    api.forbidden.add('configmaps');
    api.drop();
    const { status } = await gate(world, reviewOf(syncOf(payments)));
    expect(status?.message).toContain('this server may not list configmap argocd-source-integrity-cm');
  });

  it('verifies a target that was there before its policy', async () => {
    const { world, api, payments } = await startWatchingWorld({
      prepare: (server) => server.put('applications', named(application({ name: 'other', spec: { source: {} } }))),
    });
    await isReady(world);
    const policy = { 'project.shop': requiring(world.repository.url, world.release) };
    api.put('configmaps', named(configMap('argocd-source-integrity-cm', {})));
    api.put('applications', named(payments));
    await eventually(async () => {
      const { status } = await gate(world, reviewOf(syncOf(payments)));
      expect(status).toBeUndefined();
      expect(world.repository.requests).toEqual([]);
    });
    api.put('configmaps', named(configMap('argocd-source-integrity-cm', policy)));
    await isVerifiedAhead(world);
    expect((await gate(world, reviewOf(syncOf(payments)))).allowed).toBe(true);
  });
});
