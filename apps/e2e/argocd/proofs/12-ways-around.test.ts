import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../../demo/ports.ts';
import { FORGED, forgedChart, releaseKey } from '../artifacts.ts';
import { type Attack, ATTACKS, Attacker, bad, digests, SPELLINGS } from '../attacks.ts';
import { installed, removeWebhooks, setPolicy, suitePolicy } from '../install.ts';
import type { JsonObject } from '../json.ts';
import { FAIR } from '../link.ts';
import {
  application,
  compared,
  controls,
  createApplication,
  createProject,
  heard,
  kubernetes,
  listAt,
  path,
  ran,
  Refused,
  registry,
  source,
  stack,
  syncToEnd,
  tidy,
  until,
} from '../proof.ts';
import { becomesHealthy, createNamespace, forgeries, permitTenant, settled, tenant } from '../tenant.ts';

let known: { readonly good: string; readonly bad: string };

beforeAll(async () => {
  await installed();
  await permitTenant();
  await createProject('tenants', { sourceNamespaces: ['team-a'] });
  known = await digests();
  const archive = join(stack.charts, 'charts', 'forged-1.0.0.tgz');
  await writeFile(archive, await forgedChart(stack.tools.helm, 'forged', '1.0.0'));
  const to = `oci://${stack.places.registry}/charts`;
  const pushed = await ran(stack.tools.helm, ['push', archive, to, '--plain-http'], { HOME: stack.folder });
  expect(pushed.code, pushed.output).toBe(0);
  // The registry under the other split of a chart's path, as an administrator may have it as well.
  await kubernetes.apply(path.secret('registry-root'), {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'registry-root',
      namespace: 'argocd',
      labels: { 'argocd.argoproj.io/secret-type': 'repository' },
    },
    stringData: {
      name: 'registry-root',
      type: 'helm',
      url: stack.places.registry,
      enableOCI: 'true',
      insecureOCIForceHttp: 'true',
    },
  });
});
afterAll(async () => {
  await tidy();
  await kubernetes.delete(path.secret('registry-root'));
});

/** Goes through with it as far as it gets, and waits until Argo CD is done. Answers what refused it. */
async function attempt(attack: Attack, name: string, namespace: string): Promise<string> {
  let refusal = '';
  try {
    await attack.run(new Attacker(name, namespace, 'tenants', known));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    refusal = error.message;
  } finally {
    await createNamespace(name);
    await becomesHealthy('waits', name);
  }
  return refusal;
}

const all = [...Object.values(ATTACKS).flat(), ...SPELLINGS];
const nameOf = (prefix: string, attack: Attack): string => `${prefix}-${all.indexOf(attack)}`;

describe.concurrent.each(Object.entries(ATTACKS))('12. a tenant deploys nothing unsigned by %s', (_, attacks) => {
  for (const attack of attacks) {
    test.each(['argocd', 'team-a'] as const)(`${attack.what}, in %s`, async (namespace) => {
      const name = nameOf(namespace === 'argocd' ? 'around' : 'team', attack);
      const refusal = await attempt(attack, name, namespace);
      if (refusal !== '') heard(`tenant: ${attack.what}`, refusal);
      await settled(name, namespace);
      expect(await forgeries(name)).toEqual([]);
      await kubernetes.delete(path.application(name, namespace));
    });
  }
});

describe.concurrent('12. a tenant deploys nothing unsigned by another spelling', () => {
  for (const attack of SPELLINGS) {
    test(attack.what, async () => {
      const name = nameOf('around', attack);
      const refusal = await attempt(attack, name, 'argocd');
      if (refusal !== '') heard(`tenant: ${attack.what}`, refusal);
      await settled(name);
      expect(await forgeries(name)).toEqual([]);
      await kubernetes.delete(path.application(name));
    });
  }
});

function outcomeOf({ inert, race }: Attack): string {
  if (race !== undefined) return `: may, since ${race}`;
  return inert === undefined ? '' : `: does not, since ${inert}`;
}

describe('12. without the webhooks each of them does, unless it says why not', () => {
  beforeAll(async () => {
    await tidy();
    await removeWebhooks();
  });
  afterAll(async () => {
    await tidy();
    await installed();
  });

  /** Again and again: what is written into a state that runs is lost where the controller is about to write its own. */
  async function deploysAtLast(attack: Attack): Promise<void> {
    const names: string[] = [];
    const isDeployed = async (): Promise<boolean> => {
      for (const name of names) if ((await forgeries(name)).length > 0) return true;
      return false;
    };
    await until(`${attack.what} deploys`, async () => {
      const name = `${nameOf('unguarded', attack)}-${names.length}`;
      names.push(name);
      expect(await attempt(attack, name, 'argocd')).toBe('');
      await settled(name);
      return until('it is deployed', isDeployed, 10_000);
    });
  }

  for (const attack of Object.values(ATTACKS).flat()) {
    test.concurrent(`${attack.what}${outcomeOf(attack)}`, async () => {
      if (attack.race === undefined && attack.inert === undefined) return deploysAtLast(attack);
      const name = nameOf('unguarded', attack);
      expect(await attempt(attack, name, 'argocd')).toBe('');
      await settled(name);
      if (attack.inert !== undefined) expect(await forgeries(name)).toEqual([]);
    });
  }

  test('spellings that Argo CD takes for the same repository', async () => {
    const same = new Set([
      'oci://HOST/keyed/tampered:1.0.0',
      'http://HOST/charts/',
      'http://HOST/./charts',
      'http://HOST/x/../charts',
      'http://HOST/%63harts',
      'http://HOST/charts?x=y',
      'http://HOST/charts#x',
      'HTTP://HOST/charts',
      'http://x@HOST/charts',
      'HOST with the chart charts/forged',
      'HOST/charts with the chart forged',
      'a chart of a registry as an artifact that is no chart',
    ]);
    expect(SPELLINGS.filter(({ what }) => same.has(what))).toHaveLength(same.size);
    await Promise.all(
      SPELLINGS.map(async (attack) => {
        if (same.has(attack.what)) return deploysAtLast(attack);
        const name = nameOf('unguarded', attack);
        await attempt(attack, name, 'argocd');
        await settled(name);
        expect(await forgeries(name), attack.what).toEqual([]);
      }),
    );
  });
});

describe('12. what a tenant is served with the credentials of a template', () => {
  test('a host whose URL only begins like that of a template is not sent its password', async () => {
    const seen: { authorization: string | undefined; agent: string }[] = [];
    const server = createServer((request, response) => {
      const { authorization, 'user-agent': agent = '' } = request.headers;
      seen.push({ authorization, agent });
      response.writeHead(404).end();
    });
    const port = String(await listen(server, 0));
    const template = path.secret('template');
    const name = 'look-alike';
    try {
      await kubernetes.apply(template, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'template', namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': 'repo-creds' } },
        stringData: { type: 'helm', url: `http://127.0.0.1:${port.slice(0, -1)}`, username: 'us', password: 'secret' },
      });
      const gpg = { mode: 'provenance', keys: [await releaseKey()] };
      const repos = [{ url: `http://127.0.0.1:${port}/charts` }];
      await setPolicy(
        await suitePolicy('enforce', { 'project.tenants': JSON.stringify({ helm: { policies: [{ repos, gpg }] } }) }),
      );
      const from = { repoURL: `http://127.0.0.1:${port}/charts`, chart: 'payments', targetRevision: '1.4.2' };
      const by = new Attacker(name, 'argocd', 'tenants', known);
      await by.create(from);
      await by.patch({ operation: { sync: { source: from } } }).catch((error: unknown) => {
        heard('tenant: a host that looks like that of a template', String(error));
      });
      const ours = (): typeof seen => seen.filter(({ agent }) => agent.startsWith('source-integrity'));
      // Argo CD does send it.
      await until('Argo CD has asked', async () => seen.some((each) => each.authorization !== undefined));
      await until('the server has asked', async () => ours().length > 0);
      expect(ours().map(({ authorization }) => authorization)).toEqual(ours().map(() => undefined));
      expect(await forgeries(name)).toEqual([]);
    } finally {
      await kubernetes.delete(template);
      server.close();
      server.closeAllConnections();
      await setPolicy(await suitePolicy());
    }
  });
});

/** Each of these is named in docs/threat-model.md and docs/enforcement.md. */
describe('12. not closed by admission', () => {
  test('a hook of the deletion deploys what nobody has signed', async () => {
    const name = 'deletion-hook';
    const annotations = { 'argocd.argoproj.io/hook': 'PostDelete' };
    await registry.push('keyed/hook', '1.0.0', [{ ...FORGED, metadata: { name: 'forged', annotations } }]);
    const by = new Attacker(name, 'argocd', 'tenants', known);
    await by.create({ ...bad(), repoURL: `oci://${stack.places.registry}/keyed/hook` });
    await expect(by.patch({ operation: { sync: {} } })).rejects.toThrow('"gate.source-integrity.io" denied');
    await until('Argo CD has found the hook', async () =>
      listAt(await application(name), 'metadata', 'finalizers').some((each) => String(each).includes('post-delete')),
    );
    await tenant.delete(by.path);
    await until('it is deployed', async () => (await forgeries(name)).length > 0);
  });

  test('a repository that shows Argo CD other bytes of a chart than the server has them deployed, without verified pull', async () => {
    const name = 'two-faces';
    const directory = join(stack.charts, 'charts');
    await writeFile(join(directory, 'other.tgz'), await forgedChart(stack.tools.helm, 'payments', '1.4.2'));
    // Without digests, which would give it away to Helm itself.
    await writeFile(
      join(directory, 'bare.yaml'),
      'apiVersion: v1\nentries:\n  payments:\n  - {apiVersion: v2, name: payments, version: 1.4.2, urls: [payments-1.4.2.tgz]}\n',
    );
    const lies = [
      { path: '/charts/payments-1.4.2.tgz', instead: '/charts/other.tgz', to: 'argocd' as const },
      { path: '/charts/index.yaml', instead: '/charts/bare.yaml', to: 'everybody' as const },
    ];
    await controls.disturb('charts', { ...FAIR, lies });
    try {
      const by = new Attacker(name, 'argocd', 'tenants', known);
      await by.create(source('Helm over HTTP', 'good'));
      // By now Argo CD has rendered what it alone was shown.
      await compared(name, 'hard');
      await by.patch({ operation: { sync: { source: source('Helm over HTTP', 'good'), revision: '1.4.2' } } });
      await until('it is deployed', async () => (await forgeries(name)).length > 0);
    } finally {
      await controls.disturb('charts', FAIR);
      await rm(join(directory, 'other.tgz'));
      // What it has of them in its folder of charts would be deployed by the next proofs.
      await compared(name, 'hard');
    }
  });

  const takeover = async (name: string, object: JsonObject): Promise<string> => {
    await registry.push(`apps/${name}`, '1.0.0', [object]);
    const from = { repoURL: `oci://${stack.places.registry}/apps/${name}`, path: '.', targetRevision: '1.0.0' };
    const destination = { server: 'https://kubernetes.default.svc', namespace: 'argocd' };
    await createApplication(name, from, { project: 'default', spec: { destination } });
    return syncToEnd(name);
  };

  test('a project that may deploy anything cannot replace the policy through the controller', async () => {
    const object = path.configMap('argocd-source-integrity-cm');
    const before = await kubernetes.get(object);
    const said = await takeover('takes-the-policy', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'argocd-source-integrity-cm', namespace: 'argocd' },
      data: { enforcement: 'off' },
    });
    heard('tenant: the policy by an unrestricted project', said);
    expect(said).toContain('may not change');
    expect((await kubernetes.get(object))?.['data']).toEqual(before?.['data']);
  });

  test('a project that may deploy webhook configurations can replace ours', async () => {
    const said = await takeover('takes-the-webhook', {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: {
        name: 'source-integrity-argocd',
        annotations: { 'argocd.argoproj.io/sync-options': 'Replace=true' },
      },
      webhooks: [],
    });
    try {
      expect(said).toBe('Succeeded');
      const by = new Attacker('after-takeover', 'argocd', 'tenants', known);
      await by.create(bad());
      await until('the gate is not asked any more', async () => {
        await by.patch({ operation: { sync: { source: bad(), revision: known.bad } } });
        return true;
      });
      await until('it is deployed', async () => (await forgeries('after-takeover')).length > 0);
    } finally {
      await tidy();
      await removeWebhooks();
      await installed();
    }
  });
});
