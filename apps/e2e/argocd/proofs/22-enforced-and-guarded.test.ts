import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { BAD, forgedChart, type Kind } from '../artifacts.ts';
import { clearCaches, guardRepoServer, unguardRepoServer } from '../guard.ts';
import { installed } from '../install.ts';
import {
  argocd,
  argocdCli,
  at,
  condition,
  createApplication,
  deployed,
  heard,
  kubernetes,
  path,
  refresh,
  source,
  stack,
  syncToEnd,
  textAt,
  tidy,
  until,
} from '../proof.ts';
import { REFUSED, refusalOf } from '../refusal.ts';

/**
 * Whatever Argo CD does with what is good, it does it with the guard as without, and nothing bad gets further: the
 * proofs 1 to 6 once more, and the ways to look at an Application without deploying it. Of what is bad they take one
 * kind, for the time it takes; proof 20 has them all.
 */
vi.mock('../artifacts.ts', async (original) => ({
  ...(await original<object>()),
  BAD: ['tampered'],
}));
const HELM = ['Helm over HTTP', 'Helm in OCI'] as const;
const GOOD = HELM.map((kind, k) => [kind, `previewed-${k}`] as const);
const unguarded = new Map<string, Preview>();

beforeAll(async () => {
  await installed();
  for (const [kind, name] of GOOD) {
    await createApplication(name, source(kind, 'good'));
    unguarded.set(name, await preview(name));
  }
  await tidy();
  await rm(join(stack.charts, 'charts', 'recommendations-1.10.1.tgz'), { force: true });
  for (const provenance of ['', '.prov']) {
    await rm(join(stack.charts, 'charts', `recommendations-1.10.2.tgz${provenance}`), { force: true });
  }
  await undeploy();
  // Otherwise a failure that came three times is answered for a minute: another proof is about that.
  await guardRepoServer({ ARGOCD_PAUSE_GEN_AFTER_FAILED_ATTEMPTS: '0' });
  await clearCaches();
});
afterAll(async () => {
  await tidy();
  await unguardRepoServer();
});

/** Deletes what the proofs have deployed without the guard. */
async function undeploy(): Promise<void> {
  for (const namespace of await kubernetes.list(path.namespace())) {
    const name = textAt(namespace, 'metadata', 'name');
    if (/^(?:argocd|default|kube-.*)$/.test(name)) continue;
    for (const collection of [path.configMap, path.service, path.secret, path.deployment]) {
      await kubernetes.delete(collection('', name));
    }
  }
}

/** What people are shown of an Application before it is deployed. */
interface Preview {
  readonly manifests: unknown;
  readonly diff: { readonly code: number; readonly output: string };
}

async function preview(name: string): Promise<Preview> {
  await until(`${name} is compared`, async () => {
    const { status } = await argocd('GET', `/api/v1/applications/${name}`);
    return status === 200 && (await compared(name));
  });
  const { status, body, message } = await argocd('GET', `/api/v1/applications/${name}/manifests`);
  expect(status, message).toBe(200);
  return { manifests: at(body, 'manifests'), diff: await argocdCli('app', 'diff', name, '--hard-refresh') };
}

const compared = async (name: string): Promise<boolean> =>
  textAt(await kubernetes.get(path.application(name)), 'status', 'sync', 'status') === 'OutOfSync';

describe('with the guard, looking at an Application', () => {
  test.each(GOOD)('that is good shows what it shows without: %s', async (kind: Kind, name) => {
    await createApplication(name, source(kind, 'good'));
    const guarded = await preview(name);
    expect(guarded).toEqual(unguarded.get(name));
    expect(guarded.diff.code).toBe(1);
    await refresh(name, 'hard');
    expect(await syncToEnd(name)).toBe('Succeeded');
    expect(await deployed(name)).not.toEqual([]);
    expect(await condition(name, 'ComparisonError')).toBe('');
  });

  for (const [k, kind] of HELM.entries()) {
    for (const [c, state] of BAD.entries()) {
      test(`that is ${state} shows the reason, and nothing of the chart: ${kind}`, async () => {
        const name = `previewed-${k}-${c}`;
        await createApplication(name, source(kind, state));
        await until(`${name} is refused`, () => refusalOf(name));
        const manifests = await argocd('GET', `/api/v1/applications/${name}/manifests`);
        expect(manifests.status).not.toBe(200);
        expect(manifests.message).toContain('source-integrity: Chart ');
        const diff = await argocdCli('app', 'diff', name, '--hard-refresh');
        expect(diff.output).not.toContain('ConfigMap');
        expect(await deployed(name)).toEqual([]);
      });
    }
  }

  test('at another version that is bad shows the reason, and the Application stays as it is', async () => {
    const name = 'previewed-elsewhere';
    const archive = join(stack.charts, 'charts', 'payments-9.9.9.tgz');
    await writeFile(archive, await forgedChart(stack.tools.helm, 'payments', '9.9.9'));
    try {
      await createApplication(name, source('Helm over HTTP', 'good'));
      expect(await syncToEnd(name)).toBe('Succeeded');
      // The index of before does not list it.
      await refresh(name, 'hard');
      const url = `/api/v1/applications/${name}/manifests?revision=9.9.9`;
      const asked = await until('another version is previewed', async () => {
        const answer = await argocd('GET', url);
        return answer.status !== 200 && REFUSED.test(answer.message) ? answer : null;
      });
      heard('preview of another version that is not signed', asked.message);
      expect(await deployed(name)).not.toContain(`ConfigMap/${name}-forged`);
      expect(await condition(name, 'ComparisonError')).toBe('');
    } finally {
      await rm(archive);
    }
  });
});

describe('with the guard, as without,', async () => {
  await import('./01-manual-sync.test.ts');
});
describe('with the guard, as without,', async () => {
  await import('./02-automated-sync.test.ts');
});
describe('with the guard, as without,', async () => {
  await import('./03-rollback-and-local.test.ts');
});
describe('with the guard, as without,', async () => {
  await import('./04-application-sets.test.ts');
});
describe('with the guard, as without,', async () => {
  await import('./05-several-sources.test.ts');
});
describe('with the guard, as without,', async () => {
  await import('./06-namespaces-and-projects.test.ts');
});
