/**
 * The command line against `helm verify`, and a cold verification through the API against `helm pull --verify`, side by
 * side in one run, on the demo's charts. Where no `helm` is on PATH it says so.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Demo, startDemo } from '../demo/start.ts';
import { coldReport, startBenchedServer } from './benched-server.ts';
import { setFreshness } from './freshness.ts';
import { note, report, reportInTurns, timed } from './timing.ts';

const BIN = fileURLToPath(new URL('../../../packages/server/bin/source-integrity.js', import.meta.url));
const APPLICATION = { project: 'storefront', repository: 'storefront', chart: 'payments', version: '1.4.2' };
const ROUNDS = 15;

const work = mkdtempSync(join(tmpdir(), 'verification-bench-'));
const demo = await startDemo({ port: 0, repositoryPort: 0, folder: join(work, 'demo') });
try {
  const hasHelm = spawnSync('helm', ['version']).status === 0;
  if (!hasHelm) note('no helm on PATH: its figures are missing');
  const keyring = writeKeyring(demo);
  await commandLine(demo, keyring, hasHelm);
  await cold(demo, keyring, hasHelm);
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
async function cold({ repository, folder }: Demo, keyring: string, hasHelm: boolean): Promise<void> {
  setFreshness(folder.cluster, '0s');
  const pull = ['pull', APPLICATION.chart, '--version', APPLICATION.version, '--verify', '--keyring', keyring];
  const repo = ['--repo', new URL(APPLICATION.repository, repository).href, '--destination', work];
  const server = await startBenchedServer(folder.cluster, work);
  try {
    const { chart: name, project } = APPLICATION;
    await reportInTurns(ROUNDS, {
      ...(hasHelm ? { 'helm pull --verify': () => run('helm', [...pull, ...repo]) } : {}),
      'cold verification through the API': coldReport(server, { name, project }),
    });
  } finally {
    await server.stop();
  }
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
