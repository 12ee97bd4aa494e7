import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRecord } from '../demo/argocd/application.ts';
import type { Demo } from '../demo/start.ts';
import { DEMO_CASES, type Word } from './demo-cases.ts';
import { edit, startOwnDemo } from './running-demo.ts';

const newcomer = (file: string): string => new URL(`newcomer/${file}`, import.meta.url).pathname;
const NEWCOMERS_KEY = '853464064486DA681ABC1E50AD24D37BCE76DAA7';

const WORDS: Readonly<Record<string, Word>> = {
  verified: 'Verified',
  failed: 'Failed',
  unsigned: 'Unsigned',
  indeterminate: 'Could not check',
  'not-required': 'Not required',
};

let demo: Demo;
beforeAll(async () => {
  demo = await startOwnDemo();
});
afterAll(() => demo.stop());

/** The verdicts of an Application, as the tab gets them through Argo CD. */
async function verdicts(application: string, project: string): Promise<(Word | undefined)[]> {
  const response = await fetch(new URL('/extensions/source-integrity/api/v1/report', demo.address), {
    headers: { 'Argocd-Application-Name': `argocd:${application}`, 'Argocd-Project-Name': project },
  });
  const report: unknown = await response.json();
  const sources: readonly unknown[] = isRecord(report) && Array.isArray(report['sources']) ? report['sources'] : [];
  return sources.map((source) => {
    const verdict = isRecord(source) && isRecord(source['verdict']) ? source['verdict'] : {};
    return WORDS[String(verdict['status'])];
  });
}

/** The HTTP status of a sync. */
async function sync(application: string): Promise<number> {
  const response = await fetch(new URL(`/api/v1/applications/${application}/sync`, demo.address), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  return response.status;
}

describe("somebody else's signed chart, dropped in while the demo runs", () => {
  test('has nothing required of it before there is a policy', async () => {
    const repository = join(demo.folder.charts, 'incubator');
    for (const file of ['hashtest-1.2.3.tgz', 'hashtest-1.2.3.tgz.prov']) {
      await copyFile(newcomer(file), join(repository, file));
    }
    await writeFile(
      join(demo.folder.cluster, 'newcomer.yaml'),
      `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: newcomer
  namespace: argocd
spec:
  project: sandbox
  destination: {server: https://kubernetes.default.svc, namespace: sandbox}
  source:
    repoURL: ${demo.repository.origin}/incubator
    chart: hashtest
    targetRevision: 1.2.3
`,
    );
    expect(await verdicts('newcomer', 'sandbox')).toEqual(['Not required']);
    expect(await sync('newcomer')).toBe(200);
  });

  test('fails under a policy whose key is not in the ring', async () => {
    await requireKey(NEWCOMERS_KEY);
    expect(await verdicts('newcomer', 'sandbox')).toEqual(['Failed']);
    await expect.poll(() => sync('newcomer')).toBe(403);
  });

  test('is verified once its key is in the ring', async () => {
    const key = await readFile(newcomer('key.asc'), 'utf8');
    await edit(demo, 'argocd-gpg-keys-cm.yaml', (document) => document.setIn(['data', NEWCOMERS_KEY.slice(-16)], key));
    expect(await verdicts('newcomer', 'sandbox')).toEqual(['Verified']);
    await expect.poll(() => sync('newcomer')).toBe(200);
  });

  test("fails when the policy asks for another's signature", async () => {
    await requireKey('D65A3D0E2ED23B1F92184A34C21E3F28AC82D3DA', '58222798A107B965');
    expect(await verdicts('newcomer', 'sandbox')).toEqual(['Failed']);
    await expect.poll(() => sync('newcomer')).toBe(403);
  });
});

describe('every Application renamed', () => {
  const projects = new Map<string, string>();

  beforeAll(async () => {
    const files = (await readdir(demo.folder.cluster)).filter((name) => name.startsWith('applications-'));
    for (const file of files) {
      await edit(demo, file, (document) => {
        const name = `renamed-${String(document.getIn(['metadata', 'name']))}`;
        document.setIn(['metadata', 'name'], name);
        projects.set(name, String(document.getIn(['spec', 'project'])));
      });
    }
  });

  test.each(DEMO_CASES)('$application keeps verdict and decision', async ({ application, sources, refusal }) => {
    const name = `renamed-${application}`;
    expect(await verdicts(name, projects.get(name) ?? '')).toEqual(sources.map(([, word]) => word));
    expect(await sync(name)).toBe(refusal === null ? 200 : 403);
  });
});

async function requireKey(...keys: readonly string[]): Promise<void> {
  await edit(demo, 'argocd-source-integrity-cm.yaml', (document) =>
    document.setIn(
      ['data', 'project.sandbox'],
      `helm:
  policies:
    - repos: [{url: "${demo.repository.origin}/labs"}]
      gpg: {mode: none}
    - repos: [{url: "${demo.repository.origin}/incubator"}]
      charts: [hashtest]
      gpg: {mode: provenance, keys: ${JSON.stringify(keys)}}
`,
    ),
  );
}
