import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { type Document, parseAllDocuments } from 'yaml';
import { writeHostPage } from '../../demo/argocd-host/bundle.ts';
import { createChartRepository } from '../../demo/chart-repository.ts';
import { closed, listen } from '../../demo/ports.ts';
import { createRegistry } from '../../demo/registry.ts';
import { makeWorkingFolder, type WorkingFolder } from '../../demo/working-folder.ts';
import { type Host, turnstile, type Visitor } from '../../test/tab/host.ts';
import { gitRepository } from '../git.ts';
import { setPolicy } from '../install.ts';
import { isObject, type JsonObject, textAt } from '../json.ts';
import { argocd, at, controls, kubernetes, path, stack, until } from '../proof.ts';

/** What a browser sends of each visitor; nothing where it has no session. */
const SESSIONS: Readonly<Record<Visitor, string | null>> = {
  operator: stack.argocd.tokens.operator,
  reader: stack.argocd.tokens.reader,
  neighbour: stack.argocd.tokens.neighbour,
  expired: 'a-token-that-is-none-any-more',
  nobody: null,
};
const POLICY = 'argocd-source-integrity-cm.yaml';

/**
 * The demo's projects, repositories and policy, and those Applications of it, in the real Argo CD; and the demo's page
 * among the files that argocd-server serves, since the binary under test has no user interface inside.
 */
export async function demoInArgocd(
  applications: ReadonlySet<string>,
): Promise<{ readonly host: Host; readonly stop: () => Promise<void> }> {
  const passage = turnstile();
  const served = { charts: '', registry: '' };
  const charts = createChartRepository(() => served.charts, passage.passed);
  const registry = createRegistry(() => served.registry);
  const ports = { charts: await listen(charts, 0), registry: await listen(registry, 0) };
  const folder = await makeWorkingFolder(join(stack.folder, 'demo'), ports);
  Object.assign(served, { charts: folder.charts, registry: folder.registry });
  await serveGit(folder, `http://127.0.0.1:${ports.charts}/storefront-deploy.git`);

  const added = await apply(folder, applications);
  await setPolicy(await policyOf(folder));
  const pages = await writePages(applications);
  await pages('/');
  let rootPath = '/';
  const moveTo = async (to: string): Promise<void> => {
    if (to === rootPath) return;
    rootPath = to;
    await pages(to);
    await controls.restartComponent('server', to === '/' ? {} : { ARGOCD_SERVER_ROOTPATH: to });
  };

  return {
    host: {
      address: new URL(stack.argocd.url),
      folder,
      signIn,
      edit: (manifest, change) => edit(folder, manifest, change),
      holdCharts: passage.hold,
      async moveTo(to) {
        await moveTo(to);
        return new URL(to, stack.argocd.url);
      },
    },
    async stop() {
      await moveTo('/');
      for (const object of added.toReversed()) await kubernetes.delete(object);
      await Promise.all([charts, registry].map(closed));
    },
  };
}

async function signIn(page: Page, who: Visitor): Promise<void> {
  const session = SESSIONS[who];
  const context = page.context();
  await context.clearCookies();
  if (session === null) return;
  const { hostname } = new URL(stack.argocd.url);
  await context.addCookies([{ name: 'argocd.token', value: session, domain: hostname, path: '/' }]);
}

/** The demo has no Git repository: nobody fetches from it there. */
async function serveGit(folder: WorkingFolder, written: string): Promise<void> {
  const { url } = await gitRepository(join(stack.folder, 'git', 'storefront-deploy'), {
    'order-tracking/production.yaml': 'replicas: 2\n',
  });
  for (const name of await readdir(folder.cluster)) {
    const file = join(folder.cluster, name);
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll(written, url));
  }
}

/** Applies the manifests. Answers where those are that no other proof knows of. */
async function apply(folder: WorkingFolder, applications: ReadonlySet<string>): Promise<readonly string[]> {
  const added: string[] = [];
  const objects = await manifestsOf(folder);
  const ofKind = (kind: string): JsonObject[] => objects.filter((object) => textAt(object, 'kind') === kind);
  for (const project of ofKind('AppProject')) {
    const place = path.project(textAt(project, 'metadata', 'name'));
    await kubernetes.apply(place, project);
    added.push(place);
  }
  for (const secret of ofKind('Secret')) {
    const name = `demo-${textAt(secret, 'metadata', 'name')}`;
    const labels = at(secret, 'metadata', 'labels');
    if (!isObject(labels)) throw new Error(`the demo's Secret ${name} has no labels`);
    const metadata = { name, namespace: 'argocd', labels };
    await kubernetes.apply(path.secret(name), { ...secret, metadata });
    added.push(path.secret(name));
  }
  const wanted = ofKind('Application').filter((object) => applications.has(textAt(object, 'metadata', 'name')));
  for (const namespace of new Set(wanted.map((object) => textAt(object, 'spec', 'destination', 'namespace')))) {
    const place = `/api/v1/namespaces/${namespace}`;
    await kubernetes.apply(place, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  }
  for (const object of wanted) await kubernetes.create(path.application(), object);
  return added;
}

/** Without what only the demo needs of them: there, nobody else gives them a uid. */
async function manifestsOf(folder: WorkingFolder): Promise<JsonObject[]> {
  const objects: JsonObject[] = [];
  for (const name of await readdir(folder.cluster)) {
    for (const document of parseAllDocuments(await readFile(join(folder.cluster, name), 'utf8'))) {
      document.deleteIn(['metadata', 'uid']);
      const object: unknown = document.toJS();
      if (isObject(object)) objects.push(object);
    }
  }
  return objects;
}

async function policyOf(folder: WorkingFolder): Promise<JsonObject> {
  const [document] = parseAllDocuments(await readFile(join(folder.cluster, POLICY), 'utf8'));
  const data: unknown = at(document?.toJS(), 'data');
  if (!isObject(data)) throw new Error("the demo's policy has no data");
  return data;
}

/** Of the manifests only the policy is changed; done once the server has seen it. */
async function edit(folder: WorkingFolder, manifest: string, change: (document: Document) => void): Promise<void> {
  if (manifest !== POLICY) throw new Error(`nothing here follows changes of ${manifest}`);
  const file = join(folder.cluster, manifest);
  const [document] = parseAllDocuments(await readFile(file, 'utf8'));
  if (document === undefined) throw new Error(`${manifest} is empty`);
  change(document);
  await writeFile(file, document.toString());
  const before = await policiesSeen();
  await setPolicy(await policyOf(folder));
  await until('the server has seen the policy', async () => (await policiesSeen()) !== before);
}

/** The server's own answer to which policy holds, for a project each. */
async function policiesSeen(): Promise<string> {
  const seen: string[] = [];
  for (const [name, project] of [
    ['search', 'storefront'],
    ['load-test', 'sandbox'],
  ] as const) {
    const headers = { 'argocd-application-name': `argocd:${name}`, 'argocd-project-name': project };
    const policy = await argocd('GET', '/extensions/source-integrity/api/v1/policy', undefined, 'operator', headers);
    if (policy.status !== 200) throw new Error(`${policy.status} ${policy.message}`);
    seen.push(JSON.stringify(policy.body));
  }
  return seen.join('\n');
}

/**
 * Puts the page where argocd-server finds it as a file: at the addresses that Applications have in Argo CD. Its own
 * `index.html`, which it would answer with for any address, is inside the binary.
 */
async function writePages(applications: ReadonlySet<string>): Promise<(base: string) => Promise<void>> {
  const assets = join(stack.folder, 'argocd', 'assets');
  const page = await writeHostPage(assets);
  const folder = join(assets, 'applications', 'argocd');
  await mkdir(folder, { recursive: true });
  return async (base) => {
    for (const name of applications) await writeFile(join(folder, name), page(base));
  };
}
