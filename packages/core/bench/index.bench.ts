/**
 * Looks one chart up in a 25 MB index.yaml: as `helm repo index` writes it, in another shape (in the thread), and with
 * `helm pull`'s own reader if a `helm` is on PATH. Prints medians, the growth of the peak resident set and the longest
 * pause of the event loop. Each measurement has a process of its own.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { readIndex } from '../src/helm/index-reader.ts';
import { createIndexThread } from '../src/helm/index-thread.ts';
import { generateIndex } from './index-generator.ts';

const SIZE = 25_000_000;
const ROUNDS = 5;
const CHART = 'chart-111';

interface Measurement {
  readonly milliseconds: number;
  readonly peakGrowthMiB: number;
  readonly longestPauseMs: number;
}

const [, , file] = process.argv;
if (file === undefined) await compare();
else await measure(file);

async function compare(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'index-bench-'));
  try {
    const index = Buffer.concat([...generateIndex(SIZE)]);
    const genuine = join(folder, 'index.yaml');
    const other = join(folder, 'other.yaml');
    writeFileSync(genuine, index);
    writeFileSync(other, Buffer.concat([Buffer.from('# not as helm writes it\n'), index]));
    print(`index.yaml, ${Math.round(index.length / 1e6)} MB, ${ROUNDS} rounds each, medians`);
    print('as helm repo index writes it', rounds(genuine));
    print('another shape, in the thread', rounds(other));
    await compareWithHelm(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function rounds(path: string): Measurement {
  const all = Array.from({ length: ROUNDS }, () => {
    const run = spawnSync(process.execPath, [fileURLToPath(import.meta.url), path], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(run.stderr);
    const [milliseconds = 0, peakGrowthMiB = 0, longestPauseMs = 0] = run.stdout.split(' ').map(Number);
    return { milliseconds, peakGrowthMiB, longestPauseMs };
  });
  return {
    milliseconds: median(all.map(({ milliseconds }) => milliseconds)),
    peakGrowthMiB: median(all.map(({ peakGrowthMiB }) => peakGrowthMiB)),
    longestPauseMs: median(all.map(({ longestPauseMs }) => longestPauseMs)),
  };
}

async function measure(path: string): Promise<void> {
  const before = process.resourceUsage().maxRSS;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const start = performance.now();
  delay.enable();
  const found = await readIndex(createReadStream(path), CHART, createIndexThread());
  const milliseconds = performance.now() - start;
  delay.disable();
  if ('problem' in found || found.entries.length === 0) throw new Error('the chart was not found');
  const peakGrowthMiB = (process.resourceUsage().maxRSS - before) / 1024;
  process.stdout.write(`${milliseconds} ${peakGrowthMiB} ${delay.max / 1e6}`);
}

/** `helm pull` of the same chart over loopback; there is no chart file, so it stops once it has read the index. */
async function compareWithHelm(folder: string): Promise<void> {
  if (spawnSync('helm', ['version']).status !== 0) return print('helm pull: no helm on PATH');
  const server = createServer((request, response) => {
    if (request.url !== '/index.yaml') response.writeHead(404).end();
    else createReadStream(join(folder, 'index.yaml')).pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const start = performance.now();
    await helmPull(`http://127.0.0.1:${port}`, folder);
    times.push(performance.now() - start);
  }
  server.close();
  print(`helm pull: ${Math.round(median(times))} ms`);
}

async function helmPull(repoURL: string, folder: string): Promise<void> {
  const { spawn } = await import('node:child_process');
  const env = { ...process.env, HELM_CACHE_HOME: join(folder, 'cache'), HELM_CONFIG_HOME: join(folder, 'config') };
  const child = spawn('helm', ['pull', '--repo', repoURL, CHART, '-d', folder], { stdio: 'ignore', env });
  await once(child, 'exit');
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function print(title: string, measured?: Measurement): void {
  const figures =
    measured === undefined
      ? ''
      : `: ${Math.round(measured.milliseconds)} ms, peak memory +${Math.round(measured.peakGrowthMiB)} MiB, longest pause ${measured.longestPauseMs.toFixed(1)} ms`;
  process.stdout.write(`${title}${figures}\n`);
}
