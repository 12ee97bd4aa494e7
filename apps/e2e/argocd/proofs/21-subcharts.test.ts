import { copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { forgedChart, releaseKey } from '../artifacts.ts';
import { CERTIFICATES, type Door, openDoor } from '../door.ts';
import { gitRepository } from '../git.ts';
import { guardRepoServer, pullsDecided, setKnownPolicy, trustAuthority, unguardRepoServer } from '../guard.ts';
import { installed, suitePolicy } from '../install.ts';
import { FAIR } from '../link.ts';
import {
  compared,
  condition,
  conditionOf,
  controls,
  createApplication,
  deployed,
  heard,
  ran,
  refresh,
  registry,
  stack,
  syncToEnd,
  tidy,
  until,
} from '../proof.ts';

/** Charts in Git, whose subcharts the repo-server has downloaded by `helm dependency build`. */
/** Otherwise a failure that came three times is answered for a minute: another proof is about that. */
const AT_ONCE = { ARGOCD_PAUSE_GEN_AFTER_FAILED_ATTEMPTS: '0' };
let https: Door;
const GOOD = { chart: 'payments', version: '1.4.2', archive: 'payments-1.4.2.tgz' } as const;
let good: Buffer;
let forged: Buffer;

beforeAll(async () => {
  await installed();
  https = await openDoor(stack.places.charts, { tls: CERTIFICATES.localhost });
  await trustAuthority('localhost', CERTIFICATES.localhost.cert);
  good = await readFile(join(stack.charts, 'charts', GOOD.archive));
  forged = await forgedChart(stack.tools.helm, GOOD.chart, GOOD.version);
  await guardRepoServer(AT_ONCE);
});
beforeEach(async () => {
  const overTls = { repos: [{ url: `${repositoryOf('HTTPS')}/*` }, { url: repositoryOf('HTTPS') }] };
  const gpg = { mode: 'provenance', keys: [await releaseKey()] };
  const own = JSON.stringify({ helm: { policies: [{ ...overTls, gpg }] } });
  await setKnownPolicy(await suitePolicy('enforce', { 'project.default': own }));
  await controls.ensureServer();
});
afterEach(async () => {
  await controls.disturb('charts', FAIR);
  await writeFile(join(stack.charts, 'charts', GOOD.archive), good);
});
afterAll(async () => {
  await tidy();
  await unguardRepoServer();
  await https.close();
});

type Way = 'HTTP' | 'HTTPS' | 'registry';

function repositoryOf(way: Way): string {
  switch (way) {
    case 'HTTP':
      return `${stack.places.charts}/charts`;
    case 'HTTPS':
      return `https://localhost:${https.port}/charts`;
    case 'registry':
      return `oci://${stack.places.registry}/charts`;
  }
}

interface Subchart {
  readonly name: string;
  readonly version: string;
  /** Empty: it lies in `charts/` as a folder. */
  readonly repository: string;
}

/** Files of a chart with one ConfigMap `<release>-own`. */
async function writeChart(folder: string, name: string, subcharts: readonly Subchart[]): Promise<void> {
  await mkdir(join(folder, 'templates'), { recursive: true });
  const metadata = { apiVersion: 'v2', name, version: '0.1.0', dependencies: subcharts };
  await writeFile(join(folder, 'Chart.yaml'), JSON.stringify(metadata));
  await writeFile(
    join(folder, 'templates', 'own.yaml'),
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-own-${name}\ndata: {}\n`,
  );
}

/** The Chart.lock that Helm itself writes. */
async function writeLock(folder: string, scratch: string): Promise<void> {
  const copy = join(scratch, 'to-lock');
  await cp(folder, copy, { recursive: true });
  const trusted = join(scratch, 'ca.pem');
  await writeFile(trusted, CERTIFICATES.localhost.cert);
  const { code, output } = await ran(stack.tools.helm, ['dependency', 'build', copy, '--plain-http'], {
    HOME: scratch,
    SSL_CERT_FILE: trusted,
  });
  expect(code, output).toBe(0);
  await copyFile(join(copy, 'Chart.lock'), join(folder, 'Chart.lock'));
}

interface InGit {
  readonly subcharts: readonly Subchart[];
  readonly isLocked: boolean;
  /** What else is committed. */
  readonly vendor?: (charts: string) => Promise<void>;
}

/** An Application of a chart in a Git repository of its own. */
async function createFromGit(name: string, { subcharts, isLocked, vendor }: InGit): Promise<void> {
  const folder = join(stack.folder, 'git', name);
  const scratch = join(stack.folder, 'scratch', name);
  await mkdir(scratch, { recursive: true });
  await writeChart(folder, 'shop', subcharts);
  if (vendor !== undefined) {
    await mkdir(join(folder, 'charts'));
    await vendor(join(folder, 'charts'));
  }
  if (isLocked) await writeLock(folder, scratch);
  const git = await gitRepository(folder, {});
  await createApplication(name, { repoURL: git.url, targetRevision: 'main', path: '.' });
}

const refused = (name: string): Promise<string> =>
  until(`${name} is refused by the guard`, async () => {
    const message = await condition(name, 'ComparisonError');
    return message.includes('source-integrity: ') ? message : null;
  });

/** As an administrator does who has cleared Argo CD's caches: what the server saw would keep the version refused. */
async function forgetWhatWasServed(): Promise<void> {
  await controls.stopServer();
  await controls.deleteStore();
  await controls.ensureServer();
}

/** Once there is nothing against it any more. */
async function deploys(name: string): Promise<readonly string[]> {
  await until(`${name} is rendered`, async () => conditionOf(await compared(name, 'hard'), 'ComparisonError') === '');
  await until(`${name} is synced`, async () => {
    const ended = await syncToEnd(name);
    return ended === 'Succeeded' ? true : Promise.reject(new Error(ended));
  });
  return deployed(name);
}

async function replace(way: Way): Promise<() => Promise<void>> {
  if (way !== 'registry') {
    const file = join(stack.charts, 'charts', GOOD.archive);
    await writeFile(file, forged);
    return () => writeFile(file, good);
  }
  const before = await registry.digest('charts/payments', GOOD.version);
  const folder = join(stack.folder, 'scratch', 'pushed');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, GOOD.archive), forged);
  const to = `oci://${stack.places.registry}/charts`;
  const pushed = await ran(stack.tools.helm, ['push', join(folder, GOOD.archive), to, '--plain-http'], {
    HOME: folder,
  });
  expect(pushed.code, pushed.output).toBe(0);
  return async () => void (await registry.tag('charts/payments', before, GOOD.version));
}

/** Argo CD cannot follow a Chart.lock to a repository over plain HTTP. */
const FORMS = [
  ['a repository over HTTP, without Chart.lock', 'HTTP', false],
  ['a repository over HTTPS, by Chart.lock', 'HTTPS', true],
  ['a repository over HTTPS, without Chart.lock', 'HTTPS', false],
  ['a registry, by Chart.lock', 'registry', true],
  ['a registry, without Chart.lock', 'registry', false],
] as const;

describe('a subchart that the repo-server downloads from', () => {
  describe.each(FORMS)('%s', (form, way, isLocked) => {
    const at = FORMS.findIndex(([each]) => each === form);
    const payments = (): Subchart => ({ name: GOOD.chart, version: GOOD.version, repository: repositoryOf(way) });

    test('is deployed with its chart where it is good', async () => {
      const name = `sub-good-${at}`;
      const before = await pullsDecided();
      await createFromGit(name, { subcharts: [payments()], isLocked });
      expect(await deploys(name)).toEqual(expect.arrayContaining([`ConfigMap/${name}`, `ConfigMap/${name}-own-shop`]));
      expect((await pullsDecided()).allow).toBeGreaterThan(before.allow);
    });

    test('is refused where it was replaced, with all of its chart, and deployed once it is the right one again', async () => {
      const name = `sub-replaced-${at}`;
      const restore = await replace(way);
      try {
        await createFromGit(name, { subcharts: [payments()], isLocked });
        const message = await refused(name);
        heard(`verified pull: a subchart was replaced in ${form}`, message);
        expect(message).toContain('source-integrity: Chart payments 1.4.2');
        expect(await syncToEnd(name)).not.toBe('Succeeded');
        expect(await deployed(name)).toEqual([]);
      } finally {
        await restore();
      }
      await forgetWhatWasServed();
      const found = await deploys(name);
      expect(found).toContain(`ConfigMap/${name}-own-shop`);
      expect(found).not.toContain(`ConfigMap/${name}-forged`);
    });
  });

  test('a repository that shows Helm other bytes than the server is refused with both digests', async () => {
    const name = 'sub-lie';
    const other = join(stack.charts, 'charts', 'other.tgz');
    const bare = join(stack.charts, 'charts', 'bare.yaml');
    await writeFile(other, forged);
    await writeFile(
      bare,
      'apiVersion: v1\nentries:\n  payments:\n  - {apiVersion: v2, name: payments, version: 1.4.2, urls: [payments-1.4.2.tgz]}\n',
    );
    await controls.disturb('charts', {
      ...FAIR,
      lies: [
        { path: '/charts/payments-1.4.2.tgz', instead: '/charts/other.tgz', to: 'argocd' },
        { path: '/charts/index.yaml', instead: '/charts/bare.yaml', to: 'everybody' },
      ],
    });
    try {
      const repository = repositoryOf('HTTP');
      await createFromGit(name, { subcharts: [{ name: 'payments', version: '1.4.2', repository }], isLocked: false });
      const message = await refused(name);
      heard('verified pull: a repository that lies about a subchart', message);
      expect(message.match(/sha256:[0-9a-f]{64}/g)?.length).toBeGreaterThanOrEqual(2);
      expect(await deployed(name)).toEqual([]);
    } finally {
      await rm(other);
      await rm(bare);
    }
    await controls.disturb('charts', FAIR);
    expect(await deploys(name)).not.toContain(`ConfigMap/${name}-forged`);
  });

  test('one that nobody has signed is refused', async () => {
    const name = 'sub-unsigned';
    const notifications = { name: 'notifications', version: '0.4.2', repository: repositoryOf('HTTP') };
    await createFromGit(name, { subcharts: [notifications], isLocked: false });
    expect(await refused(name)).toContain('source-integrity: Chart notifications 0.4.2');
    await refresh(name, 'hard');
    expect(await syncToEnd(name)).not.toBe('Succeeded');
    expect(await deployed(name)).toEqual([]);
  });
});

describe('a subchart that lies in Git', () => {
  // Whatever was still going on for another proof has ended, and is not counted.
  beforeAll(async () => {
    await tidy();
    await guardRepoServer(AT_ONCE);
    await controls.stopServer();
    await controls.ensureServer();
  });
  const packed = async (charts: string): Promise<void> => writeFile(join(charts, GOOD.archive), forged);
  const unpacked = async (charts: string): Promise<void> => writeChart(join(charts, 'vendored'), 'vendored', []);
  const VENDORED = { name: 'vendored', version: '0.1.0', repository: '' } as const;

  test.each([
    ['with Chart.lock', true],
    ['without Chart.lock', false],
  ] as const)(
    'as an archive, %s, is left as it is, and nobody is asked: the commit stands for it',
    async (_, isLocked) => {
      const name = `sub-vendored-${isLocked ? 'locked' : 'free'}`;
      const before = await pullsDecided();
      const payments = { name: GOOD.chart, version: GOOD.version, repository: repositoryOf('HTTPS') };
      await createFromGit(name, { subcharts: [payments], isLocked, vendor: packed });
      // The bytes of the commit, which are not those of the repository.
      expect(await deploys(name)).toEqual([`ConfigMap/${name}-forged`, `ConfigMap/${name}-own-shop`]);
      expect(await pullsDecided()).toEqual(before);
    },
  );

  test.each([
    ['with Chart.lock', true],
    ['without Chart.lock', false],
  ] as const)('as a folder, %s, stays beside one that is downloaded and looked at', async (_, isLocked) => {
    const name = `sub-mixed-${isLocked ? 'locked' : 'free'}`;
    const payments = { name: GOOD.chart, version: GOOD.version, repository: repositoryOf('HTTPS') };
    const restore = await replace('HTTPS');
    try {
      await createFromGit(name, { subcharts: [VENDORED, payments], isLocked, vendor: unpacked });
      expect(await refused(name)).toContain('source-integrity: Chart payments 1.4.2');
      expect(await deployed(name)).toEqual([]);
    } finally {
      await restore();
    }
    await forgetWhatWasServed();
    const found = await deploys(name);
    for (const each of [name, `${name}-own-shop`, `${name}-own-vendored`]) expect(found).toContain(`ConfigMap/${each}`);
  });
});
