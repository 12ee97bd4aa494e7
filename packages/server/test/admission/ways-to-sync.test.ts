import { describe, expect, it } from 'vitest';
import { artifactSource, BY_KEY, startRegistryWorld } from '../registry/world.ts';
import { chartSource, requiring, startWorld, TOKEN, type World } from '../server/fixture.ts';
import type { Manifest } from '../server/manifests.ts';
import { gate, refusalOf, type ReviewOptions, reviewOf, write } from '../server/review.ts';

/** `payments` is good in 1.4.2, and not signed in 1.4.3; `evil` is not signed at all. */
async function shop(): Promise<World> {
  const world = await startWorld();
  await world.repository.publish({ name: 'payments', version: '1.4.3', signer: null });
  await world.repository.publish({ name: 'evil', version: '1.0.0', signer: null });
  return world;
}

const good = ({ repository }: World): object => chartSource(repository.url);
const unsigned = ({ repository }: World): object => chartSource(repository.url, { targetRevision: '1.4.3' });
const evil = ({ repository }: World): object => chartSource(repository.url, { chart: 'evil', targetRevision: '1.0.0' });
const GIT = { repoURL: 'https://git.example/app.git', path: '.', targetRevision: 'main' };

function running(operation: unknown, syncResult?: object, phase = 'Running'): object {
  return { operationState: { phase, operation, ...(syncResult === undefined ? {} : { syncResult }) } };
}

const NO_SOURCE = { repoURL: '' };

/** Writes as kube-apiserver does, and answers whether it came through. */
async function comesThrough(world: World, object: Manifest, options: ReviewOptions = {}): Promise<boolean> {
  return (await write(world, object, options)).refusal === null;
}

describe('each writer of an operation', () => {
  it.each([
    ['argocd-server, for one source', (source: object, revision: string) => ({ sync: { source, revision } })],
    [
      'argocd-server, for several',
      (source: object, revision: string) => ({
        sync: { sources: [GIT, source], revisions: ['a'.repeat(40), revision] },
      }),
    ],
    [
      'the controller, by itself',
      (source: object, revision: string) => ({
        initiatedBy: { automated: true },
        retry: { limit: 5 },
        sync: { source, revision },
      }),
    ],
    [
      'a rollback, to what the history says',
      (source: object, revision: string) => ({ sync: { source: { ...source, targetRevision: '9.9.9' }, revision } }),
    ],
    ['kubectl, with a revision alone', (_: object, revision: string) => ({ sync: { revision } })],
  ])('%s: the good version comes through, and the bad one does not', async (_, operationOf) => {
    const world = await shop();
    const app = world.payments({ spec: { source: good(world) } });
    expect(await comesThrough(world, { ...app, operation: operationOf(good(world), '1.4.2') })).toBe(true);
    const bad = world.payments({ spec: { source: unsigned(world) } });
    const { refusal } = await write(world, { ...bad, operation: operationOf(unsigned(world), '1.4.3') });
    expect(refusal).toContain('Chart payments 1.4.3 has no provenance file');
  });

  it('the controller, with a range that it has resolved: verified at the version, and left as it is', async () => {
    const world = await shop();
    const source = chartSource(world.repository.url, { targetRevision: '~1.4.0' });
    const app = world.payments({ spec: { source } });
    const operation = { initiatedBy: { automated: true }, sync: { source, revision: '1.4.2' } };
    const { object, refusal } = await write(world, { ...app, operation });
    expect(refusal).toBeNull();
    expect(object.operation).toEqual(operation);
  });

  it('a rolling sync that creates the Application, and one that changes its spec in the same request', async () => {
    const world = await shop();
    const sync = { initiatedBy: { username: 'applicationset-controller', automated: true }, sync: {} };
    const before = world.payments({ spec: { source: unsigned(world) } });
    const after = { ...world.payments({ spec: { source: good(world) } }), operation: sync };
    expect(await comesThrough(world, after, { operation: 'CREATE' })).toBe(true);
    expect(await comesThrough(world, after, { oldObject: before })).toBe(true);
    const bad = { ...before, operation: sync };
    expect(await comesThrough(world, bad, { operation: 'CREATE' })).toBe(false);
    expect(await comesThrough(world, bad, { oldObject: world.payments() })).toBe(false);
  });

  it('an app-of-apps, which creates an Application together with its operation', async () => {
    const world = await shop();
    const create = { operation: 'CREATE' } as const;
    const child = { ...world.payments({ spec: { source: good(world) } }), operation: { sync: {} } };
    expect(await comesThrough(world, child, create)).toBe(true);
    const evilChild = { ...world.payments({ spec: { source: evil(world) } }), operation: { sync: {} } };
    expect(await comesThrough(world, evilChild, create)).toBe(false);
  });

  it('a machine that brings its own manifests: refused where a policy applies', async () => {
    const world = await shop();
    const operation = { sync: { source: good(world), revision: '', manifests: ['kind: ConfigMap'] } };
    expect(await comesThrough(world, { ...world.payments(), operation })).toBe(false);
    const elsewhere = requiring('https://elsewhere.example/', world.release);
    world.policy({ 'project.shop': elsewhere });
    expect(await comesThrough(world, { ...world.payments(), operation })).toBe(true);
  });
});

describe("the controller's own writes", () => {
  it.each([
    ['takes an operation up', {}],
    ['notes what it executes', { source: 'same', revision: '1.4.3' }],
  ])('it %s, though nobody would let it start now', async (_, syncResult) => {
    const world = await shop();
    const operation = { sync: { source: unsigned(world), revision: '1.4.3' } };
    const asked = { ...world.payments({ spec: { source: unsigned(world) } }), operation };
    const result = Object.keys(syncResult).length === 0 ? undefined : { ...syncResult, source: unsigned(world) };
    expect(await refusalOf(world, { ...asked, status: running(operation, result) }, { oldObject: asked })).toBeNull();
    expect(world.repository.requests).toEqual([]);
  });

  it('it notes several sources, with an empty one beside the list, and commits for branches', async () => {
    const world = await shop();
    const sources = [GIT, unsigned(world)];
    const operation = { sync: { sources, revisions: ['', '1.4.3'] } };
    const asked = { ...world.payments({ spec: { sources } }), operation };
    const result = { source: NO_SOURCE, sources, revisions: ['b'.repeat(40), '1.4.3'] };
    const taken = { ...asked, status: running(operation, result) };
    expect(await refusalOf(world, taken, { oldObject: asked })).toBeNull();
    const progress = { ...asked, status: { ...running(operation, result), reconciledAt: '2026-01-01T00:00:00Z' } };
    expect(await refusalOf(world, progress, { oldObject: taken })).toBeNull();
    expect(world.repository.requests).toEqual([]);
  });

  it('it retries: the state waits and runs again with the operation that it had', async () => {
    const world = await shop();
    const operation = { retry: { limit: 2 }, sync: { source: unsigned(world), revision: '1.4.3' } };
    const asked = { ...world.payments({ spec: { source: unsigned(world) } }), operation };
    const result = { source: unsigned(world), revision: '1.4.3' };
    const first = { ...asked, status: running(operation, result) };
    const again = { ...asked, status: running(operation, result) };
    expect(await refusalOf(world, again, { oldObject: first })).toBeNull();
    expect(world.repository.requests).toEqual([]);
  });
});

describe('a state written by hand', () => {
  async function started(): Promise<{ world: World; before: Manifest; operation: object; result: object }> {
    const world = await shop();
    const operation = { sync: { source: good(world), revision: '1.4.2' } };
    const result = { source: good(world), revision: '1.4.2' };
    const before = {
      ...world.payments({ spec: { source: good(world) } }),
      operation,
      status: running(operation, result),
    };
    return { world, before, operation, result };
  }

  it('does not run another operation than the one that was asked for', async () => {
    const { world, before, result } = await started();
    const other = { sync: { source: evil(world), revision: '1.0.0' } };
    const refusal = await refusalOf(world, { ...before, status: running(other, result) }, { oldObject: before });
    expect(refusal).toContain('Chart evil 1.0.0');
  });

  it.each([
    ['another source', { source: 'evil', revision: '1.0.0' }],
    ['another revision', { source: 'good', revision: '1.4.3' }],
    ['a list in front of the source', { source: 'good', revision: '1.4.2', sources: ['evil'], revisions: ['1.0.0'] }],
  ])('does not execute %s as its result', async (_, written) => {
    const { world, before, operation } = await started();
    const sources = { good: good(world), evil: evil(world) };
    const name = (of: string): object => (of === 'evil' ? sources.evil : sources.good);
    const list = 'sources' in written ? { sources: written.sources.map(name), revisions: written.revisions } : {};
    const result = { source: name(written.source), revision: written.revision, ...list };
    const after = { ...before, status: running(operation, result) };
    expect(await refusalOf(world, after, { oldObject: before })).not.toBeNull();
  });

  it.each(['Failed', 'Error', 'Succeeded', 'Terminating'])(
    'does not run again what was put into one that was %s',
    async (phase) => {
      const { world, before, operation } = await started();
      const bad = { source: evil(world), revision: '1.0.0' };
      const parked = { ...before, status: running(operation, bad, phase) };
      // It executes nothing, so it is let through, as the end and the termination of any operation are.
      expect(await refusalOf(world, parked, { oldObject: before })).toBeNull();
      const revived = { ...before, status: running(operation, bad) };
      expect(await refusalOf(world, revived, { oldObject: parked })).toContain('Chart evil 1.0.0');
    },
  );

  it('does not come along with a new Application, nor with a new operation: pin takes it out, and the gate refuses it', async () => {
    const world = await shop();
    const operation = { sync: { source: good(world), revision: '1.4.2' } };
    const bad = running({ sync: { source: evil(world), revision: '1.0.0' } });
    const child = { ...world.payments({ spec: { source: good(world) } }), operation, status: bad };
    for (const options of [{ operation: 'CREATE' }, { oldObject: world.payments() }] as const) {
      expect(await refusalOf(world, child, options)).toContain('brings along a running operation');
      const { object, refusal } = await write(world, child, options);
      expect(object['status']).toEqual({});
      expect(refusal).toBeNull();
    }
  });

  it('does not wait in a new Application for an operation to come', async () => {
    const world = await shop();
    const waiting = {
      ...world.payments({ spec: { source: good(world) } }),
      status: running({ sync: { source: evil(world), revision: '1.0.0' } }),
    };
    expect(await refusalOf(world, waiting, { operation: 'CREATE' })).toContain('brings along a running operation');
    expect((await write(world, waiting, { operation: 'CREATE' })).object['status']).toEqual({});
  });
});

describe('an operation that means more than it says', () => {
  it('takes the spec in its place: changing that under a running one is a new question', async () => {
    const world = await shop();
    const unpinned = { ...world.payments({ spec: { source: good(world) } }), operation: { sync: {} } };
    const moved = { ...world.payments({ spec: { source: evil(world) } }), operation: { sync: {} } };
    expect(await refusalOf(world, moved, { oldObject: unpinned })).toContain('Chart evil 1.0.0');
  });

  it('changes nothing for an operation that carries its own source', async () => {
    const world = await shop();
    const operation = { sync: { source: good(world), revision: '1.4.2' } };
    const before = { ...world.payments({ spec: { source: good(world) } }), operation };
    const after = { ...world.payments({ spec: { source: evil(world) } }), operation };
    expect(await refusalOf(world, after, { oldObject: before })).toBeNull();
    expect(world.repository.requests).toEqual([]);
  });

  it('deploys the sources of the spec where a hydrator stands beside them, whatever its own source says', async () => {
    const world = await shop();
    const sourceHydrator = {
      drySource: { repoURL: GIT.repoURL, path: '.', targetRevision: 'HEAD' },
      syncSource: { targetBranch: 'main', path: '.' },
    };
    const spec = { sources: [evil(world)], sourceHydrator };
    const hydrated = { repoURL: GIT.repoURL, path: '.', targetRevision: 'main' };
    const automated = { source: hydrated, sources: [evil(world)], revision: 'a'.repeat(40), revisions: ['1.0.0'] };
    const operation = { initiatedBy: { automated: true }, sync: automated };
    expect(await refusalOf(world, { ...world.payments({ spec }), operation })).toContain('Chart evil 1.0.0');
    expect(await comesThrough(world, { ...world.payments({ spec }), operation: { sync: {} } })).toBe(false);
  });

  it('deploys a hydrator alone, of which no policy asks anything', async () => {
    const world = await shop();
    const sourceHydrator = {
      drySource: { repoURL: GIT.repoURL, path: '.', targetRevision: 'HEAD' },
      syncSource: { targetBranch: 'main', path: '.' },
    };
    const operation = { sync: { source: { ...GIT }, revision: 'a'.repeat(40) } };
    expect(await comesThrough(world, { ...world.payments({ spec: { sourceHydrator } }), operation })).toBe(true);
    expect(
      await comesThrough(world, { ...world.payments({ spec: { sourceHydrator } }), operation: { sync: {} } }),
    ).toBe(true);
  });

  it('names a chart by a path: segments moved from one field to the other stay under the policy', async () => {
    const world = await startRegistryWorld();
    world.asks({ cosign: BY_KEY });
    await world.shop.chart('charts/payments', '1.0.0');
    world.cluster.put('registry-root', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'root', namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': 'repo-creds' } },
      stringData: { type: 'helm', url: world.host, enableOCI: 'true', insecureOCIForceHttp: 'true' },
    });
    for (const source of [
      { repoURL: `${world.host}/charts`, chart: 'payments', targetRevision: '1.0.0' },
      { repoURL: world.host, chart: 'charts/payments', targetRevision: '1.0.0' },
    ]) {
      const app = world.deploys(source);
      expect(await refusalOf(world, { ...app, operation: { sync: { source, revision: '1.0.0' } } })).not.toBeNull();
    }
  });

  it('means the digest that was verified, whatever becomes of its tag', async () => {
    const world = await startRegistryWorld();
    world.asks({ cosign: BY_KEY });
    const digest = world.shop.artifact('acme/config', '1.0.0', 'good');
    world.shop.sign('acme/config', digest);
    const source = artifactSource(world);
    const app = world.deploys(source);
    const { object, refusal } = await write(world, { ...app, operation: { sync: { source, revision: '1.0.0' } } });
    expect(refusal).toBeNull();
    world.shop.artifact('acme/config', '1.0.0', 'evil');
    expect(object.operation).toEqual({ sync: { source, revision: digest } });
    expect(await refusalOf(world, object)).toBeNull();
    expect(await refusalOf(world, { ...app, operation: { sync: { source, revision: '1.0.0' } } })).not.toBeNull();
  });
});

describe('the webhooks', () => {
  it('are not where the proxy of argocd-server reaches', async () => {
    const world = await shop();
    for (const path of ['/admission/gate', '/admission/pin', '/metrics', '/readyz', '/api/v1/../../admission/gate']) {
      const response = await fetch(`${world.server.addresses.api}${path}`, {
        method: 'POST',
        headers: { authorization: TOKEN, 'content-type': 'application/json' },
        body: '{}',
      });
      expect([path, response.status]).toEqual([path, 404]);
    }
  });

  it('do not refuse what ends an operation, or is none', async () => {
    const world = await shop();
    const operation = { sync: { source: unsigned(world), revision: '1.4.3' } };
    const asked = { ...world.payments({ spec: { source: unsigned(world) } }), operation };
    const inProgress = { ...asked, status: running(operation) };
    const terminated = { ...asked, status: running(operation, undefined, 'Terminating') };
    const { operation: _, ...over } = { ...asked, status: running(operation, undefined, 'Failed') };
    const annotated = {
      ...inProgress,
      metadata: { ...asked.metadata, annotations: { 'argocd.argoproj.io/refresh': 'hard' } },
    };
    for (const object of [terminated, over, annotated]) {
      expect((await write(world, object, { oldObject: inProgress })).object).toEqual(object);
      expect((await gate(world, reviewOf(object, { oldObject: inProgress }))).allowed).toBe(true);
    }
    expect(world.repository.requests).toEqual([]);
  });
});
