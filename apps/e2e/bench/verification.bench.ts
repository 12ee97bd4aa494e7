/**
 * The command line against `helm verify`, a cold verification through the API against `helm pull --verify`, and the
 * warm gate against a webhook that does nothing – side by side in one run, on the demo's charts. Where no `helm` is on
 * PATH it says so.
 */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Readable } from 'node:stream';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { admissionReview } from '../demo/argocd/admission.ts';
import { openCluster } from '../demo/argocd/cluster-folder.ts';
import { type Demo, startDemo } from '../demo/start.ts';
import { setFreshness } from './freshness.ts';
import { note, report, timed } from './timing.ts';

const BIN = fileURLToPath(new URL('../../../packages/server/bin/source-integrity.js', import.meta.url));
const NOOP = fileURLToPath(new URL('noop-webhook.ts', import.meta.url));
const APPLICATION = { project: 'storefront', repository: 'storefront', chart: 'payments', version: '1.4.2' };
const ROUNDS = 15;
const WARMING = 300;
const REQUESTS = 2000;

const work = mkdtempSync(join(tmpdir(), 'verification-bench-'));
const demo = await startDemo({ port: 0, repositoryPort: 0, folder: join(work, 'demo') });
try {
  const hasHelm = spawnSync('helm', ['version']).status === 0;
  if (!hasHelm) note('no helm on PATH: its figures are missing');
  const keyring = writeKeyring(demo);
  await commandLine(demo, keyring, hasHelm);
  await cold(demo, keyring, hasHelm);
  await warmGate(demo);
} finally {
  await demo.stop();
  rmSync(work, { recursive: true });
}

async function commandLine({ folder: { charts } }: Demo, keyring: string, hasHelm: boolean): Promise<void> {
  const archive = join(charts, APPLICATION.repository, `${APPLICATION.chart}-${APPLICATION.version}.tgz`);
  const helm = hasHelm ? await timed(ROUNDS, () => run('helm', ['verify', archive, '--keyring', keyring])) : null;
  if (helm !== null) report('helm verify', helm);
  const ours = () => run(process.execPath, [BIN, 'verify', 'chart', archive, '--keyring', keyring]);
  report('verify chart', await timed(ROUNDS, ours), helm);
}

/** Index, chart and provenance file are fetched in every round, by both. */
async function cold({ repository, address, folder }: Demo, keyring: string, hasHelm: boolean): Promise<void> {
  setFreshness(folder.cluster, '0s');
  const pull = ['pull', APPLICATION.chart, '--version', APPLICATION.version, '--verify', '--keyring', keyring];
  const repo = ['--repo', new URL(APPLICATION.repository, repository).href, '--destination', work];
  const helm = hasHelm ? await timed(ROUNDS, () => run('helm', [...pull, ...repo])) : null;
  if (helm !== null) report('helm pull --verify', helm);
  const url = new URL('/extensions/source-integrity/api/v1/report', address);
  const headers = {
    'Argocd-Application-Name': `argocd:${APPLICATION.chart}`,
    'Argocd-Project-Name': APPLICATION.project,
  };
  const ours = await timed(ROUNDS, async () => {
    const answer = await fetch(url, { headers });
    const text = await answer.text();
    if (!text.includes('"status":"verified"')) throw new Error(`not verified: ${text.slice(0, 500)}`);
  });
  report('cold verification through the API', ours, helm);
}

async function warmGate({ server, folder }: Demo): Promise<void> {
  setFreshness(folder.cluster, '1h');
  const application = await openCluster(folder.cluster, 'argocd').get('argocd', APPLICATION.chart);
  if (application === null) throw new Error('the demo has no such Application');
  const { source } = application.spec;
  if (source === undefined) throw new Error('it has one source');
  const operation = { initiatedBy: { username: 'bench' }, retry: {}, sync: { source, revision: APPLICATION.version } };
  const review = JSON.stringify(admissionReview('bench', application, { ...application, operation }));
  const noop = spawn(process.execPath, [NOOP], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const port = await firstLine(noop.stdout);
    const gate = new URL('/admission/gate', server.admission).href;
    const nothing = `http://127.0.0.1:${port}/`;
    const ask = (url: string) => () => allowed(url, review);
    for (const url of [gate, nothing]) await timed(WARMING, ask(url));
    const theirs = await timed(REQUESTS, ask(nothing));
    report('webhook that does nothing', theirs);
    report('warm gate', await timed(REQUESTS, ask(gate)), theirs);
  } finally {
    noop.kill();
  }
}

async function firstLine(stream: Readable): Promise<string> {
  const data: unknown = (await once(stream, 'data')).at(0);
  return String(data).trim();
}

async function allowed(url: string, body: string): Promise<void> {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const text = await answer.text();
  if (!text.includes('"allowed":true')) throw new Error(`not allowed: ${text}`);
}

/** Not blocking: the repository that is asked runs in this process. */
async function run(command: string, args: readonly string[]): Promise<void> {
  await promisify(execFile)(command, args);
}

function writeKeyring({ folder: { cluster } }: Demo): string {
  const manifest = readFileSync(join(cluster, 'argocd-gpg-keys-cm.yaml'), 'utf8');
  const blocks = manifest.match(/-----BEGIN PGP PUBLIC KEY BLOCK-----[^]*?-----END PGP PUBLIC KEY BLOCK-----/g) ?? [];
  const armored = blocks.map((block) => block.replaceAll(/^ +/gm, '')).join('\n');
  const dearmored = spawnSync('gpg', ['--dearmor'], { input: armored });
  const path = join(work, 'keyring.gpg');
  writeFileSync(path, dearmored.status === 0 ? dearmored.stdout : armored);
  return path;
}
