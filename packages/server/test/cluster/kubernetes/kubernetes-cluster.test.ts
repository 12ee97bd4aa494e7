import * as fc from 'fast-check';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Cluster, ClusterView, Lookup } from '../../../src/cluster/cluster.ts';
import { keptSecret } from '../../../src/cluster/kubernetes/kept.ts';
import { configMap } from '../../server/manifests.ts';
import { named, payments, secret, startKubernetesWorld } from './world.ts';
import { eventually } from '../../eventually.ts';

const POLICY = 'argocd-source-integrity-cm';
const policyOf = (enforcement: string) => named(configMap(POLICY, { enforcement }));
const parameters = (namespaces: string) =>
  named(configMap('argocd-cmd-params-cm', { 'application.namespaces': namespaces }));

async function ready(cluster: Cluster): Promise<ClusterView> {
  await eventually(() => {
    expect(cluster.health()).toEqual({ ready: true, notes: [] });
  });
  return cluster.view();
}

/** Waits until a view says so. */
async function until<T>(cluster: Cluster, read: (view: ClusterView) => T, wanted: T): Promise<void> {
  await eventually(async () => {
    expect(read(await cluster.view())).toEqual(wanted);
  });
}

const enforcement = (view: ClusterView) => {
  const policy = view.policy();
  return policy.status === 'found' ? policy.value.get('enforcement') : policy.status;
};
const reasonOf = (lookup: Lookup<unknown>) => (lookup.status === 'unreadable' ? lookup.reason : lookup.status);
const status = (namespace: string) => (view: ClusterView) => view.application(namespace, 'payments').status;

describe('a view of the API server', () => {
  it('has what is there, and says missing of what is not', async () => {
    const { open } = await startKubernetesWorld();
    const view = await ready(open());
    expect(view.application('argocd', 'payments')).toMatchObject({ status: 'found', value: { project: 'shop' } });
    expect(view.applications()).toHaveLength(1);
    expect(view.project('shop')).toMatchObject({ status: 'found', value: { sourceRepos: ['*'] } });
    expect(enforcement(view)).toBe('enforce');
    expect(view.application('argocd', 'other').status).toBe('missing');
    expect([view.project('other').status, view.keyring().status]).toEqual(['missing', 'missing']);
  });

  it('follows what appears, changes and goes', async () => {
    const { api, open } = await startKubernetesWorld();
    const cluster = open();
    await ready(cluster);
    api.put('configmaps', policyOf('warn'));
    await until(cluster, enforcement, 'warn');
    api.put('applications', payments({ metadata: { name: 'payments', namespace: 'argocd', uid: 'another' } }));
    await until(cluster, (view) => view.applications()[0]?.uid, 'another');
    api.remove('applications', 'argocd', 'payments');
    await until(cluster, status('argocd'), 'missing');
    api.remove('appprojects', 'argocd', 'shop');
    await until(cluster, (view) => view.project('shop').status, 'missing');
    api.remove('configmaps', 'argocd', POLICY);
    await until(cluster, enforcement, 'missing');
  });

  it('stays as it is but for its Applications, and is made anew only for other settings', async () => {
    const { api, open } = await startKubernetesWorld();
    const cluster = open();
    const before = await ready(cluster);
    api.put(
      'applications',
      payments({}, 'argocd'),
      named({ ...payments(), metadata: { name: 'b', namespace: 'argocd' } }),
    );
    await until(cluster, (view) => view.applications().length, 2);
    expect(await cluster.view()).toBe(before);
    api.put('configmaps', policyOf('off'));
    await until(cluster, enforcement, 'off');
    expect(enforcement(before)).toBe('enforce');
  });

  it('resolves credentials from the Secrets of repositories', async () => {
    const { api, open } = await startKubernetesWorld();
    const url = 'https://charts.example.com';
    api.put('secrets', secret('one', 'repository', { url, username: 'robot', password: 'x', enableOCI: 'true' }));
    const cluster = open();
    const view = await ready(cluster);
    expect(view.access(url, 'shop')).toMatchObject({ access: { username: 'robot', password: 'x' } });
    expect(view.enablesOCI('shop')(url)).toBe(true);
    api.remove('secrets', 'argocd', 'one');
    await until(cluster, (now) => now.enablesOCI('shop')(url), false);
  });

  it('is asked for by name and label wherever RBAC or Argo CD goes by them', async () => {
    const { api, open } = await startKubernetesWorld();
    api.put('secrets', named({ metadata: { name: 'not-ours', namespace: 'argocd' }, data: {} }));
    await ready(open());
    const asked = api.requests.map((request) => new URL(request.replace('GET ', ''), 'http://localhost'));
    const of = (plural: string) => asked.filter(({ pathname }) => pathname.endsWith(`/${plural}`));
    expect(of('configmaps').filter(({ searchParams }) => !searchParams.get('fieldSelector'))).toEqual([]);
    const label = 'argocd.argoproj.io/secret-type in (repository,repo-creds)';
    expect(of('secrets').filter(({ searchParams }) => searchParams.get('labelSelector') !== label)).toEqual([]);
    expect(asked.filter(({ pathname }) => !pathname.includes('/namespaces/argocd/'))).toEqual([]);
  });
});

describe('what is not known yet', () => {
  it('is unreadable and never missing, and the server is not ready', async () => {
    const { api, open } = await startKubernetesWorld();
    api.intercept = ({ url = '' }) =>
      url.includes('/secrets') || url.includes('keys-cm') || url.includes('/applications');
    const cluster = open();
    const view = await cluster.view();
    expect(enforcement(view)).toBe('enforce');
    const secrets = 'there is no list yet of secrets in namespace argocd';
    expect(reasonOf(view.project('shop'))).toBe(secrets);
    expect(view.access('https://charts.example.com', 'shop')).toMatchObject({
      problem: { params: { reason: secrets } },
    });
    expect(reasonOf(view.keyring())).toBe('there is no list yet of configmap argocd-gpg-keys-cm in namespace argocd');
    expect(reasonOf(view.application('argocd', 'payments'))).toContain('applications in namespace argocd');
    expect(reasonOf(view.application('argocd', 'other'))).toContain('applications in namespace argocd');
    expect(cluster.health().ready).toBe(false);
    expect(cluster.health().notes).toContain(secrets);
  });

  it('says what this server may not list, until it may', async () => {
    const { api, open, log } = await startKubernetesWorld();
    api.forbidden.add('secrets');
    const cluster = open();
    const reason =
      'this server may not list secrets in namespace argocd: the API server answered 403: secrets is forbidden';
    await until(cluster, (view) => reasonOf(view.project('shop')), reason);
    expect(enforcement(await cluster.view())).toBe('enforce');
    await eventually(() => {
      expect(cluster.health()).toEqual({ ready: false, notes: [reason] });
    });
    await pause(100);
    expect(log().match(/cannot be watched/g)).toHaveLength(1);
    api.forbidden.clear();
    expect((await ready(cluster)).project('shop').status).toBe('found');
  });

  it('says of a list that is too old before it ends that it never came to an end', async () => {
    const { api, open } = await startKubernetesWorld();
    api.put('applications', payments(), named({ ...payments(), metadata: { name: 'b', namespace: 'argocd' } }));
    api.put('applications', named({ ...payments(), metadata: { name: 'c', namespace: 'argocd' } }));
    api.intercept = ({ url = '' }) => {
      if (url.includes('continue=')) api.compact();
      return false;
    };
    const cluster = open({ pageSize: 1 });
    await until(
      cluster,
      (view) => reasonOf(view.application('argocd', 'payments')),
      'this server cannot list applications in namespace argocd: the API server answered 410: The provided continue parameter is too old',
    );
  });

  it('leaves the policy unreadable that it may not list', async () => {
    const { api, open } = await startKubernetesWorld();
    api.forbidden.add('configmaps');
    const view = await open().view();
    expect(reasonOf(view.policy())).toContain('this server may not list configmap argocd-source-integrity-cm');
    expect(reasonOf(view.application('team-a', 'payments'))).toContain('may not list configmap argocd-cmd-params-cm');
  });

  it('is ready though it may not list the Applications: the gate is shown those it judges', async () => {
    const { api, open } = await startKubernetesWorld();
    api.forbidden.add('applications');
    const cluster = open();
    await eventually(() => {
      expect(cluster.health().ready).toBe(true);
    });
    expect(cluster.health().notes).toHaveLength(1);
    const view = await cluster.view();
    expect(reasonOf(view.application('argocd', 'payments'))).toContain('may not list applications in namespace argocd');
  });
});

describe('contact', () => {
  const timing = { watchSeconds: 1, lostAfter: 2000 };

  it('that is lost for too long leaves everything unreadable', async () => {
    const { api, open } = await startKubernetesWorld();
    const cluster = open(timing);
    await ready(cluster);
    api.close();
    const statuses = (view: ClusterView) => [
      view.policy().status,
      view.project('shop').status,
      view.application('argocd', 'payments').status,
      view.application('argocd', 'other').status,
    ];
    await until(cluster, statuses, ['unreadable', 'unreadable', 'unreadable', 'unreadable']);
    expect(reasonOf((await cluster.view()).policy())).toMatch(
      /^nothing has been heard of configmap argocd-source-integrity-cm in namespace argocd for \d s: the API server/,
    );
    expect(cluster.health().ready).toBe(false);
  });

  it('over which nothing comes any more is lost, though it stays open', async () => {
    const { api, open } = await startKubernetesWorld();
    const cluster = open(timing);
    await ready(cluster);
    api.freeze();
    api.put('configmaps', policyOf('off'));
    await pause(500);
    expect(enforcement(await cluster.view())).toBe('enforce');
    await until(cluster, enforcement, 'unreadable');
    await until(cluster, status('argocd'), 'unreadable');
  });

  it('that is kept by watches alone is enough', async () => {
    const { open } = await startKubernetesWorld();
    const cluster = open(timing);
    await ready(cluster);
    await pause(2500);
    expect(cluster.health()).toEqual({ ready: true, notes: [] });
    expect(status('argocd')(await cluster.view())).toBe('found');
  });
});

describe('a watch', () => {
  const lists = (requests: readonly string[]) => requests.filter((request) => !request.includes('watch=true')).length;

  it.each([['drop'], ['endWatches']] as const)('goes on where it was after its connection ends (%s)', async (how) => {
    const { api, open } = await startKubernetesWorld();
    const cluster = open();
    await ready(cluster);
    await eventually(() => {
      expect(api.watches('configmaps')).toBe(7);
    });
    const listed = lists(api.requests);
    api[how]();
    api.put('configmaps', policyOf('warn'));
    api.remove('applications', 'argocd', 'payments');
    await until(cluster, enforcement, 'warn');
    await until(cluster, status('argocd'), 'missing');
    expect(lists(api.requests)).toBe(listed);
  });

  it('goes on from the last bookmark', async () => {
    const { api, open } = await startKubernetesWorld();
    await ready(open());
    await eventually(() => {
      expect(api.watches('secrets')).toBe(1);
    });
    for (let change = 0; change < 5; change += 1) api.put('other', named({ metadata: { name: `n${change}` } }));
    api.bookmark();
    await pause(20);
    api.endWatches();
    await eventually(() => {
      expect(api.requests.findLast((request) => request.includes('/secrets?'))).toContain('resourceVersion=9');
    });
  });

  it('lists anew where its version is too old, and notices what has gone since', async () => {
    const { api, open } = await startKubernetesWorld();
    const cluster = open();
    await ready(cluster);
    await eventually(() => {
      expect(api.watches('applications')).toBe(1);
    });
    api.intercept = ({ url = '' }, response) => url.includes('watch=true') && response.destroy() !== null;
    api.drop();
    api.remove('applications', 'argocd', 'payments');
    api.put('configmaps', policyOf('off'));
    api.compact();
    api.intercept = () => false;
    await until(cluster, status('argocd'), 'missing');
    await until(cluster, enforcement, 'off');
  });

  it.each([
    ['no JSON', '{"type": \n'],
    ['no end', 'x'.repeat(9 * 1024 * 1024)],
  ])('survives a line with %s', async (_, bytes) => {
    const { api, open } = await startKubernetesWorld();
    const cluster = open();
    await ready(cluster);
    await eventually(() => {
      expect(api.watches('applications')).toBe(1);
    });
    api.send('applications', bytes);
    api.remove('applications', 'argocd', 'payments');
    await until(cluster, status('argocd'), 'missing');
  });

  it('goes on with the token that has taken the place of the old one', async () => {
    const { api, open } = await startKubernetesWorld();
    const cluster = open();
    await ready(cluster);
    api.token = 'the-next-token';
    api.writeToken('the-next-token');
    api.endWatches();
    api.put('configmaps', policyOf('warn'));
    await until(cluster, enforcement, 'warn');
  });

  it('lists everything anew once in a while', async () => {
    const { api, open } = await startKubernetesWorld();
    const cluster = open({ watchSeconds: 1, resync: { configMaps: 60_000, others: 500 } });
    await ready(cluster);
    const listed = lists(api.requests);
    await eventually(() => {
      expect(lists(api.requests)).toBeGreaterThan(listed);
    });
    expect(status('argocd')(await cluster.view())).toBe('found');
  });
});

describe('an API server that is cut off from etcd', () => {
  /** Its watches go on without an event; a list has to agree with etcd, and fails. */
  const cutOff = ({ url = '' }: IncomingMessage, response: ServerResponse): boolean => {
    response.writeHead(url.includes('watch=true') ? 200 : 500, { 'content-type': 'application/json' }).flushHeaders();
    setTimeout(() => response.end(), 200);
    return true;
  };

  it.each([
    [500, 'unreadable'],
    [60_000, 'found'],
  ])('is believed of ConfigMaps only until they are to be listed anew (%i ms)', async (configMaps, wanted) => {
    const { api, open } = await startKubernetesWorld();
    const cluster = open({ watchSeconds: 1, lostAfter: 1500, resync: { configMaps, others: 60_000 } });
    await ready(cluster);
    api.drop();
    api.intercept = cutOff;
    await pause(3500);
    const view = await cluster.view();
    expect([view.policy().status, view.project('shop').status]).toEqual([wanted, 'found']);
  });
});

describe('Applications in other namespaces', () => {
  it('are watched one namespace by one where they are named', async () => {
    const { api, open } = await startKubernetesWorld();
    api.put('configmaps', parameters('team-a, team-b'));
    api.put('applications', payments({}, 'team-a'), payments({}, 'elsewhere'));
    const view = await ready(open());
    expect(['argocd', 'team-a', 'team-b', 'elsewhere'].map((namespace) => status(namespace)(view))).toEqual([
      'found',
      'found',
      'missing',
      'missing',
    ]);
    expect(api.requests.filter((request) => request.startsWith('GET /apis/argoproj.io/v1alpha1/applications'))).toEqual(
      [],
    );
  });

  it('are watched in all namespaces where there is a pattern, and dropped where it does not match', async () => {
    const { api, open } = await startKubernetesWorld();
    api.put('configmaps', parameters('team-*,/^reg.x$/'));
    for (const namespace of ['team-a', 'regex', 'elsewhere']) api.put('applications', payments({}, namespace));
    const view = await ready(open());
    expect(['argocd', 'team-a', 'regex', 'elsewhere'].map((namespace) => status(namespace)(view))).toEqual([
      'found',
      'found',
      'found',
      'missing',
    ]);
    expect(view.applications()).toHaveLength(3);
  });

  it('are followed as the setting changes', async () => {
    const { api, open } = await startKubernetesWorld();
    api.put('applications', payments({}, 'team-a'), payments({}, 'team-b'));
    const cluster = open();
    expect(status('team-a')(await ready(cluster))).toBe('missing');
    api.put('configmaps', parameters('team-a'));
    await until(cluster, status('team-a'), 'found');
    api.put('configmaps', parameters('team-b'));
    await until(cluster, status('team-a'), 'missing');
    await until(cluster, status('team-b'), 'found');
    api.put('configmaps', parameters('*'));
    await until(cluster, (view) => view.applications().length, 3);
    api.remove('configmaps', 'argocd', 'argocd-cmd-params-cm');
    await until(cluster, status('team-b'), 'missing');
    await until(cluster, status('argocd'), 'found');
  });
});

describe('settings that cannot be used', () => {
  it('are told of with their place, though the API server took them', async () => {
    const { api, open } = await startKubernetesWorld();
    const unlabelled = { metadata: { name: 'argocd-tls-certs-cm', namespace: 'argocd', labels: {} }, data: {} };
    api.put('configmaps', unlabelled, parameters(''));
    api.put('appprojects', named({ metadata: { name: 'odd', namespace: 'argocd' }, spec: { sourceRepos: 'all' } }));
    const view = await ready(open());
    expect(view.faults).toEqual([
      {
        place: 'ConfigMap argocd/argocd-tls-certs-cm',
        reason: 'it lacks the label app.kubernetes.io/part-of: argocd, without which Argo CD does not see it',
      },
      { place: 'AppProject argocd/odd', reason: 'spec.sourceRepos is not a list' },
    ]);
  });
});

describe('objects of tenants', () => {
  it('that cannot be read are unreadable by themselves', async () => {
    const { api, open } = await startKubernetesWorld();
    const source = { repoURL: 'https://charts.example.com', chart: 'payments', targetRevision: 1.4 };
    api.put('applications', payments({ spec: { project: 'shop', source } }, 'argocd'));
    api.put('applications', named({ ...payments(), metadata: { name: 'sound', namespace: 'argocd', uid: 'u' } }));
    const view = await ready(open());
    expect(view.application('argocd', 'payments')).toMatchObject({
      status: 'unreadable',
      problem: { code: 'application-malformed' },
    });
    expect(view.application('argocd', 'sound').status).toBe('found');
  });

  it('never stop the watch, whatever is in them', async () => {
    const { api, open } = await startKubernetesWorld();
    const cluster = open();
    await ready(cluster);
    let at = 0;
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 4 }), (spec, state) => {
        at += 1;
        const metadata = { name: `a${at}`, namespace: 'argocd', labels: {} };
        api.put('applications', named({ metadata, spec, status: state, operation: spec }));
      }),
      { numRuns: 60 },
    );
    api.put('applications', named({ ...payments(), metadata: { name: 'last', namespace: 'argocd', uid: 'u' } }));
    await until(cluster, (view) => view.application('argocd', 'last').status, 'found');
    expect(cluster.health()).toEqual({ ready: true, notes: [] });
  });
});

describe('whoever listens', () => {
  it('is told of the Applications that are there, of new ones and of changes', async () => {
    const { api, open } = await startKubernetesWorld();
    const cluster = open();
    await ready(cluster);
    const told: string[] = [];
    cluster.onApplicationChange(({ uid }) => void told.push(uid));
    expect(told).toEqual(['uid-of-argocd-payments']);
    api.put('applications', named({ ...payments(), metadata: { name: 'new', namespace: 'argocd', uid: 'new' } }));
    api.put('configmaps', policyOf('warn'));
    api.put('applications', payments());
    await eventually(() => {
      expect(told).toEqual(['uid-of-argocd-payments', 'new', 'uid-of-argocd-payments']);
    });
  });
});

describe('what is kept of a Secret', () => {
  it('has no credentials that are for Git alone, but that there are some', () => {
    const kept = keptSecret(secret('one', 'repository', { url: 'git@example.com:x', sshPrivateKey: 'PRIVATE' }));
    expect(JSON.stringify(kept)).not.toContain(Buffer.from('PRIVATE').toString('base64'));
    expect(kept).toMatchObject({ data: { sshPrivateKey: expect.stringMatching(/.+/) as unknown } });
  });
});

it('can be closed while nothing answers', async () => {
  const { api, open } = await startKubernetesWorld();
  api.intercept = () => true;
  await open().close();
  await open().close();
});
