import { isObject, type Json, type JsonObject } from './json.ts';
import { putGood, tamper } from './artifacts.ts';
import {
  applicationManifest,
  argocd,
  at,
  finished,
  listAt,
  path,
  registry,
  source,
  stack,
  textAt,
  until,
} from './proof.ts';
import { createNamespace, retrying, tenant } from './tenant.ts';

export const good = (): JsonObject => source('plain OCI by key', 'good');
/** Its one ConfigMap is called `forged`. */
export const bad = (): JsonObject => source('plain OCI by key', 'tampered');
/** A chart whose one ConfigMap is called `<release>-forged`, under a policy. */
const badChart = (): JsonObject => ({
  repoURL: `${stack.places.charts}/charts`,
  chart: 'forged',
  targetRevision: '1.0.0',
});

/** The digests that the tags of `good` and `bad` point to. */
export const digests = async (): Promise<{ readonly good: string; readonly bad: string }> => ({
  good: await registry.digest('keyed/good', '1.0.0'),
  bad: await registry.digest('keyed/tampered', '1.0.0'),
});

/** A way to get something deployed that nobody has signed. */
export interface Attack {
  readonly what: string;
  /** Where Argo CD alone is not deceived by it either: why. */
  readonly inert?: string;
  /** Where it takes luck: why. What it does without the webhooks then says nothing. */
  readonly race?: string;
  /** What is refused throws, which is the end of the attack. Then the namespace is made, if it is not there yet. */
  run(by: Attacker): Promise<void>;
}

/** The tenant, with one Application in mind. */
export class Attacker {
  readonly name: string;
  readonly namespace: string;
  readonly #project: string;
  readonly digests: { readonly good: string; readonly bad: string };

  constructor(name: string, namespace: string, project: string, known: Attacker['digests']) {
    this.name = name;
    this.namespace = namespace;
    this.#project = project;
    this.digests = known;
  }

  get path(): string {
    return path.application(this.name, this.namespace);
  }

  manifest(from: JsonObject | readonly JsonObject[], beside: JsonObject = {}, spec: JsonObject = {}): JsonObject {
    return applicationManifest(this.name, from, { namespace: this.namespace, project: this.#project, beside, spec });
  }

  async create(
    from: JsonObject | readonly JsonObject[],
    beside: JsonObject = {},
    spec: JsonObject = {},
  ): Promise<void> {
    await createNamespace(this.name);
    await this.write(this.manifest(from, beside, spec));
  }

  async write(manifest: JsonObject): Promise<JsonObject> {
    return tenant.create(path.application('', this.namespace), manifest);
  }

  async patch(body: Json, kind: 'merge' | 'json' = 'merge'): Promise<JsonObject> {
    return tenant.patch(this.path, body, kind);
  }

  /** With an operation that is tried again and again, since the namespace is not there yet. */
  async held(operation: JsonObject = this.goodOperation(), from: JsonObject = good()): Promise<JsonObject> {
    const retry = { limit: 90, backoff: { duration: '2s', factor: 1, maxDuration: '2s' } };
    await this.write(this.manifest(from, { operation: { retry, ...operation } }));
    return retrying(this.name, this.namespace);
  }

  /** With an operation that runs, of a source that no policy concerns: its Deployment never becomes healthy. */
  async waiting(): Promise<void> {
    await createNamespace(this.name);
    await registry.push('apps/waits', '1.0.0', [WAITS]);
    const from = { repoURL: `oci://${stack.places.registry}/apps/waits`, path: '.', targetRevision: '1.0.0' };
    await this.write(this.manifest(from, { operation: { sync: { source: from } } }));
    // As long as it says something new of it, the controller writes the whole state again.
    await until(`${this.name} waits for health`, async () => {
      const state = at(await tenant.get(this.path), 'status', 'operationState');
      const [result] = listAt(state, 'syncResult', 'resources');
      return textAt(state, 'phase') === 'Running' && textAt(result, 'message').startsWith('Waiting for rollout');
    });
  }

  goodOperation(): JsonObject {
    return { sync: { source: good(), revision: this.digests.good } };
  }

  badOperation(): JsonObject {
    return { sync: { source: bad(), revision: this.digests.bad } };
  }

  state(operation: JsonObject, more: JsonObject = {}): JsonObject {
    const operationState = { operation, phase: 'Running', startedAt: new Date().toISOString(), message: '', ...more };
    return { operationState };
  }

  badResult(): JsonObject {
    return { revision: this.digests.bad, source: bad() };
  }
}

const HYDRATOR = {
  drySource: { repoURL: 'https://git.example.com/app.git', path: 'app', targetRevision: 'HEAD' },
  syncSource: { targetBranch: 'main', path: 'app' },
};

const WAITS = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'waits', annotations: { 'argocd.argoproj.io/hook': 'PreSync' } },
  spec: {
    selector: { matchLabels: { app: 'waits' } },
    template: {
      metadata: { labels: { app: 'waits' } },
      spec: { containers: [{ name: 'waits', image: 'registry.example.com/waits:1' }] },
    },
  },
};

/** How an operation gets there: facts of who writes one, by each verb. */
const WRITES: readonly Attack[] = [
  {
    what: 'an Application that is created with an operation',
    run: (by) => by.create(bad(), { operation: by.badOperation() }),
  },
  {
    what: 'one that is created with an empty operation',
    run: (by) => by.create(bad(), { operation: { sync: {} } }),
  },
  {
    what: 'one that is created with a generated name',
    run: async (by) => {
      await createNamespace(by.name);
      const manifest = by.manifest(bad(), { operation: by.badOperation() });
      await by.write({ ...manifest, metadata: { generateName: `${by.name}-`, namespace: by.namespace } });
    },
  },
  {
    what: 'an operation by merge patch',
    run: async (by) => {
      await by.create(bad());
      await by.patch({ operation: by.badOperation() });
    },
  },
  {
    what: 'an operation by JSON patch, with a tag',
    run: async (by) => {
      await by.create(bad());
      await by.patch(
        [{ op: 'add', path: '/operation', value: { sync: { source: bad(), revision: '1.0.0' } } }],
        'json',
      );
    },
  },
  {
    what: 'an operation by PUT',
    run: async (by) => {
      await by.create(bad());
      const before = (await tenant.get(by.path)) ?? {};
      await tenant.replace(by.path, { ...before, operation: by.badOperation() });
    },
  },
  {
    what: 'an operation by server-side apply, which creates the Application',
    run: async (by) => {
      await createNamespace(by.name);
      await tenant.apply(by.path, by.manifest(bad(), { operation: by.badOperation() }));
    },
  },
  {
    what: 'an operation by server-side apply on one that is there',
    run: async (by) => {
      await by.create(good());
      await tenant.apply(by.path, by.manifest(bad(), { operation: { sync: {} } }));
    },
  },
  {
    what: 'one that says it is automated',
    run: async (by) => {
      await by.create(bad());
      await by.patch({ operation: { initiatedBy: { automated: true }, ...by.badOperation() } });
    },
  },
  {
    what: 'automated sync',
    run: (by) => by.create(bad(), {}, { syncPolicy: { automated: {} } }),
  },
  {
    what: 'manifests of its own (`sync --local`)',
    run: async (by) => {
      await by.create(good());
      const forged = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'forged' } });
      await by.patch({ operation: { sync: { ...nested(by.goodOperation()), manifests: [forged] } } });
    },
  },
  {
    what: 'a spec that is changed in the same request as an empty operation is written',
    run: async (by) => {
      await by.create(good());
      await by.patch({ spec: { source: bad() }, operation: { sync: {} } });
    },
  },
  {
    what: 'revisions that are fewer than sources, so that none counts',
    run: async (by) => {
      const sources = [good(), bad()];
      await by.create(sources);
      await by.patch({ operation: { sync: { sources, revisions: [by.digests.good] } } });
    },
  },
  {
    what: 'a history that was written, and a rollback to it',
    run: async (by) => {
      await by.create(good());
      const entry = { id: 7, deployedAt: new Date().toISOString(), source: bad(), revision: by.digests.bad };
      await by.patch({ status: { history: [entry] } });
      await argocdKnows(by, 'history');
      const url = `/api/v1/applications/${by.name}/rollback`;
      await argocd('POST', url, { name: by.name, id: 7, appNamespace: by.namespace, project: 'tenants' });
    },
  },
];

/** What an operation comes to mean after it was looked at. */
const LATER: readonly Attack[] = [
  {
    what: '`retry.refresh`, and a tag that is moved before the retry',
    run: async (by) => {
      const repository = `keyed/${by.name}`;
      await putGood(registry, repository);
      const moving = { ...good(), repoURL: `oci://${stack.places.registry}/${repository}` };
      const retry = { limit: 90, refresh: true, backoff: { duration: '2s', factor: 1, maxDuration: '2s' } };
      await by.held({ retry, sync: { source: moving } }, moving);
      await tamper(registry, repository);
    },
  },
  {
    what: 'a spec that is changed before the retry of an empty operation',
    run: async (by) => {
      await by.held({ sync: {} });
      await by.patch({ spec: { source: bad() } });
    },
  },
  {
    what: 'another operation while one runs',
    run: async (by) => {
      await by.held();
      await by.patch({ operation: by.badOperation() });
    },
    inert: 'the running state is executed',
  },
  {
    what: 'another operation in the state that runs',
    run: async (by) => {
      await by.held();
      await by.patch({ status: { operationState: { operation: by.badOperation(), syncResult: null } } });
    },
  },
  {
    what: 'another result in the state that runs',
    run: async (by) => {
      await by.waiting();
      await by.patch({ status: { operationState: { syncResult: by.badResult() } } });
    },
  },
  {
    what: 'a list in front of the source, in the result of the state that runs',
    run: async (by) => {
      await by.waiting();
      const list = { sources: [bad()], revisions: [by.digests.bad] };
      await by.patch({ status: { operationState: { syncResult: list } } });
    },
  },
  {
    what: 'a result in a state that waits to be tried again',
    run: async (by) => {
      await by.held();
      await by.patch({ status: { operationState: { syncResult: by.badResult() } } });
    },
    inert: 'a retry begins without a result',
  },
  {
    what: 'a result that is put into a state as it terminates, and run again',
    run: async (by) => {
      await by.waiting();
      await by.patch({ status: { operationState: { phase: 'Terminating', syncResult: by.badResult() } } });
      await by.patch({ status: { operationState: { phase: 'Running' } } });
    },
    race: 'the controller may have ended by then what terminates',
  },
];

/** A running operation that nobody asked for. */
const SMUGGLED: readonly Attack[] = [
  {
    what: 'a running state beside a good operation, created together',
    run: (by) => by.create(good(), { operation: by.goodOperation(), status: by.state(by.badOperation()) }),
  },
  {
    what: 'a running state with another result beside a good operation, created together',
    run: (by) =>
      by.create(good(), {
        operation: by.goodOperation(),
        status: by.state(by.goodOperation(), { syncResult: by.badResult() }),
      }),
  },
  {
    what: 'a running state that waits in a new Application for its operation',
    run: async (by) => {
      await by.create(good(), { status: by.state(by.badOperation()) });
      await by.patch({ operation: by.goodOperation() });
    },
  },
  {
    what: 'a running state that waits in an old Application for its operation',
    run: async (by) => {
      await by.create(good());
      await by.patch({ status: by.state(by.badOperation()) });
      await by.patch({ operation: by.goodOperation() });
    },
  },
  {
    what: 'a running state that comes with a new operation',
    run: async (by) => {
      await by.create(good());
      await by.patch({ operation: by.goodOperation(), status: by.state(by.badOperation()) });
    },
  },
  {
    what: 'a running state that comes with a new operation by PUT',
    run: async (by) => {
      await by.create(good());
      const before = (await tenant.get(by.path)) ?? {};
      const status = by.state(by.badOperation());
      await tenant.replace(by.path, { ...before, operation: by.goodOperation(), status });
    },
  },
  {
    what: 'a child of an Application that carries a running state',
    run: async (by) => {
      await createNamespace(by.name);
      const beside = { operation: by.goodOperation(), status: by.state(by.badOperation()) };
      await parentOf(by, { ...by.manifest(good(), beside) });
    },
  },
  {
    what: "a state that is handed to Argo CD's API at creation, and waits there for an operation",
    run: async (by) => {
      await createNamespace(by.name);
      const body = by.manifest(good(), { status: by.state(by.badOperation()) });
      await argocd('POST', '/api/v1/applications', body);
      await by.patch({ operation: by.goodOperation() });
    },
  },
];

/** More than one answer to what the sources are. */
const AMBIGUOUS: readonly Attack[] = [
  {
    what: 'sources beside a hydrator',
    run: async (by) => {
      await by.create([bad()], {}, { sourceHydrator: HYDRATOR });
      await by.patch({ operation: { sync: {} } });
    },
  },
  {
    what: 'sources beside a source in the spec',
    run: async (by) => {
      await by.create([bad()], {}, { source: good() });
      await by.patch({ operation: { sync: {} } });
    },
  },
  {
    what: 'sources beside a source in the operation',
    run: async (by) => {
      await by.create(good());
      const list = { sources: [bad()], revisions: [by.digests.bad] };
      await by.patch({ operation: { sync: { ...nested(by.goodOperation()), ...list } } });
    },
  },
  {
    what: 'a hydrator beside sources, in automated sync',
    run: (by) => by.create([bad()], {}, { sourceHydrator: HYDRATOR, syncPolicy: { automated: {} } }),
    inert: 'the hydrator has no repository to compare with',
  },
];

/** What looks like an exemption. */
const EXEMPT: readonly Attack[] = ['labels', 'annotations'].map((field) => ({
  what: `${field} that look like an exemption`,
  run: async (by: Attacker) => {
    await createNamespace(by.name);
    const manifest = by.manifest(bad(), { operation: by.badOperation() });
    const marks = {
      'source-integrity.io/exempt': 'true',
      'source-integrity.argoproj.io/enforcement': 'off',
      'app.kubernetes.io/instance': 'emergency',
      'app.kubernetes.io/name': 'source-integrity-server',
      'app.kubernetes.io/part-of': 'argocd',
    };
    await by.write({ ...manifest, metadata: { name: by.name, namespace: by.namespace, [field]: marks } });
  },
}));

/** URLs and charts that are written otherwise. */
export const SPELLINGS: readonly Attack[] = [
  ...[
    (host: string) => `oci://${host}/keyed/tampered/`,
    (host: string) => `oci://${host}//keyed/tampered`,
    (host: string) => `oci://${host}/keyed/./tampered`,
    (host: string) => `oci://${host}/keyless/../keyed/tampered`,
    (host: string) => `oci://${host}/keyed%2Ftampered`,
    (host: string) => `oci://${host}/KEYED/tampered`,
    (host: string) => `oci://${host}/keyed/tampered?x=y`,
    (host: string) => `oci://${host}/keyed/tampered#x`,
    (host: string) => `oci://x@${host}/keyed/tampered`,
    (host: string) => `oci://${host}/keyed/tampered:1.0.0`,
    (host: string) => `oci://${host}/keyed/tampered.git`,
    (host: string) => `OCI://${host}/keyed/tampered`,
    (host: string) => ` oci://${host}/keyed/tampered`,
  ].map((spelt) => spelling(() => ({ ...bad(), repoURL: spelt(stack.places.registry) }), spelt('HOST'))),
  ...[
    (url: string) => `${url}/charts/`,
    (url: string) => `${url}//charts`,
    (url: string) => `${url}/./charts`,
    (url: string) => `${url}/x/../charts`,
    (url: string) => `${url}/%63harts`,
    (url: string) => `${url}/charts?x=y`,
    (url: string) => `${url}/charts#x`,
    (url: string) => `${url.replace('http:', 'HTTP:')}/charts`,
    (url: string) => `${url.replace('://', '://x@')}/charts`,
  ].map((spelt) => spelling(() => ({ ...badChart(), repoURL: spelt(stack.places.charts) }), spelt('http://HOST'))),
  ...(
    [
      ['', 'charts/forged'],
      ['/charts', 'forged'],
      ['/charts/', 'forged'],
      ['/charts', '/forged'],
      ['/charts', './forged'],
      ['/keyed', '../charts/forged'],
    ] as const
  ).map(([repository, chart]) =>
    spelling(
      () => ({ repoURL: `${stack.places.registry}${repository}`, chart, targetRevision: '1.0.0' }),
      `HOST${repository} with the chart ${chart}`,
    ),
  ),
  spelling(
    () => ({ repoURL: `oci://${stack.places.registry}/charts/forged`, path: '.', targetRevision: '1.0.0' }),
    'a chart of a registry as an artifact that is no chart',
  ),
];

function spelling(from: () => JsonObject, text: string): Attack {
  return {
    what: text,
    run: async (by) => {
      await by.create(from());
      await by.patch({ operation: { sync: { source: from() } } });
    },
  };
}

/** By what they attack. */
export const ATTACKS: Readonly<Record<string, readonly Attack[]>> = {
  'the ways to write an operation': WRITES,
  'what an operation comes to mean later': LATER,
  'a running operation that nobody asked for': SMUGGLED,
  'several answers to what the sources are': AMBIGUOUS,
  'what looks like an exemption': EXEMPT,
};

function nested({ sync }: JsonObject): JsonObject {
  return isObject(sync) ? sync : {};
}

/** Until argocd-server's own watch has a field of it. */
async function argocdKnows(by: Attacker, field: string): Promise<void> {
  await until(`argocd-server knows the ${field} of ${by.name}`, async () => {
    const { body } = await argocd('GET', `/api/v1/applications/${by.name}?appNamespace=${by.namespace}`);
    return at(body, 'status', field) !== undefined;
  });
}

/** An Application, by the tenant too, that deploys an Application. */
async function parentOf(by: Attacker, child: JsonObject): Promise<void> {
  const parent = new Attacker(`${by.name}-parent`, by.namespace, 'tenants', by.digests);
  await registry.push(`apps/${parent.name}`, '1.0.0', [child]);
  const from = { repoURL: `oci://${stack.places.registry}/apps/${parent.name}`, path: '.', targetRevision: '1.0.0' };
  const destination = { server: 'https://kubernetes.default.svc', namespace: by.namespace };
  await parent.write(parent.manifest(from, { operation: { sync: { source: from } } }, { destination }));
  await finished(parent.name, parent.namespace);
}
