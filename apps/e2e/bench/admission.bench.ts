/**
 * What admission costs, through a real API server: `npm run bench:admission`. Nothing else should run on the machine:
 * API server, etcd, Argo CD, the product and the one who asks share its cores. Applications are annotated so that Argo
 * CD leaves them alone: measured is the write that asks for a sync, and not the sync.
 */
import { loadavg, cpus } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Kind, KINDS } from '../argocd/artifacts.ts';
import { applyManifests, installed, removeWebhooks, setPolicy, suitePolicy } from '../argocd/install.ts';
import type { JsonObject } from '../argocd/json.ts';
import { FAIR } from '../argocd/link.ts';
import { controls, createApplication, kubernetes, path, source, textAt, until } from '../argocd/proof.ts';
import { note, report, timed, type Timings } from './timing.ts';

const SYNCS = 400;
const SYNC_TURNS = 4;
const STATUS_UPDATES = 10_000;
const STATUS_TURNS = 20;
const CLIENTS = 16;
const SECONDS = 8;
const COLD_STARTS = 5;

const nameOf = (kind: Kind): string => `bench-${KINDS.indexOf(kind)}`;
let round = 0;

/** Asks for a sync as Argo CD's API does: source and revision; another one each time. */
async function askForSync(name: string, from: JsonObject): Promise<number> {
  round += 1;
  const operation = {
    initiatedBy: { username: `round-${round}` },
    retry: {},
    sync: { revision: from['targetRevision'] ?? '', source: from },
  };
  const { status } = await kubernetes.ask(
    'PATCH',
    path.application(name),
    { operation },
    'application/merge-patch+json',
  );
  return status;
}

async function expectSync(name: string, from: JsonObject): Promise<void> {
  const status = await askForSync(name, from);
  if (status !== 200) throw new Error(`the sync of ${name} was answered with ${status}`);
}

async function syncs(kind: Kind): Promise<Timings> {
  const [name, from] = [nameOf(kind), source(kind, 'good')];
  await timed(20, () => expectSync(name, from));
  return timed(SYNCS / SYNC_TURNS, () => expectSync(name, from));
}

async function statusUpdates(updates: number): Promise<Timings> {
  const name = nameOf('Helm over HTTP');
  const update = async (): Promise<void> => {
    round += 1;
    await kubernetes.patch(path.application(name), { status: { reconciledAt: new Date(round * 1000).toISOString() } });
  };
  await timed(100, update);
  return timed(updates, update);
}

async function perSecond(): Promise<number> {
  const end = performance.now() + SECONDS * 1000;
  let done = 0;
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      while (performance.now() < end) {
        await expectSync(`bench-many-${client}`, source('Helm over HTTP', 'good'));
        done += 1;
      }
    }),
  );
  return done / SECONDS;
}

async function install(): Promise<void> {
  await applyManifests('enforce');
  await setPolicy(await suitePolicy());
  await until('the webhooks are asked again', async () => {
    const { status } = await kubernetes.ask(
      'PATCH',
      `${path.application('bench-refused')}?dryRun=All`,
      { operation: { sync: {} } },
      'application/merge-patch+json',
    );
    return status === 403;
  });
}

beforeAll(async () => {
  await installed();
  const left = { metadata: { annotations: { 'argocd.argoproj.io/skip-reconcile': 'true' } } };
  for (const kind of KINDS) await createApplication(nameOf(kind), source(kind, 'good'), left);
  await createApplication('bench-refused', source('plain OCI by key', 'unsigned'), left);
  for (let client = 0; client < CLIENTS; client += 1) {
    await createApplication(`bench-many-${client}`, source('Helm over HTTP', 'good'), left);
  }
  note(`\n${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`);
}, 120_000);

describe('admission', () => {
  test('a sync that is asked for, warm', { timeout: 300_000 }, async () => {
    for (const kind of KINDS) {
      const [plain, guarded]: [number[], number[]] = [[], []];
      for (let turn = 0; turn < SYNC_TURNS; turn += 1) {
        await removeWebhooks();
        plain.push(...(await syncs(kind)));
        await install();
        guarded.push(...(await syncs(kind)));
      }
      report(`a sync, ${kind}, without the webhooks`, plain);
      report(`a sync, ${kind}, with them, warm`, guarded, plain);
    }
  });

  test('requests a second', { timeout: 120_000 }, async () => {
    await removeWebhooks();
    const plain = await perSecond();
    await install();
    await perSecond();
    const guarded = await perSecond();
    note(
      `syncs a second, ${CLIENTS} clients: ${plain.toFixed(0)} without the webhooks, ${guarded.toFixed(0)} with them`,
    );
  });

  test('status updates', { timeout: 1_200_000 }, async () => {
    const [before, guarded]: [number[], number[]] = [[], []];
    // In turns, so that whatever else the machine does hits both.
    for (let turn = 0; turn < STATUS_TURNS; turn += 1) {
      await removeWebhooks();
      before.push(...(await statusUpdates(STATUS_UPDATES / STATUS_TURNS)));
      await install();
      guarded.push(...(await statusUpdates(STATUS_UPDATES / STATUS_TURNS)));
    }
    report(`${STATUS_UPDATES} status updates, without the webhooks`, before);
    report(`${STATUS_UPDATES} status updates, with them`, guarded, before);
  });

  test('a sync that is asked for, cold', { timeout: 300_000 }, async () => {
    await install();
    for (const kind of KINDS) {
      const cold: number[] = [];
      for (let start = 0; start < COLD_STARTS; start += 1) {
        await controls.stopServer();
        await controls.deleteStore();
        await controls.startServer();
        cold.push(...(await timed(1, () => expectSync(nameOf(kind), source(kind, 'good')))));
      }
      report(`a sync, ${kind}, with an empty store`, cold);
    }
  });

  test('while the registry hangs', { timeout: 120_000 }, async () => {
    await controls.stopServer();
    await controls.deleteStore();
    await controls.startServer();
    await controls.disturb('registry', { weather: { kind: 'hanging' }, lies: [] });
    for (const [who, automated] of [
      ['a person', false],
      ['automated sync', true],
    ] as const) {
      const startedAt = performance.now();
      // An artifact that nobody has asked for yet.
      round += 1;
      const from = source('plain OCI by key', 'good');
      const operation = {
        initiatedBy: automated ? { automated: true } : { username: 'somebody' },
        sync: { revision: `sha256:${String(round).padStart(64, '0')}`, source: from },
      };
      const { status, body } = await kubernetes.ask(
        'PATCH',
        path.application(nameOf('plain OCI by key')),
        { operation },
        'application/merge-patch+json',
      );
      note(
        `refusal to ${who} after ${((performance.now() - startedAt) / 1000).toFixed(1)} s: ${textAt(body, 'message')}`,
      );
      expect(status).toBe(403);
    }
    await controls.disturb('registry', FAIR);
  });
});
