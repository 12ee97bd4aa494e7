import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { argocdManifests, BIN, DEPLOY, DOCS, shell } from '../installing.ts';
import { kubectl, stack } from '../proof.ts';

/** Stands for `argocd` in what is written: the suite's own Argo CD runs there. */
const NAMESPACE = 'as-written';
const INSTANCE = `source-integrity-${NAMESPACE}`;
const CLUSTER_WIDE =
  'mutatingwebhookconfiguration,validatingwebhookconfiguration,validatingadmissionpolicy,validatingadmissionpolicybinding,clusterrole,clusterrolebinding';

/** The first block of code under a heading that has this in it. */
async function written(page: string, heading: string, inIt: string, language = 'sh'): Promise<string> {
  const text = await readFile(page, 'utf8');
  const section = text.slice(text.indexOf(`\n${heading}\n`));
  const blocks = [...section.matchAll(/```(\w+)\n(.*?)```/gs)];
  const block = blocks.find(([, of, code = '']) => of === language && code.includes(inIt));
  if (block?.[2] === undefined) throw new Error(`${page} has no ${inIt} under ${heading}`);
  return block[2];
}

/** Runs it as somebody would in a checkout, but for the namespace and for building an image. */
async function run(code: string): Promise<{ code: number; output: string }> {
  const elsewhere = code
    .replaceAll(/^docker .*$/gm, '')
    .replaceAll('npx source-integrity', 'source-integrity')
    .replaceAll(/ --print(-registration)?\b/g, ` --print$1 --namespace ${NAMESPACE}`)
    .replaceAll('-n argocd', `-n ${NAMESPACE}`)
    .replaceAll('--namespace argocd', `--namespace ${NAMESPACE}`)
    .replaceAll('source-integrity-argocd', INSTANCE)
    .replaceAll(' deploy/helm', ` ${DEPLOY}/helm`);
  const programs = join(stack.folder, 'programs');
  await mkdir(programs, { recursive: true });
  const program = `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`;
  await writeFile(join(programs, 'source-integrity'), program, { mode: 0o755 });
  return shell(`PATH='${programs}:${dirname(stack.tools.helm)}':"$PATH"\n${elsewhere}`);
}

/** What there is of ours, in the namespace and beyond. */
async function ours(): Promise<string[]> {
  const { output } = await kubectl(
    '-n',
    NAMESPACE,
    'get',
    `all,secret,role,rolebinding,serviceaccount,networkpolicy,${CLUSTER_WIDE}`,
    '-o',
    'name',
  );
  return output.split('\n').filter((name) => name.includes('/source-integrity-server') || name.includes(INSTANCE));
}

beforeAll(async () => {
  await kubectl('create', 'namespace', NAMESPACE);
  const { code, output } = await kubectl('apply', '--server-side', '-n', NAMESPACE, '-f', await argocdManifests());
  expect(code, output).toBe(0);
});

afterAll(async () => {
  const left = (await ours()).filter((name) => name.includes(INSTANCE));
  if (left.length > 0) await kubectl('delete', ...left);
  await kubectl('delete', 'namespace', NAMESPACE, '--wait=false');
});

test('18. the README installs it, and docs/install.md removes it, without a trace', async () => {
  const readme = join(DEPLOY, '..', 'README.md');
  const installed = await run(await written(readme, '## Install it into Argo CD', 'install --print'));
  expect(installed.code, installed.output).toBe(0);
  expect((await ours()).length).toBeGreaterThan(10);
  const cm = [
    '-n',
    NAMESPACE,
    'get',
    'configmap',
    'argocd-cm',
    '-o',
    'jsonpath={.data.extension\\.config\\.source-integrity}',
  ];
  expect((await kubectl(...cm)).output).toContain(`source-integrity-server.${NAMESPACE}.svc`);

  // No volume was ever made here: there is no controller that makes one.
  const removal = (await written(join(DOCS, 'install.md'), '## Remove', 'kubectl delete')).replace(
    /^.*persistentvolumeclaim.*$/m,
    '',
  );
  const removed = await run(removal);
  expect(removed.code, removed.output).toBe(0);
  expect(await ours()).toEqual([]);
  expect((await kubectl(...cm)).output).toBe('');
  const server = await kubectl(
    '-n',
    NAMESPACE,
    'get',
    'deployment',
    'argocd-server',
    '-o',
    'jsonpath={.spec.template.spec.initContainers}',
  );
  expect(server.output).not.toContain('source-integrity');
});

test('18. docs/install.md installs it by Helm', async () => {
  const page = join(DOCS, 'install.md');
  const installed = await run(await written(page, '## 3. Install the server and its webhooks', 'helm install'));
  expect(installed.code, installed.output).toBe(0);
  expect((await ours()).length).toBeGreaterThan(10);
  const removed = await run('helm uninstall source-integrity --namespace argocd');
  expect(removed.code, removed.output).toBe(0);
  expect(await ours()).toEqual([]);
});

test('18. docs/install.md has a kustomization that the API server takes', async () => {
  const folder = join(stack.folder, 'as-written');
  await mkdir(folder, { recursive: true });
  await cp(join(DEPLOY, 'kustomize'), join(folder, 'kustomize'), { recursive: true });
  const kustomization = await written(
    join(DOCS, 'install.md'),
    '## 3. Install the server and its webhooks',
    'resources:',
    'yaml',
  );
  await writeFile(join(folder, 'kustomization.yaml'), kustomization);
  const built = await kubectl('kustomize', folder);
  expect(built.output).toContain('image: registry.example.com/source-integrity:0.1.0');
  const { code, output } = await kubectl(
    'apply',
    '--server-side',
    '--force-conflicts',
    '--dry-run=server',
    '-k',
    folder,
  );
  expect(code, output).toBe(0);
});
