import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BAD, FORGED, type Kind, KINDS } from '../artifacts.ts';
import { installed, judged, setPolicy, suitePolicy } from '../install.ts';
import {
  type Answered,
  application,
  argocd,
  argocdCli,
  at,
  createApplication,
  deployed,
  finished,
  heard,
  kubernetes,
  listAt,
  path,
  source,
  stack,
  sync,
  syncToEnd,
  tidy,
} from '../proof.ts';

beforeAll(async () => {
  await installed();
  // What was deployed before anybody required signatures: a bad artifact, and then a good one.
  await setPolicy(await suitePolicy('off'));
  await judged('let through', source('Helm over HTTP', 'unsigned'));
  for (const kind of KINDS) {
    await Promise.all(BAD.map((state) => withHistory(nameOf(kind, state), kind, state)));
  }
  await setPolicy(await suitePolicy());
  await judged('refused', source('Helm over HTTP', 'unsigned'));
});
afterAll(tidy);

const nameOf = (kind: Kind, state: (typeof BAD)[number]): string =>
  `rollback-${KINDS.indexOf(kind)}-${BAD.indexOf(state)}`;

async function withHistory(name: string, kind: Kind, state: (typeof BAD)[number]): Promise<void> {
  await createApplication(name, source(kind, state));
  for (const next of [state, 'good'] as const) {
    await kubernetes.patch(path.application(name), { spec: { source: source(kind, next) } });
    // Another chart is another selector of the Deployment, which cannot be changed.
    const force = { strategy: { apply: { force: true } } };
    expect(await syncToEnd(name, force)).toBe('Succeeded');
  }
  expect(listAt(await application(name), 'status', 'history')).toHaveLength(2);
}

const rollback = (name: string, id: number): Promise<Answered> =>
  argocd('POST', `/api/v1/applications/${name}/rollback`, { name, id, appNamespace: 'argocd' });

describe('3. a rollback', () => {
  for (const kind of KINDS) {
    for (const state of BAD) {
      test(`to ${kind}, ${state}, is refused, and one to what is good goes through`, async () => {
        const name = nameOf(kind, state);
        const before = await deployed(name);
        const refused = await rollback(name, 0);
        heard(`rollback to ${kind}, ${state}`, refused.message);
        expect(refused.status, refused.message).toBe(403);
        expect(refused.message).toContain('admission webhook "gate.source-integrity.io" denied the request: ');
        expect(at(await application(name), 'operation')).toBeUndefined();
        expect(await deployed(name)).toEqual(before);

        const allowed = await rollback(name, 1);
        expect(allowed.status, allowed.message).toBe(200);
        expect(await finished(name)).toMatchObject({ phase: 'Succeeded' });
      });
    }
  }
});

describe('3. a sync of local manifests', () => {
  for (const [k, kind] of KINDS.entries()) {
    test(`is refused for ${kind}, though the artifact is good`, async () => {
      const name = `local-${k}`;
      await createApplication(name, source(kind, 'good'));
      const refused = await sync(name, { manifests: [JSON.stringify(FORGED)] });
      heard(`sync of local manifests: ${kind}`, refused.message);
      expect(refused.status, refused.message).toBe(403);
      expect(await deployed(name)).toEqual([]);
    });
  }

  test('is refused on the command line, too', async () => {
    const name = 'local-cli';
    const folder = join(stack.folder, 'local');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'forged.json'), JSON.stringify(FORGED));
    await createApplication(name, source('plain OCI by key', 'good'));
    const { code, output } = await argocdCli('app', 'sync', name, '--local', folder, '--local-repo-root', folder);
    heard('sync of local manifests: command line', output);
    expect(output).toContain('admission webhook "gate.source-integrity.io" denied the request: ');
    expect(code).toBe(20);
    expect(await deployed(name)).toEqual([]);
  });
});
