import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CALLS } from '../../../packages/server/test/helm-guard/calls.ts';
import { freePort } from '../demo/ports.ts';
import { type Registry, startRegistry } from './registries.ts';
import { toolPath } from './tools.ts';

/** How the guard reads a call is compared with what the real Helm does with it. */
const INDEX = `apiVersion: v1
entries:
  demo:
    - {apiVersion: v2, name: demo, version: 1.2.3, urls: [demo-1.2.3.tgz]}
    - {apiVersion: v2, name: demo, version: 2.0.0+build.7, urls: [demo-2.0.0+build.7.tgz]}
`;

let folder: string;
let helm: string;
let archive: Buffer;
let repository: Server;
let repositoryURL: string;
let registry: Registry;
let fetched: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'helm-calls-'));
  helm = await toolPath('helm');
  await mkdir(join(folder, 'demo'));
  await writeFile(join(folder, 'demo', 'Chart.yaml'), 'apiVersion: v2\nname: demo\nversion: 1.2.3\n');
  await run(['package', 'demo'], folder);
  archive = await readFile(join(folder, 'demo-1.2.3.tgz'));
  repository = createServer((request, response) => {
    const path = request.url ?? '';
    if (path === '/index.yaml') return void response.end(INDEX);
    if (path !== '/demo-1.2.3.tgz' && path !== '/demo-2.0.0+build.7.tgz') return void response.writeHead(404).end();
    fetched.push(path);
    response.end(archive);
  });
  const port = await freePort();
  await new Promise<void>((resolve) => {
    repository.listen(port, '127.0.0.1', resolve);
  });
  repositoryURL = `http://127.0.0.1:${port}`;
  registry = await startRegistry('crane', folder);
  await run(['push', 'demo-1.2.3.tgz', `oci://${registry.host}/charts`, '--plain-http'], folder);
}, 120_000);

afterAll(async () => {
  await registry.close();
  repository.close();
  await rm(folder, { recursive: true, force: true });
});

describe('what the guard reads is what helm does', () => {
  test.each(CALLS)('helm $args', async ({ args, read, destination, file = 'demo-1.2.3.tgz' }) => {
    const at = await mkdtemp(join(folder, 'call-'));
    await mkdir(join(at, 'out'));
    const words = args === '' ? [] : args.split(' ');
    fetched = [];
    await run(
      words.map((word) =>
        word.replace('{repo}', repositoryURL).replace('{registry}', registry.host).replaceAll('␣', ' '),
      ),
      at,
    );
    const left = await readFile(join(at, destination ?? 'out', file ?? 'demo-1.2.3.tgz')).catch(() => null);
    switch (read) {
      case 'pull':
        // Exactly the chart, exactly there.
        expect(left?.equals(archive) ?? false).toBe(file !== null);
        expect(fetched.length).toBe(file === null || args.includes('{registry}') ? 0 : 1);
        break;
      case 'passes':
      case 'dependencies':
        expect([fetched, left]).toEqual([[], null]);
        break;
      case 'unguarded':
        break;
    }
  });
});

function run(args: readonly string[], cwd: string): Promise<number> {
  return new Promise((resolve) => {
    const env = { ...process.env, HOME: folder, XDG_CACHE_HOME: join(cwd, 'cache'), XDG_CONFIG_HOME: folder };
    spawn(helm, args, { cwd, env, stdio: 'ignore' }).on('close', (status) => {
      resolve(status ?? 1);
    });
  });
}
