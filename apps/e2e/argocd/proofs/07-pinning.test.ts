import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { forgedChart, putGood, tamper } from '../artifacts.ts';
import { installed, setPolicy, suitePolicy } from '../install.ts';
import { BIN } from '../installing.ts';
import type { JsonObject } from '../json.ts';
import {
  application,
  applicationManifest,
  at,
  compared,
  controls,
  createApplication,
  deployed,
  finished,
  heard,
  kubernetes,
  path,
  ran,
  registry,
  source,
  stack,
  sync,
  syncToEnd,
  textAt,
  tidy,
  until,
} from '../proof.ts';
import { createNamespace, forgeries, retrying } from '../tenant.ts';

beforeAll(() => installed());
afterAll(async () => {
  await tidy();
  await installed();
});

const RETRY = { limit: 90, backoff: { duration: '2s', factor: 1, maxDuration: '2s' } };

/** An operation that was admitted while Argo CD's controller was away, which therefore has not begun. */
async function admitted(name: string, from: JsonObject): Promise<JsonObject> {
  await createNamespace(name);
  await createApplication(name, from);
  return kubernetes.patch(path.application(name), { operation: { sync: {} } });
}

describe('7. a tag that is moved to what is bad', () => {
  const repository = (name: string): JsonObject => ({
    ...source('plain OCI by key', 'good'),
    repoURL: `oci://${stack.places.registry}/keyed/${name}`,
  });

  test('between admission and sync: what was verified is deployed', async () => {
    const name = 'moved-before';
    await putGood(registry, `keyed/${name}`);
    const verified = await registry.digest(`keyed/${name}`, '1.0.0');
    await controls.stopComponent('application-controller');
    try {
      const found = await admitted(name, repository(name));
      expect(at(found, 'operation', 'sync')).toMatchObject({ revision: verified, source: repository(name) });
      expect(await tamper(registry, `keyed/${name}`)).not.toBe(verified);
    } finally {
      await controls.restartComponent('application-controller');
    }
    expect(await finished(name)).toMatchObject({ phase: 'Succeeded' });
    expect(await deployed(name)).toContain('ConfigMap/dns-zones');
    expect(await forgeries(name)).toEqual([]);
    expect(textAt(await application(name), 'status', 'operationState', 'syncResult', 'revision')).toBe(verified);
  });

  test.each([false, true])('during a retry (refresh: %s): what was verified is deployed', async (refresh) => {
    const name = `moved-${refresh ? 'refreshing' : 'retrying'}`;
    await putGood(registry, `keyed/${name}`);
    const verified = await registry.digest(`keyed/${name}`, '1.0.0');
    const manifest = applicationManifest(name, repository(name));
    const operation = { retry: { ...RETRY, ...(refresh ? { refresh } : {}) }, sync: { source: repository(name) } };
    await kubernetes.create(path.application(), { ...manifest, operation });
    await retrying(name);
    await tamper(registry, `keyed/${name}`);
    await createNamespace(name);
    expect(await finished(name)).toMatchObject({ phase: 'Succeeded' });
    expect(await deployed(name)).toContain('ConfigMap/dns-zones');
    expect(await forgeries(name)).toEqual([]);
    expect(textAt(await application(name), 'status', 'operationState', 'syncResult', 'revision')).toBe(verified);

    const refused = await sync(name);
    heard('a tag that was moved: the next sync', refused.message);
    expect(refused.status).toBe(403);
    expect(await forgeries(name)).toEqual([]);
  });
});

describe('7. bytes of a chart that are replaced under its version', () => {
  const file = (): string => join(stack.charts, 'charts', 'payments-1.4.2.tgz');
  const chart = (): JsonObject => source('Helm over HTTP', 'good');
  let good: Buffer;

  beforeAll(async () => {
    good = await readFile(file());
    // Each sync is judged by what is there at that moment.
    await setPolicy(await suitePolicy('enforce', { freshness: '0s' }));
  });
  beforeEach(async () => {
    await writeFile(file(), good);
  });
  afterAll(async () => {
    await writeFile(file(), good);
    await controls.restartComponent('repo-server');
    await forgetReplaced();
    await setPolicy(await suitePolicy());
  });

  /** As an administrator does who has cleared Argo CD's caches. */
  async function forgetReplaced(): Promise<void> {
    await controls.stopServer();
    const { code, output } = await ran(process.execPath, [
      BIN,
      'digests',
      'forget',
      `--repo=${stack.places.charts}/charts`,
      '--chart=payments',
      '--version=1.4.2',
      `--data-dir=${join(stack.folder, 'data')}`,
    ]);
    expect(code, output).toBe(0);
    await controls.ensureServer();
  }

  test('between admission and download are deployed, without verified pull: it is checked at admission only', async () => {
    const name = 'replaced-after';
    await controls.stopComponent('application-controller');
    try {
      const found = await admitted(name, chart());
      expect(at(found, 'operation', 'sync')).toMatchObject({ revision: '1.4.2' });
      await writeFile(file(), await forgedChart(stack.tools.helm, 'payments', '1.4.2'));
      // Its folder of charts is empty again, as after any day.
      await controls.restartComponent('repo-server');
    } finally {
      await controls.restartComponent('application-controller');
    }
    await until('the other bytes are deployed', async () => (await forgeries(name)).length > 0);
    const refused = await sync(name);
    heard('bytes of a chart that were replaced: the next sync', refused.message);
    expect(refused.status).toBe(403);
  });

  test('and put back: the version is refused for 24 hours, until the caches are clear', async () => {
    const name = 'replaced-before';
    await createApplication(name, chart());
    await writeFile(file(), await forgedChart(stack.tools.helm, 'payments', '1.4.2'));
    expect((await sync(name)).status).toBe(403);
    await writeFile(file(), good);

    const refused = await sync(name);
    heard('bytes of a chart that were replaced and put back', refused.message);
    expect(refused.status, refused.message).toBe(403);
    expect(refused.message).toContain('was replaced: Argo CD may still hold the other bytes');
    expect(await deployed(name)).toEqual([]);

    // Argo CD's caches are cleared: both a restart of the repo-server and a hard refresh pass them by.
    await controls.restartComponent('repo-server');
    await compared(name, 'hard');

    // 25 hours later.
    await controls.startServer({ clockAheadMs: 25 * 60 * 60 * 1000 });
    expect(await syncToEnd(name)).toBe('Succeeded');
    expect(await forgeries(name)).toEqual([]);
    await controls.ensureServer();
    expect((await sync(name)).status).toBe(403);

    await forgetReplaced();
    expect(await syncToEnd(name)).toBe('Succeeded');
    expect(await forgeries(name)).toEqual([]);
  });
});
