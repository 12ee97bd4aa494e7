import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { join } from 'node:path';
import { BAD, KINDS } from '../artifacts.ts';
import { gitRepository } from '../git.ts';
import { installed } from '../install.ts';
import type { JsonObject } from '../json.ts';
import {
  application,
  at,
  createApplication,
  deployed,
  heard,
  source,
  stack,
  sync,
  syncToEnd,
  textAt,
  tidy,
} from '../proof.ts';

let git: { readonly url: string; readonly commit: string };

beforeAll(async () => {
  await installed();
  git = await gitRepository(join(stack.folder, 'git', 'deploy'), {
    'values.yaml': 'config:\n  FROM_GIT: "yes"\n',
    'manifests/configmap.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: from-git\ndata:\n  from: git\n',
  });
});
afterAll(tidy);

const values = (): JsonObject => ({ repoURL: git.url, targetRevision: 'main', ref: 'values' });
const manifests = (): JsonObject => ({ repoURL: git.url, targetRevision: 'main', path: 'manifests' });
const chartWithValues = (): JsonObject => ({
  ...source('Helm over HTTP', 'good'),
  helm: { valueFiles: ['$values/values.yaml'] },
});

describe('5. an Application with several sources', () => {
  test('is deployed where all are good, with values and manifests from Git', async () => {
    const all = KINDS.filter((kind) => kind !== 'Helm over HTTP').map((kind) => source(kind, 'good'));
    // Two charts of one name would be the same objects.
    const sources = [chartWithValues(), ...all.filter(({ chart }) => chart === undefined), values(), manifests()];
    await createApplication('several-good', sources);
    expect(await syncToEnd('several-good')).toBe('Succeeded');
    const found = await deployed('several-good');
    for (const name of ['several-good', 'dns-zones', 'telemetry', 'from-git'])
      expect(found).toContain(`ConfigMap/${name}`);
  });

  for (const [k, kind] of KINDS.entries()) {
    for (const [c, state] of BAD.entries()) {
      test(`is refused as a whole for one that is ${state} (${kind}), which is named`, async () => {
        const name = `several-${k}-${c}`;
        const bad = source(kind, state);
        await createApplication(name, [chartWithValues(), bad, values(), manifests()]);
        const refused = await sync(name);
        heard(`several sources, one of them ${kind}, ${state}`, refused.message);
        expect(refused.status, refused.message).toBe(403);
        const subject = textAt(bad, 'chart') || textAt(bad, 'repoURL').split('/').at(-1);
        expect(refused.message).toContain(subject);
        expect(refused.message).not.toContain('payments');
        expect(await deployed(name)).toEqual([]);
      });
    }
  }
});

describe('5. Git sources', () => {
  test('are deployed as without the product, and their operation is left as Argo CD wrote it', async () => {
    await createApplication('git-only', manifests());
    expect(await syncToEnd('git-only')).toBe('Succeeded');
    expect(await deployed('git-only')).toEqual(['ConfigMap/from-git']);
    const operation = at(await application('git-only'), 'status', 'operationState', 'operation', 'sync');
    expect(operation).toMatchObject({ revision: git.commit, source: manifests() });
  });
});
