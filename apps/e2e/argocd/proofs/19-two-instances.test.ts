import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trustConfigMaps } from '../artifacts.ts';
import { installed, nameEndpoint } from '../install.ts';
import { argocdManifests, fileOf, printed } from '../installing.ts';
import { isObject, type JsonObject } from '../json.ts';
import {
  applicationManifest,
  at,
  controls,
  kubectl,
  kubernetes,
  listAt,
  path,
  source,
  stack,
  textAt,
  tidy,
  until,
} from '../proof.ts';
import { createServer, type IntegrityServer } from '../server.ts';

/** Another Argo CD on the same API server. It needs no controller of its own: what is admitted it would deploy. */
const OTHER = 'argocd-b';
const INSTANCES = ['argocd', OTHER] as const;
type Instance = (typeof INSTANCES)[number];
const besides = (instance: Instance): Instance => (instance === OTHER ? 'argocd' : OTHER);

/** The same Applications in both. The first instance trusts who signed `payments`, the other who signed `search`. */
const CHARTS = { payments: source('Helm over HTTP', 'good'), search: source('Helm over HTTP', 'wrong signer') };
type Chart = keyof typeof CHARTS;
const SECURITY = '016C7FEC46DCEBC2E27B5C8C58222798A107B965';
const TRUSTED: Readonly<Record<Instance, Chart>> = { argocd: 'payments', [OTHER]: 'search' };
const UNTRUSTED: Readonly<Record<Instance, Chart>> = { argocd: 'search', [OTHER]: 'payments' };

const DENIED = '"gate.source-integrity.io" denied the request';
const UNREACHABLE = 'failed calling webhook';

const REGISTRATION = '/apis/admissionregistration.k8s.io/v1';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const COLLECTIONS = [
  `${REGISTRATION}/mutatingwebhookconfigurations`,
  `${REGISTRATION}/validatingwebhookconfigurations`,
  `${REGISTRATION}/validatingadmissionpolicies`,
  `${REGISTRATION}/validatingadmissionpolicybindings`,
  `${RBAC}/clusterroles`,
  `${RBAC}/clusterrolebindings`,
];

/** What of the product is in no namespace, by path, with the version in which it is stored. */
async function clusterScoped(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const collection of COLLECTIONS) {
    for (const object of await kubernetes.list(
      `${collection}?labelSelector=app.kubernetes.io/name=source-integrity-server`,
    )) {
      const name = textAt(object, 'metadata', 'name');
      found.set(`${collection}/${name}`, textAt(object, 'metadata', 'resourceVersion'));
    }
  }
  return found;
}

let other: IntegrityServer;
/** Of the first instance, before there was another. */
let before: ReadonlyMap<string, string> = new Map();
let round = 0;

/** Asks for a sync as Argo CD's API does. Empty: it was admitted. Either way the API server tells what it has stored. */
async function refusal(instance: Instance, chart: Chart): Promise<string> {
  round += 1;
  const username = `round-${round}`;
  const from = CHARTS[chart];
  const operation = { initiatedBy: { username }, sync: { source: from, revision: from['targetRevision'] ?? '' } };
  const url = path.application(chart, instance);
  const { status, body } = await kubernetes.ask('PATCH', url, { operation }, 'application/merge-patch+json');
  const message = status === 200 ? '' : textAt(body, 'message');
  const stored = textAt(await kubernetes.get(url), 'operation', 'initiatedBy', 'username') === username;
  expect(stored, message).toBe(message === '');
  return message;
}

/** How many syncs the server of an instance has decided on. */
async function decisions(instance: Instance): Promise<number> {
  const operations = instance === OTHER ? other.operations : stack.integrity.operations;
  const text = await (await fetch(`${operations}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith('source_integrity_gate_decisions_total{'));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** Installs it as the documentation says, from what the command prints, with what Argo CD's own installation brings. */
async function installOther(): Promise<void> {
  await kubectl('create', 'namespace', OTHER);
  const manifests = await printed('--print', '--enforce', '--namespace', OTHER, '--trust-root-writers', 'bob');
  for (const [file, ...more] of [
    [await argocdManifests(), '-n', OTHER],
    [await fileOf('other-instance.yaml', manifests)],
  ]) {
    const { code, output } = await kubectl('apply', '--server-side', '-f', file ?? '', ...more);
    expect(code, output).toBe(0);
  }
  await kubernetes.apply(`/apis/argoproj.io/v1alpha1/namespaces/${OTHER}/appprojects/default`, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: 'default', namespace: OTHER },
    spec: { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] },
  });
  for (const object of await trustConfigMaps()) {
    await putConfigMap(textAt(object, 'metadata', 'name'), isObject(object['data']) ? object['data'] : {});
  }
  await setOtherPolicy('enforce');
  const folder = join(stack.folder, OTHER);
  await mkdir(folder);
  const plane = {
    ...stack.kubernetes,
    async serviceAccountToken(name: string, namespace = 'argocd'): Promise<string> {
      const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
      const url = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
      return textAt(await kubernetes.create(url, request), 'status', 'token');
    },
  };
  const place = { namespace: OTHER, program: stack.folder };
  other = await createServer(folder, join(stack.folder, 'logs'), plane, 'the-secret-of-the-other-instance-9876', place);
  await nameEndpoint(OTHER, other.admission);
  await other.start();
}

function putConfigMap(name: string, data: JsonObject): Promise<JsonObject> {
  const metadata = { name, namespace: OTHER, labels: { 'app.kubernetes.io/part-of': 'argocd' } };
  return kubernetes.apply(path.configMap(name, OTHER), { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
}

async function setOtherPolicy(enforcement: 'enforce' | 'off'): Promise<void> {
  const repos = [{ url: `${stack.places.charts}/charts` }];
  const policy = { unmatched: 'allow', helm: { policies: [{ repos, gpg: { mode: 'provenance', keys: [SECURITY] } }] } };
  await putConfigMap('argocd-source-integrity-cm', { enforcement, 'all-projects': JSON.stringify(policy) });
}

beforeAll(async () => {
  await installed();
  before = await clusterScoped();
  await installOther();
  for (const instance of INSTANCES) {
    for (const [chart, from] of Object.entries(CHARTS)) {
      // What is stored is looked at, and nobody is to carry it out.
      const metadata = { annotations: { 'argocd.argoproj.io/skip-reconcile': 'true' } };
      const url = path.application('', instance);
      await kubernetes.create(url, applicationManifest(chart, from, { namespace: instance, metadata }));
    }
  }
  for (const instance of INSTANCES) {
    await until(`the API server asks the gate of ${instance}`, async () => {
      return (await refusal(instance, UNTRUSTED[instance])).includes(DENIED);
    });
  }
});

afterAll(async () => {
  await other?.stop();
  for (const url of (await clusterScoped()).keys()) if (!before.has(url)) await kubernetes.delete(url);
  for (const chart of Object.keys(CHARTS)) await kubernetes.delete(path.application(chart, OTHER));
  await kubectl('delete', 'namespace', OTHER, '--wait=false');
  await controls.ensureServer();
  await tidy();
});

describe('19. two instances on one API server', () => {
  test('share no object of the cluster, and installing the second changes none of the first', async () => {
    const now = await clusterScoped();
    expect([...before.keys()]).not.toEqual([]);
    for (const [url, version] of before) expect([url, now.get(url)]).toEqual([url, version]);
    const added = [...now.keys()].filter((url) => !before.has(url));
    expect(added.map((url) => url.slice(url.lastIndexOf('/') + 1))).toEqual([
      `source-integrity-${OTHER}`,
      `source-integrity-${OTHER}`,
      `source-integrity-${OTHER}-trust-roots`,
      `source-integrity-${OTHER}-trust-roots`,
      `source-integrity-${OTHER}`,
      `source-integrity-${OTHER}`,
    ]);
  });

  test('are asked only about Applications of their own namespaces', async () => {
    for (const kind of ['mutating', 'validating']) {
      const url = `${REGISTRATION}/${kind}webhookconfigurations/source-integrity-`;
      const selected: unknown[] = [];
      for (const instance of INSTANCES) {
        const [webhook] = listAt(await kubernetes.get(`${url}${instance}`), 'webhooks');
        const [expression] = listAt(webhook, 'namespaceSelector', 'matchExpressions');
        expect(textAt(webhook, 'clientConfig', 'service', 'namespace')).toBe(instance);
        selected.push(at(expression, 'values'));
      }
      expect(selected).toEqual([['argocd', 'team-a', 'team-b'], [OTHER]]);
    }
  });

  test.each(INSTANCES)('%s is decided on by its own server, by its own policy, and by no other', async (instance) => {
    const elsewhere = besides(instance);
    const [own, others] = [await decisions(instance), await decisions(elsewhere)];
    expect(await refusal(instance, TRUSTED[instance])).toBe('');
    expect(await refusal(instance, UNTRUSTED[instance])).toContain(DENIED);
    expect(await decisions(instance)).toBe(own + 2);
    expect(await decisions(elsewhere)).toBe(others);
  });

  test('what one stops to enforce the other goes on to', async () => {
    await setOtherPolicy('off');
    await until('the other instance lets through what it does not trust', async () => {
      return (await refusal(OTHER, UNTRUSTED[OTHER])) === '';
    });
    expect(await refusal('argocd', UNTRUSTED.argocd)).toContain(DENIED);
    await setOtherPolicy('enforce');
    await until('the other instance enforces again', async () => {
      return (await refusal(OTHER, UNTRUSTED[OTHER])).includes(DENIED);
    });
  });

  test.each(INSTANCES)('with the server of %s away the other goes on', async (away) => {
    const running = besides(away);
    await (away === OTHER ? other.stop() : controls.stopServer());
    try {
      expect(await refusal(away, TRUSTED[away])).toContain(UNREACHABLE);
      expect(await refusal(running, TRUSTED[running])).toBe('');
      expect(await refusal(running, UNTRUSTED[running])).toContain(DENIED);
    } finally {
      await (away === OTHER ? other.ensure() : controls.ensureServer());
    }
    await until('it is decided on again', async () => (await refusal(away, TRUSTED[away])) === '');
  });

  const account = (namespace: Instance, name: string): string => `system:serviceaccount:${namespace}:${name}`;
  /** What is wrong with changing an object; nothing is changed. RBAC lets those who are asked here. */
  const change = async (who: string, namespace: Instance, [kind, name]: readonly [string, string]): Promise<string> => {
    const patch = JSON.stringify({ [kind === 'secret' ? 'stringData' : 'data']: { x: 'changed' } });
    const as = ['-n', namespace, '--as', who];
    const { code, output } = await kubectl(...as, 'patch', kind, name, '--dry-run=server', '--type=merge', '-p', patch);
    return code === 0 ? '' : output;
  };

  test('guard the trust roots of their own namespace, and hinder nobody in the other', async () => {
    const accounts = INSTANCES.flatMap((instance) => [
      account(instance, 'argocd-server'),
      account(instance, 'source-integrity-server'),
    ]);
    const policy = ['configmap', 'argocd-source-integrity-cm'] as const;
    const keys = ['configmap', 'argocd-gpg-keys-cm'] as const;
    const certificates = ['secret', 'source-integrity-certificates'] as const;
    for (const namespace of INSTANCES) {
      const users = ['bob', ...accounts].map((name) => `--user=${name}`);
      await kubectl('-n', namespace, 'create', 'rolebinding', 'proof-19', '--clusterrole=cluster-admin', ...users);
      await until(`RBAC lets them write in ${namespace}`, async () => {
        return (await change('bob', namespace, ['configmap', 'argocd-cm'])) === '';
      });
      await until(`the policy of ${namespace} is in force`, async () => {
        const who = account(besides(namespace), 'argocd-server');
        return (await change(who, namespace, keys)).includes('may not change');
      });
    }
    try {
      for (const instance of INSTANCES) {
        const elsewhere = besides(instance);
        const refusing = `ValidatingAdmissionPolicy 'source-integrity-${elsewhere}-trust-roots'`;
        for (const [who, what] of [
          [account(instance, 'argocd-server'), keys],
          [account(instance, 'source-integrity-server'), certificates],
        ] as const) {
          expect(await change(who, instance, what), who).toBe('');
          const refused = await change(who, elsewhere, what);
          expect(refused, who).toContain(refusing);
          expect(refused, who).not.toContain(`source-integrity-${instance}-trust-roots`);
        }
      }
      // An administrator whom one instance names is nobody to the other.
      expect(await change('bob', OTHER, policy)).toBe('');
      expect(await change('bob', 'argocd', policy)).toContain('bob may not change argocd-source-integrity-cm');
    } finally {
      await kubectl('-n', 'argocd', 'delete', 'rolebinding', 'proof-19');
    }
  });

  test('may write their own webhooks, and not those of the other', async () => {
    for (const instance of INSTANCES) {
      for (const named of INSTANCES) {
        for (const kind of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']) {
          const who = account(instance, 'source-integrity-server');
          const { code } = await kubectl('auth', 'can-i', 'patch', `${kind}/source-integrity-${named}`, '--as', who);
          expect([who, kind, named, code === 0]).toEqual([who, kind, named, instance === named]);
        }
      }
    }
  });
});
