import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Job, Report } from '@source-integrity/core/contract';
import { onTestFinished } from 'vitest';
import { type Config, loadConfig } from '../../src/config/config.ts';
import { createLogger } from '../../src/logger.ts';
import { type RunningServer, startServer } from '../../src/main.ts';
import { type ChartRepository, startChartRepository } from './chart-repository.ts';
import { application, configMap, type Manifest, project } from './manifests.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { createSigner, type Signer } from './signer.ts';

export const TOKEN = 'the-token-in-force-0123456789';
export const PREVIOUS_TOKEN = 'the-token-before-0123456789';

/** A cluster's objects in a folder; what is put is seen by the next request. */
interface ClusterFolder {
  readonly put: (name: string, ...manifests: readonly object[]) => void;
  readonly remove: (name: string) => void;
}

export interface World {
  readonly config: Config;
  readonly server: RunningServer;
  /** A second opening of the server's database, as the command line has it. */
  readonly store: Store;
  readonly cluster: ClusterFolder;
  readonly repository: ChartRepository;
  /** Whose key is in the ring and in the policy. */
  readonly release: Signer;
  /** Whose key is in the ring, and in no policy. */
  readonly colleague: Signer;
  /** Whose key is nowhere. */
  readonly stranger: Signer;
  /** Milliseconds since 1970 that the server takes for now. */
  readonly clock: { now: number };
  /** Everything that was logged. */
  readonly log: () => string;
  /** The policy of project `shop`, from an entry's YAML; the rest of the ConfigMap stays. */
  readonly policy: (data: Readonly<Record<string, string>>) => void;
  readonly keys: (...signers: readonly Signer[]) => void;
  /** Puts an Application with one chart of the repository, and answers it. */
  readonly payments: (more?: Readonly<Record<string, unknown>>) => Manifest;
}

export interface WorldOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, string>>;
  readonly config?: (config: Config) => Config;
}

/**
 * The real server on free ports of loopback, with a folder of manifests and a chart repository: payments 1.4.2 is
 * published and signed by `release`, and project `shop` requires that signature. All of it ends with the test.
 */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'source-integrity-'));
  const data = mkdtempSync(join(tmpdir(), 'source-integrity-data-'));
  const repository = await startChartRepository();
  const [release, colleague, stranger] = signers();
  const clock = { now: Date.now() };
  const cluster: ClusterFolder = {
    put(name, ...manifests) {
      const list = { apiVersion: 'v1', kind: 'List', items: manifests };
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(manifests.length === 1 ? manifests[0] : list));
    },
    remove: (name) => unlinkSync(join(folder, `${name}.json`)),
  };
  const policy: World['policy'] = (data) => cluster.put('policy', configMap('argocd-source-integrity-cm', data));
  const keys: World['keys'] = (...ring) =>
    cluster.put(
      'keys',
      configMap('argocd-gpg-keys-cm', Object.fromEntries(ring.map(({ keyId, armored }) => [keyId, armored]))),
    );
  const payments: World['payments'] = (more = {}) => {
    const made = application({ name: 'payments', spec: { source: chartSource(repository.url) }, ...more });
    cluster.put('payments', made);
    return made;
  };
  cluster.put('projects', project('shop', { sourceRepos: ['*'] }));
  policy({ 'project.shop': requiring(repository.url, release) });
  keys(release, colleague);
  payments();
  await repository.publish({ name: 'payments', version: '1.4.2', signer: release });

  const lines: string[] = [];
  const loaded = loadConfig(
    {
      'cluster-dir': folder,
      'api-listen': '127.0.0.1:0',
      'admission-listen': '127.0.0.1:0',
      'operations-listen': '127.0.0.1:0',
      'data-dir': data,
      tuf: 'off',
      'log-level': 'trace',
      // How soon there is a verdict is the machine's affair, but where a test is about the time there is for it.
      'automated-budget-ms': '25000',
      'interactive-budget-ms': '25000',
      ...options.flags,
    },
    { SOURCE_INTEGRITY_TOKEN: TOKEN, SOURCE_INTEGRITY_TOKEN_PREVIOUS: PREVIOUS_TOKEN, ...options.environment },
  );
  if ('faults' in loaded) throw new Error(JSON.stringify(loaded.faults));
  const config = options.config?.(loaded.config) ?? loaded.config;
  const logger = createLogger('trace', { write: (line) => void lines.push(line) });
  const server = await startServer(config, logger, () => new Date(clock.now));
  const store = openSqliteStore(data);
  onTestFinished(async () => {
    await repository.close();
    await server.close();
    await store.close();
    rmSync(folder, { recursive: true });
    rmSync(data, { recursive: true });
  });
  return {
    config,
    server,
    store,
    cluster,
    repository,
    release,
    colleague,
    stranger,
    clock,
    log: () => lines.join(''),
    policy,
    keys,
    payments,
  };
}

export function chartSource(repoURL: string, more: object = {}): object {
  return { repoURL, chart: 'payments', targetRevision: '1.4.2', ...more };
}

/** An entry of the policy, as YAML, that requires one of these signatures on everything below `url`. */
export function requiring(url: string, ...signed: readonly Signer[]): string {
  const keys = signed.map(({ fingerprint }) => `"${fingerprint}"`).join(', ');
  return `helm: {policies: [{repos: [{url: "${url}*"}], gpg: {mode: provenance, keys: [${keys}]}}]}`;
}

/** The same keys for all tests of a file: they differ in nothing that a test could change. */
let made: readonly [Signer, Signer, Signer] | undefined;
function signers(): readonly [Signer, Signer, Signer] {
  made ??= [
    createSigner('Release <release@shop.example>'),
    createSigner('Colleague <colleague@shop.example>'),
    createSigner('Stranger <stranger@elsewhere.example>'),
  ];
  return made;
}

export const HEADERS: Readonly<Record<string, string>> = {
  authorization: TOKEN,
  'argocd-application-name': 'argocd:payments',
  'argocd-project-name': 'shop',
};

/** Asks the API as argocd-server's proxy does. */
export function ask(
  { server }: Pick<World, 'server'>,
  path: string,
  { headers = HEADERS, ...init }: Omit<RequestInit, 'headers'> & { headers?: Readonly<Record<string, string>> } = {},
): Promise<Response> {
  return fetch(`${server.addresses.api}/api/v1${path}`, { ...init, headers: { ...headers } });
}

export async function report(world: Pick<World, 'server'>, headers = HEADERS): Promise<Report> {
  const response = await ask(world, '/report', { headers });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return Report.parse(await response.json());
}

/** Presses Re-verify and waits for the end. */
export async function reverify(world: Pick<World, 'server'>): Promise<void> {
  const asked = await ask(world, '/verifications', { method: 'POST' });
  if (asked.status !== 202) throw new Error(`${asked.status} ${await asked.text()}`);
  const { id } = Job.parse(await asked.json());
  for (;;) {
    const { state } = Job.parse(await (await ask(world, `/verifications/${id}`)).json());
    if (state === 'done' || state === 'failed') return;
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
