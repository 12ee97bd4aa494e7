import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../demo/ports.ts';
import { startDemo } from '../demo/start.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('takes the next free ports where its own are in use, and writes them into the manifests', async () => {
  const others = [createServer(), createServer(), createServer()];
  const [page = 0, charts = 0, registry = 0] = await Promise.all(others.map((server) => listen(server, 0)));
  const demo = await startDemo({ port: page, repositoryPort: charts, registryPort: registry, folder });
  try {
    expect(Number(demo.address.port)).toBeGreaterThan(page);
    expect(Number(demo.repository.port)).toBeGreaterThan(charts);
    expect(Number(demo.registry.port)).toBeGreaterThan(registry);
    const source = async (application: string): Promise<unknown> =>
      (await fetch(new URL(`/api/v1/applications/${application}`, demo.address))).json();
    expect(await source('payments')).toMatchObject({
      spec: { source: { repoURL: `${demo.repository.origin}/storefront` } },
    });
    expect(await source('dns-zones')).toMatchObject({
      spec: { source: { repoURL: `oci://localhost:${demo.registry.port}/edge/dns-zones` } },
    });
    expect((await fetch(new URL('/storefront/index.yaml', demo.repository))).status).toBe(200);
  } finally {
    await demo.stop();
    for (const other of others) other.close();
  }
});

describe('the program', () => {
  const main = new URL('../demo/main.ts', import.meta.url).pathname;

  function run(...options: string[]): {
    readonly kill: (signal: NodeJS.Signals) => void;
    readonly said: (text: RegExp) => Promise<RegExpExecArray>;
    readonly status: Promise<number | null>;
  } {
    const child = spawn(process.execPath, [main, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const waiting = new Set<() => void>();
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        for (const look of waiting) look();
      });
    }
    return {
      kill: (signal) => void child.kill(signal),
      status: new Promise((resolve) => child.once('close', resolve)),
      said: (text) =>
        new Promise((resolve, reject) => {
          const look = (): void => {
            const found = text.exec(output);
            if (found === null) return;
            waiting.delete(look);
            resolve(found);
          };
          waiting.add(look);
          child.once('close', () => reject(new Error(`ended without ${String(text)}: ${output}`)));
          look();
        }),
    };
  }

  test('prints one address, and SIGINT ends everything that it started', async () => {
    const program = run('--port', '0', '--folder', join(folder, 'program'));
    const [, address = ''] = await program.said(/Source Integrity demo\s+(http:\/\/127\.0\.0\.1:\d+\/)/);
    const [, pid = '0'] = await program.said(/server process (\d+)/);
    expect((await fetch(address)).status).toBe(200);
    expect(isRunning(Number(pid))).toBe(true);
    program.kill('SIGINT');
    expect(await program.status).toBe(0);
    expect(isRunning(Number(pid))).toBe(false);
    await expect(fetch(address)).rejects.toThrow();
  });

  test('says why and fails when the server ends by itself', async () => {
    const program = run('--port', '0', '--folder', join(folder, 'program'));
    const [, pid = '0'] = await program.said(/server process (\d+)/);
    process.kill(Number(pid), 'SIGKILL');
    await program.said(/The Source Integrity server has ended/);
    expect(await program.status).toBe(1);
  });

  test('refuses an option that it does not know', async () => {
    const program = run('--prot', '1');
    await program.said(/--prot/);
    expect(await program.status).toBe(64);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
