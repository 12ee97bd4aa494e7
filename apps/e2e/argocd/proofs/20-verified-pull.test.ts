import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BAD, forgedChart } from '../artifacts.ts';
import { guardRepoServer, unguardRepoServer } from '../guard.ts';
import { installed, removeWebhooks, setPolicy, suitePolicy } from '../install.ts';
import { FAIR } from '../link.ts';
import {
  application,
  compared,
  condition,
  conditionOf,
  controls,
  createApplication,
  deployed,
  heard,
  ran,
  registry,
  source,
  stack,
  syncToEnd,
  textAt,
  tidy,
  until,
} from '../proof.ts';
import { forgeries, settled } from '../tenant.ts';

/** What Argo CD renders is what was verified: without the webhooks too, which therefore are away in most of this. */
beforeAll(async () => {
  await installed();
  await guardRepoServer();
});
afterAll(async () => {
  await controls.disturb('charts', FAIR);
  await tidy();
  await unguardRepoServer();
});
beforeEach(async () => {
  await controls.disturb('charts', FAIR);
  // What a lie was told with would be listed as a second file of its version.
  await rm(join(stack.charts, 'charts', 'other.tgz'), { force: true });
  await controls.ensureServer();
  await setPolicy(await suitePolicy());
});

const HELM = ['Helm over HTTP', 'Helm in OCI'] as const;

/** Why the chart could not be pulled anew; empty where it could. */
const pulledAnew = async (name: string): Promise<string> =>
  conditionOf(await compared(name, 'hard'), 'ComparisonError');

const comparisonError = async (name: string): Promise<string> =>
  until(`${name} has a ComparisonError`, async () => (await condition(name, 'ComparisonError')) || null);

describe('verified pull', () => {
  for (const [k, kind] of HELM.entries()) {
    test(`${kind}: what is good is deployed as without the guard`, async () => {
      const name = `guard-good-${k}`;
      await createApplication(name, source(kind, 'good'));
      expect(await syncToEnd(name)).toBe('Succeeded');
      expect(await deployed(name)).not.toEqual([]);
    });
  }

  describe('without the webhooks', () => {
    beforeAll(removeWebhooks);
    afterAll(() => installed());

    for (const [k, kind] of HELM.entries()) {
      for (const [c, state] of BAD.entries()) {
        test(`${kind}, ${state}: is not even rendered, and the reason is in the ComparisonError`, async () => {
          const name = `guard-bad-${k}-${c}`;
          await createApplication(name, source(kind, state), { automated: true });
          const message = await comparisonError(name);
          heard(`verified pull: ${kind}, ${state}`, message);
          expect(message).toContain('source-integrity: Chart ');
          expect(await syncToEnd(name)).not.toBe('Succeeded');
          expect(await deployed(name)).toEqual([]);
        });
      }
    }

    test('bad bytes that were published, and taken back again, never come from a cache', async () => {
      const name = 'guard-cached';
      const file = join(stack.charts, 'charts', 'payments-1.4.2.tgz');
      const good = await readFile(file);
      await writeFile(file, await forgedChart(stack.tools.helm, 'payments', '1.4.2'));
      try {
        await createApplication(name, source('Helm over HTTP', 'good'));
        const message = await pulledAnew(name);
        heard('verified pull: replaced bytes', message);
        expect(message).toContain('source-integrity: Chart payments 1.4.2');
      } finally {
        await writeFile(file, good);
      }
      await until('the right bytes are pulled', async () => (await pulledAnew(name)) === '');
      expect(await syncToEnd(name)).toBe('Succeeded');
      expect(await deployed(name)).not.toContain(`ConfigMap/${name}-forged`);
      expect(await deployed(name)).not.toEqual([]);
    });

    test.each(['argocd', 'source-integrity'] as const)(
      'a repository that lies to %s alone is found out, with both digests',
      async (to) => {
        const name = `guard-lie-${to === 'argocd' ? 'a' : 'b'}`;
        await writeFile(
          join(stack.charts, 'charts', 'other.tgz'),
          await forgedChart(stack.tools.helm, 'payments', '1.4.2'),
        );
        // An index without digests, which would give it away to Helm itself.
        await writeFile(
          join(stack.charts, 'charts', 'bare.yaml'),
          'apiVersion: v1\nentries:\n  payments:\n  - {apiVersion: v2, name: payments, version: 1.4.2, urls: [payments-1.4.2.tgz]}\n',
        );
        const lies = [
          { path: '/charts/payments-1.4.2.tgz', instead: '/charts/other.tgz', to },
          { path: '/charts/index.yaml', instead: '/charts/bare.yaml', to: 'everybody' as const },
        ];
        await controls.disturb('charts', { ...FAIR, lies });
        // What was verified a moment ago would count as fresh, and be right.
        await controls.stopServer();
        await controls.deleteStore();
        await controls.ensureServer();
        await createApplication(name, source('Helm over HTTP', 'good'), { automated: true });
        const message = await pulledAnew(name);
        heard(`verified pull: a repository that lies to ${to}`, message);
        expect(message.match(/sha256:[0-9a-f]{64}/g)?.length).toBeGreaterThanOrEqual(2);
        // Good bytes that were in a cache may be there.
        await settled(name);
        expect(await forgeries(name)).toEqual([]);
      },
    );

    test('a tag that is moved between two looks is refused', async () => {
      const name = 'guard-moved';
      const before = await registry.digest('charts/payments', '1.4.2');
      const forged = join(stack.folder, 'payments-1.4.2.tgz');
      await writeFile(forged, await forgedChart(stack.tools.helm, 'payments', '1.4.2'));
      try {
        const pushed = await ran(
          stack.tools.helm,
          ['push', forged, `oci://${stack.places.registry}/charts`, '--plain-http'],
          {
            HOME: stack.folder,
          },
        );
        expect(pushed.code).toBe(0);
        await createApplication(name, source('Helm in OCI', 'good'), { automated: true });
        const message = await pulledAnew(name);
        heard('verified pull: a tag that was moved', message);
        expect(message).toContain('source-integrity: Chart payments 1.4.2');
        await settled(name);
        expect(await forgeries(name)).toEqual([]);
      } finally {
        await registry.tag('charts/payments', before, '1.4.2');
      }
    });
  });

  test('while the server is away nothing is rendered that the policy concerns, everything else is, and it recovers alone', async () => {
    await mkdir(join(stack.charts, 'other'), { recursive: true });
    const archive = 'recommendations-1.2.6.tgz';
    await copyFile(join(stack.charts, 'charts', archive), join(stack.charts, 'other', archive));
    // What was seen of the lies would keep the version refused for a day.
    await controls.stopServer();
    await controls.deleteStore();
    await controls.ensureServer();
    // Which does not ask for long; and has been told the policy once.
    await guardRepoServer({ SOURCE_INTEGRITY_GUARD_TIMEOUT_SECONDS: '5' });
    await createApplication('guard-before', source('Helm over HTTP', 'good'));
    expect(await pulledAnew('guard-before')).toBe('');
    expect(await syncToEnd('guard-before')).toBe('Succeeded');
    await controls.stopServer();
    const name = 'guard-away';
    // A version that nothing has pulled yet, nor rendered.
    const chart = { chart: 'recommendations', targetRevision: '1.2.0' };
    await createApplication(name, { repoURL: `${stack.places.charts}/charts`, ...chart });
    const message = await comparisonError(name);
    heard('verified pull: the server is away', message);
    expect(message).toMatch(/The chart was not checked, because the server cannot be reached/);

    const untouched = 'guard-untouched';
    await createApplication(untouched, {
      repoURL: `${stack.places.charts}/other`,
      chart: 'recommendations',
      targetRevision: '1.2.6',
    });
    await until('the other chart is rendered', async () => {
      const status = textAt(await application(untouched), 'status', 'sync', 'status');
      return status === 'OutOfSync' && (await condition(untouched, 'ComparisonError')) === '';
    });
    await controls.ensureServer();
    await until('it is rendered', async () => (await condition(name, 'ComparisonError')) === '');
    expect(await syncToEnd(name)).toBe('Succeeded');
    expect(await deployed(name)).not.toEqual([]);
  });
});
