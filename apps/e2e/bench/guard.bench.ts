/**
 * What verified pull costs a call of Helm: `npm run bench:guard`. Each call is made with the guard before Helm and with
 * Helm alone, one after the other, by the same process, in the environment of the repo-server. Nothing else should run
 * on the machine.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { accountToken, asker, authority, guardEnvironment, guardFolder, guardRepoServer } from '../argocd/guard.ts';
import { installed } from '../argocd/install.ts';
import { at, stack } from '../argocd/proof.ts';
import { note, report, timed, type Timings } from './timing.ts';

const run = promisify(execFile);
const ROUNDS = 40;
const CHECKS = 300;
const chart = { name: 'payments', version: '1.4.2' } as const;
const repository = `${stack.places.charts}/charts`;
const work = join(stack.folder, 'bench');
const destination = join(work, 'pulled');
const environment = { PATH: process.env['PATH'] ?? '', HOME: work, ...guardEnvironment() };

beforeAll(async () => {
  await installed();
  await guardRepoServer();
  await mkdir(destination, { recursive: true });
  await run(stack.tools.helm, ['pull', chart.name, ...of, '--untar', '--untardir', work], { env: environment });
  note(`\n${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`);
}, 120_000);

const of = ['--repo', repository, '--version', chart.version] as const;

async function call(helm: string, args: readonly string[]): Promise<void> {
  await run(helm, [...args], { env: environment, cwd: join(work, chart.name) });
}

/** Alternating, so that what the machine does meanwhile falls on both. */
async function compare(name: string, args: readonly string[], between: () => Promise<void>): Promise<void> {
  const alone: number[] = [];
  const guarded: number[] = [];
  for (let round = -3; round < ROUNDS; round += 1) {
    for (const [helm, timings] of [
      [stack.tools.helm, alone],
      [join(guardFolder, 'helm'), guarded],
    ] as const) {
      await between();
      const [ms = 0] = await timed(1, () => call(helm, args));
      if (round >= 0) timings.push(ms);
    }
  }
  report(`${name}, Helm alone`, alone);
  report(`${name}, with the guard`, guarded, alone);
  note(`${' '.repeat(4)}more, medians: ${(median(guarded) - median(alone)).toFixed(1)} ms`);
}

function median(timings: Timings): number {
  const ordered = timings.toSorted((a, b) => a - b);
  return ordered[Math.floor(ordered.length / 2)] ?? Number.NaN;
}

const nothing = (): Promise<void> => Promise.resolve();
const emptied = async (): Promise<void> => {
  await rm(destination, { recursive: true, force: true });
  await mkdir(destination);
};

describe('verified pull', () => {
  test('calls of Helm', { timeout: 300_000 }, async () => {
    await compare('helm version', ['version', '--short'], nothing);
    await compare('helm template', ['template', '.', '--name-template', 'bench'], nothing);
    await compare('helm pull, warm', ['pull', '--destination', destination, ...of, chart.name], emptied);
  });

  test('a warm check: what the guard asks the server, over a connection of its own', { timeout: 120_000 }, async () => {
    const archive = await readFile(join(stack.charts, 'charts', `${chart.name}-${chart.version}.tgz`));
    const digest = `sha256:${createHash('sha256').update(archive).digest('hex')}`;
    const pull = { repository, registry: false, chart: chart.name, version: chart.version, passCredentials: false };
    const toServer = asker(await accountToken(), await authority());
    const ask = async (): Promise<void> => {
      expect(at(await toServer({ kind: 'pull', ...pull, digest }), 'action')).toBe('allow');
    };
    await timed(30, ask);
    const before = await serverTime();
    report('a warm check, with its connection', await timed(CHECKS, ask));
    const after = await serverTime();
    note(
      `a warm check, in the server: mean ${((1000 * (after.sum - before.sum)) / (after.count - before.count)).toFixed(2)} ms`,
    );
  });
});

/** Seconds that the server has taken for its decisions on pulls, and how many there were. */
async function serverTime(): Promise<{ readonly sum: number; readonly count: number }> {
  const text = await (await fetch(`${stack.integrity.operations}/metrics`)).text();
  const of = (name: string): number =>
    Number(new RegExp(`^source_integrity_pull_duration_seconds_${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return { sum: of('sum'), count: of('count') };
}
