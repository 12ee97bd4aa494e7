import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Kind, KINDS } from '../artifacts.ts';
import { installed, running } from '../install.ts';
import { type Conditions, FAIR, type Lie } from '../link.ts';
import {
  application,
  condition,
  conditionOf,
  controls,
  createApplication,
  deployed,
  heard,
  kubernetes,
  path,
  registry,
  source,
  stack,
  sync,
  syncToEnd,
  textAt,
  tidy,
  until,
} from '../proof.ts';
import { forgeries, settled } from '../tenant.ts';

const DAY = 24 * 60 * 60 * 1000;
const certificates = path.secret('source-integrity-certificates');

beforeAll(() => installed());
// No fault changes what is installed.
beforeEach(() => running());
afterEach(async () => {
  await controls.disturb('registry', FAIR);
  await controls.disturb('charts', FAIR);
  await tidy();
});
afterAll(() => controls.ensureServer());

/** Applications of a fault: one good, one tampered and one unsigned of each kind, all synced by themselves. */
class Fleet {
  readonly #name: string;
  readonly #kinds: readonly Kind[];

  constructor(name: string, kinds: readonly Kind[] = KINDS) {
    this.#name = name;
    this.#kinds = kinds;
  }

  get good(): readonly string[] {
    return this.#kinds.map((_, k) => `${this.#name}-good-${k}`);
  }

  get bad(): readonly string[] {
    return this.#kinds.flatMap((_, k) => [`${this.#name}-tampered-${k}`, `${this.#name}-unsigned-${k}`]);
  }

  async create(): Promise<void> {
    const automated = { automated: true };
    for (const [k, kind] of this.#kinds.entries()) {
      await createApplication(`${this.#name}-good-${k}`, source(kind, 'good'), automated);
      await createApplication(`${this.#name}-tampered-${k}`, source(kind, 'tampered'), automated);
      await createApplication(`${this.#name}-unsigned-${k}`, source(kind, 'unsigned'), automated);
    }
  }

  /** Not as Argo CD has tried by itself, nor as somebody asks for it. */
  async nothingBad(): Promise<void> {
    const asked = await Promise.all(this.bad.map((name) => sync(name)));
    expect(asked.filter(({ status }) => status === 200)).toEqual([]);
    heard(`fault: ${this.#name}`, asked[0]?.message ?? '');
    for (const name of this.bad) {
      await until(`${name} was tried`, async () => {
        const found = await application(name);
        return conditionOf(found, 'SyncError') !== '' || conditionOf(found, 'ComparisonError') !== '';
      });
    }
    await this.expectNothingBad();
  }

  async expectNothingBad(): Promise<void> {
    for (const name of this.bad) expect(await deployed(name), name).toEqual([]);
  }

  /** By themselves. */
  async goodDeployed(): Promise<void> {
    for (const name of this.good) {
      await until(`${name} is deployed`, async () => (await deployed(name)).length > 0);
    }
  }
}

/** In a fault, and after it. */
async function through(fleet: Fleet, during: () => Promise<void>, end: () => Promise<void>): Promise<void> {
  await fleet.create();
  await fleet.nothingBad();
  await during();
  await end();
  await fleet.goodDeployed();
  await fleet.expectNothingBad();
}

const nothingGood = (fleet: Fleet) => async (): Promise<void> => {
  for (const name of fleet.good) expect(await deployed(name), name).toEqual([]);
};

describe('10. the server', () => {
  test('is killed: nothing is deployed until it runs again, and then what is good', async () => {
    const fleet = new Fleet('killed');
    await controls.killServer();
    await through(fleet, nothingGood(fleet), () => controls.ensureServer());
  });

  test('is restarted while it is asked', async () => {
    const fleet = new Fleet('restarted');
    await fleet.create();
    await controls.killServer();
    await controls.ensureServer();
    await controls.stopServer();
    await controls.ensureServer();
    await fleet.goodDeployed();
    await fleet.nothingBad();
  });

  test('is frozen: the API server waits as long as it is told, and nothing is deployed', async () => {
    const fleet = new Fleet('frozen', ['plain OCI by key']);
    await controls.freezeServer();
    await through(fleet, nothingGood(fleet), () => controls.thawServer());
  });

  test.each([
    ['two hours ahead', DAY / 12],
    ['two hours behind', -DAY / 12],
    ['400 days ahead', 400 * DAY],
    ['400 days behind', -400 * DAY],
  ])('has a clock that is %s, and then one that is right', async (what, clockAheadMs) => {
    const fleet = new Fleet(`clock-${what.replaceAll(' ', '-')}`);
    await controls.startServer({ clockAheadMs });
    await through(
      fleet,
      () => Promise.resolve(),
      () => controls.ensureServer(),
    );
  });

  test('has lost its store', async () => {
    const fleet = new Fleet('storeless');
    await controls.killServer();
    await controls.deleteStore();
    await controls.ensureServer();
    await fleet.create();
    await fleet.nothingBad();
    await fleet.goodDeployed();
  });
});

describe('10. the certificate of the webhooks', () => {
  const authority = async (): Promise<string> => textAt(await kubernetes.get(certificates), 'data', 'ca.crt');
  const empty = (): Promise<unknown> =>
    kubernetes.patch(certificates, { data: { 'ca.crt': null, 'ca.key': null, 'tls.crt': null, 'tls.key': null } });

  test('is replaced, authority and all, without a restart or a sync that fails', async () => {
    const before = await authority();
    await createApplication('rotated', source('plain OCI by key', 'good'));
    await createApplication('rotated-bad', source('plain OCI by key', 'tampered'));
    await empty();
    await until('there is another authority, and syncs go through all the time', async () => {
      expect(await syncToEnd('rotated')).toBe('Succeeded');
      expect((await sync('rotated-bad')).message).toContain('"gate.source-integrity.io" denied the request');
      const now = await authority();
      return now !== '' && now !== before;
    });
    expect(await syncToEnd('rotated')).toBe('Succeeded');
    expect((await sync('rotated-bad')).message).toContain('"gate.source-integrity.io" denied the request');
    expect(await deployed('rotated-bad')).toEqual([]);
  });

  test('has expired: nothing is deployed, and it is renewed', async () => {
    await controls.stopServer();
    await empty();
    // Issued by a clock that is behind, it has ended long ago.
    await controls.startServer({ clockAheadMs: -400 * DAY });
    const fleet = new Fleet('expired');
    await fleet.create();
    const refused = await sync(fleet.good[0] ?? '');
    heard('the certificate of the webhooks has expired', refused.message);
    expect(refused.message).toContain('certificate has expired or is not yet valid');
    await fleet.nothingBad();
    await nothingGood(fleet)();
    await controls.ensureServer();
    await fleet.goodDeployed();
    await fleet.expectNothingBad();
  });
});

describe('10. registry and repository', () => {
  const both = async (conditions: Conditions): Promise<void> => {
    await controls.disturb('registry', conditions);
    await controls.disturb('charts', conditions);
  };

  test.each([
    ['are down', { kind: 'down' }],
    ['do not answer', { kind: 'hanging' }],
    ['are slow', { kind: 'slow', ms: 1500 }],
  ] as const)('%s: nothing bad is deployed, and what is good once they are there', async (what, weather) => {
    const fleet = new Fleet(what.replaceAll(' ', '-'));
    await both({ ...FAIR, weather });
    await fleet.create();
    await sleep(5000);
    await fleet.expectNothingBad();
    await both(FAIR);
    await fleet.goodDeployed();
    await fleet.nothingBad();
  });

  test('refusals while a registry does not answer come within the time of the webhook, and name it', async () => {
    const name = 'unanswered';
    const from = source('plain OCI by key', 'good');
    await both({ ...FAIR, weather: { kind: 'hanging' } });
    // Nothing about this one is known yet.
    await registry.push('keyed/unanswered', '1.0.0', []);
    const repoURL = `oci://${stack.places.registry}/keyed/unanswered`;
    await createApplication(name, { ...from, repoURL });
    const { status, body } = await kubernetes.ask(
      'PATCH',
      path.application(name),
      { operation: { sync: {} } },
      'application/merge-patch+json',
    );
    heard('a registry that does not answer', textAt(body, 'message'));
    expect(status).toBe(403);
    expect(textAt(body, 'message')).toContain('"gate.source-integrity.io" denied the request');
    expect(await condition(name, 'SyncError')).toBe('');
  });

  test.each(['source-integrity', 'argocd'] as const)('the registry lies to %s', async (to) => {
    const name = `lies-to-${to}`;
    const [good, tampered] = [
      await registry.digest('keyed/good', '1.0.0'),
      await registry.digest('keyed/tampered', '1.0.0'),
    ];
    const at = (repository: string, reference: string): string => `/v2/keyed/${repository}/manifests/${reference}`;
    const lies: readonly Lie[] =
      to === 'argocd'
        ? [
            { path: at('good', '1.0.0'), instead: at('tampered', '1.0.0'), to },
            { path: at('good', good), instead: at('tampered', tampered), to },
          ]
        : [
            { path: at('tampered', '1.0.0'), instead: at('good', '1.0.0'), to },
            { path: at('tampered', tampered), instead: at('good', good), to },
            { path: at('tampered', good), instead: at('good', good), to },
          ];
    await controls.disturb('registry', { ...FAIR, lies });
    // Nothing is known of it from before, to either.
    await controls.stopServer();
    await controls.deleteStore();
    await controls.ensureServer();
    await controls.restartComponent('repo-server');
    const from = source('plain OCI by key', to === 'argocd' ? 'good' : 'tampered');
    await createApplication(name, from, { automated: true });
    await createApplication(`${name}-asked`, from);
    const asked = await syncToEnd(`${name}-asked`);
    heard(`a registry that lies to ${to}`, asked);
    await settled(name);
    for (const each of [name, `${name}-asked`]) expect(await forgeries(each)).toEqual([]);

    await controls.disturb('registry', FAIR);
    if (to === 'argocd') {
      await until('what is good is deployed', async () => (await deployed(name)).includes('ConfigMap/dns-zones'));
    } else {
      expect((await sync(`${name}-asked`)).status).toBe(403);
      expect(await forgeries(name)).toEqual([]);
    }
  });
});
