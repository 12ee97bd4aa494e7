import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  accountToken,
  clearCaches,
  expired,
  giveToken,
  guardFolder,
  guardRepoServer,
  pullsDecided,
  setKnownPolicy,
  unguardRepoServer,
} from '../guard.ts';
import { installed, suitePolicy } from '../install.ts';
import type { JsonObject } from '../json.ts';
import {
  application,
  compared,
  condition,
  conditionOf,
  controls,
  createApplication,
  deployed,
  heard,
  source,
  stack,
  syncToEnd,
  textAt,
  tidy,
  until,
} from '../proof.ts';
import { Publisher } from '../publisher.ts';

/** What the guard does when it is in trouble, and that it needs nobody to get out of it. */
let publisher: Publisher;
const charts = `${stack.places.charts}/trouble`;
/** Otherwise a failure that came three times is answered for a minute: another proof is about that. */
const AT_ONCE = { ARGOCD_PAUSE_GEN_AFTER_FAILED_ATTEMPTS: '0' };
const IMPATIENT = { ...AT_ONCE, SOURCE_INTEGRITY_GUARD_TIMEOUT_SECONDS: '5' };
const MINUTES = 180_000;

beforeAll(async () => {
  await installed();
  publisher = new Publisher(join(stack.folder, 'troubled-publisher'));
  await publisher.introduce();
  await guardRepoServer(AT_ONCE);
});
beforeEach(() => policy());
afterEach(async () => {
  await controls.ensureServer();
  await tidy();
});
afterAll(async () => {
  await unguardRepoServer();
  await publisher.close();
});

async function policy(more: JsonObject = {}): Promise<void> {
  const entry = { repos: [{ url: charts }], gpg: { mode: 'provenance', keys: [publisher.fingerprint] } };
  const own = JSON.stringify({ helm: { policies: [entry] } });
  await setKnownPolicy(await suitePolicy('enforce', { 'project.default': own, ...more }));
}

let published = 0;

/** A chart that nobody has seen before, well signed, so that it has to be pulled and looked at. */
async function freshChart(): Promise<JsonObject> {
  published += 1;
  const targetRevision = `1.0.${published}`;
  await publisher.publish(join(stack.charts, 'trouble'), 'fresh', targetRevision);
  return { repoURL: charts, chart: 'fresh', targetRevision };
}

/** Synced by itself. */
async function createFresh(name: string): Promise<JsonObject> {
  const from = await freshChart();
  await createApplication(name, from, { automated: true });
  return from;
}

async function deployedByItself(name: string): Promise<void> {
  await until(`${name} is deployed`, async () => (await deployed(name)).includes(`ConfigMap/${name}`), MINUTES);
}

/** Its reason, word for word; and nothing of it is deployed. */
async function unchecked(name: string, because: RegExp): Promise<string> {
  const message = await until(
    `${name} is not rendered because ${String(because)}`,
    async () => {
      const said = await condition(name, 'ComparisonError');
      const isUnchecked = said.includes('source-integrity: The chart was not checked, because ');
      return isUnchecked && because.test(said) ? said : null;
    },
    MINUTES,
  );
  expect(await deployed(name)).toEqual([]);
  return message;
}

/** Until the repo-server has the archive, so that its guard asks. */
async function pulledByArgoCD(...sources: readonly JsonObject[]): Promise<void> {
  const wanted = new Set(sources.map((from) => `/trouble/fresh-${textAt(from, 'targetRevision')}.tgz`));
  await until('the repo-server has pulled', async () => {
    for (const { from, path } of await controls.passed('charts')) if (from === 'argocd') wanted.delete(path);
    return wanted.size === 0;
  });
}

describe("the guard's token", () => {
  const NO_TOKENS = [
    [
      'has expired',
      async () => expired(await accountToken()),
      /the server answered 401, so that this guard is not let in/,
    ],
    ['is for another audience', () => accountToken('argocd-repo-server', 'somebody-else'), /the server answered 401/],
    [
      'is of another account',
      () => accountToken('argocd-server'),
      /the server answered 403, so that this guard is not/,
    ],
    ['is gone', () => Promise.resolve(null), /the guard cannot read its token or its authority \(ENOENT\)/],
  ] as const;

  test('is none: what the policy concerns is refused with that reason, and rendered with a new token', async () => {
    // The guard knows the policy.
    await createFresh('token-before');
    await deployedByItself('token-before');
    const name = 'token';
    const from = await freshChart();
    try {
      for (const [what, bad, reason] of NO_TOKENS) {
        await giveToken(await bad());
        if (what === NO_TOKENS[0][0]) await createApplication(name, from, { automated: true });
        await compared(name, 'hard');
        const message = await unchecked(name, reason);
        heard(`verified pull: the token ${what}`, message);
      }
    } finally {
      await giveToken(await accountToken());
    }
    await deployedByItself(name);
  });
});

describe("the guard's volume", () => {
  const folder = join(stack.folder, 'small-volume');
  const state = join(folder, 'state');
  const script = (name: string, lines: string): Promise<void> =>
    writeFile(join(folder, name), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });

  /** Nothing that the guard itself writes fits; what Helm writes does. */
  const full = {
    make: () => script('helm', `ulimit -S -f 0\nexec "${guardFolder}/helm" "$@"`),
    clear: () => script('helm', `exec "${guardFolder}/helm" "$@"`),
  };
  const obstructed = {
    make: async () => {
      await full.clear();
      await rm(state, { recursive: true, force: true });
      await writeFile(state, 'not a folder');
    },
    clear: () => rm(state),
  };
  afterAll(() => guardRepoServer(AT_ONCE));

  test.each([
    ['full', full, /this guard has not seen a policy yet, or could not keep it/],
    ['not there', obstructed, /the policy that this guard keeps cannot be read \(ENOTDIR\)/],
  ] as const)(
    'is %s: what the server allows is rendered; without the server nothing is, with the reason',
    async (what, volume, reason) => {
      const name = `volume-${what.replaceAll(' ', '-')}`;
      await mkdir(folder, { recursive: true });
      await script('real-helm', `ulimit -S -f unlimited\nexec "${stack.tools.helm}" "$@"`);
      await volume.make();
      await guardRepoServer({
        ...IMPATIENT,
        PATH: `${folder}:${stack.tools.repoServerPath}:/usr/local/bin:/usr/bin:/bin`,
        SOURCE_INTEGRITY_GUARD_HELM: join(folder, 'real-helm'),
        SOURCE_INTEGRITY_GUARD_STATE_DIR: state,
      });
      await createFresh(`${name}-served`);
      await deployedByItself(`${name}-served`);
      expect(await readdir(state).catch(() => [])).toEqual([]);

      await controls.stopServer();
      await createFresh(name);
      heard(`verified pull: the volume is ${what}, and the server is away`, await unchecked(name, reason));

      await volume.clear();
      await controls.ensureServer();
      await deployedByItself(name);
      // A pull that had begun before may have been the one that was answered.
      expect(conditionOf(await compared(name, 'hard'), 'ComparisonError')).toBe('');
      expect(await readdir(state)).toEqual(['policy.json']);
    },
  );
});

describe('the server', () => {
  test('is slow: the guard waits, and what is good is rendered', async () => {
    const name = 'server-slow';
    await controls.passed('charts');
    await controls.freezeServer();
    const from = await createFresh(name);
    await pulledByArgoCD(from);
    expect(await condition(name, 'ComparisonError')).toBe('');
    await controls.thawServer();
    await deployedByItself(name);
  });

  test('is too slow: that is said, and what is good is rendered once it answers', async () => {
    const name = 'server-too-slow';
    await guardRepoServer(IMPATIENT);
    await controls.freezeServer();
    await createFresh(name);
    heard(
      'verified pull: the server is too slow',
      await unchecked(name, /because the server (?:does not answer in time|cannot be reached \(ETIMEDOUT\))/),
    );
    await controls.thawServer();
    await deployedByItself(name);
    await guardRepoServer(AT_ONCE);
  });

  test('is restarted in the midst of pulls: each of them gets its answer', async () => {
    const names = ['midst-0', 'midst-1', 'midst-2'];
    await controls.passed('charts');
    await controls.freezeServer();
    const sources = [];
    for (const name of names) sources.push(await createFresh(name));
    await pulledByArgoCD(...sources);
    await controls.killServer();
    await controls.ensureServer();
    for (const name of names) await deployedByItself(name);
  });

  test('is away, and the policy lets pass what was verified a while ago: those bytes, and no others', async () => {
    await policy({ guardUnavailable: 'allowVerified' });
    const name = 'away-verified';
    const from = await createFresh(name);
    await deployedByItself(name);
    // The policy may have been seen only with that pull: the next one brings a receipt that is by it.
    await until('it is pulled once more', async () => {
      return conditionOf(await compared(name, 'hard'), 'ComparisonError') === '';
    });
    await guardRepoServer(IMPATIENT);
    await clearCaches();
    await controls.passed('charts');
    await controls.stopServer();
    await createApplication(`${name}-again`, from);
    await pulledByArgoCD(from);
    await until('what was verified is rendered', async () => {
      const found = await application(`${name}-again`);
      const status = textAt(found, 'status', 'sync', 'status');
      return status === 'OutOfSync' && conditionOf(found, 'ComparisonError') === '';
    });
    await createFresh('away-unknown');
    heard(
      'verified pull: the server is away, and the chart was never verified',
      await unchecked('away-unknown', /the server cannot be reached/),
    );
    await controls.ensureServer();
    await deployedByItself('away-unknown');
    await guardRepoServer(AT_ONCE);
  });
});

describe('plain oci:// sources', () => {
  const PLAIN = [
    ['plain OCI by key', 'plain-keyed'],
    ['plain OCI keyless', 'plain-keyless'],
  ] as const;

  test('are pulled by Argo CD itself, by the digest that was verified: the guard asks nothing', async () => {
    const before = await pullsDecided();
    for (const [kind, name] of PLAIN) {
      await createApplication(name, source(kind, 'good'));
      expect(await syncToEnd(name)).toBe('Succeeded');
      expect(textAt(await application(name), 'status', 'sync', 'revision')).toMatch(/^sha256:[0-9a-f]{64}$/);
    }
    expect(await pullsDecided()).toEqual(before);
  });

  test('are rendered while the guard has nobody to ask', async () => {
    await clearCaches();
    await controls.stopServer();
    for (const [kind, name] of PLAIN) {
      await createApplication(`${name}-alone`, source(kind, 'good'));
      const found = await until(`${name} is compared`, async () => {
        const each = await application(`${name}-alone`);
        return textAt(each, 'status', 'sync', 'status') === '' ? null : each;
      });
      expect(conditionOf(found, 'ComparisonError')).toBe('');
      expect(textAt(found, 'status', 'sync', 'status')).toBe('OutOfSync');
    }
  });
});

test('no log of the repo-server tells the token', async () => {
  const log = await readFile(join(stack.folder, 'logs', 'argocd-repo-server.log'), 'utf8');
  expect(log).not.toContain(await readFile(join(guardFolder, 'token'), 'utf8'));
});
