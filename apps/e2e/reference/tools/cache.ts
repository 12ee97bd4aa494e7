import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 500;

/** Where tools are kept, outside the tree: it outlives a checkout. */
export function cacheFolder(): string {
  const { SOURCE_INTEGRITY_CACHE: own, XDG_CACHE_HOME: xdg } = process.env;
  return join(own || join(xdg || join(homedir(), '.cache'), 'source-integrity'), 'tools');
}

/**
 * The folder at `path`, made by `make` where it is not there. It appears whole or not at all. Of two processes that
 * ask at once one makes it and the other waits; should both make it, the first one's stays.
 */
export async function kept(path: string, make: (folder: string) => Promise<void>): Promise<string> {
  if (await exists(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  const release = await lock(`${path}.lock`, () => exists(path));
  try {
    if (await exists(path)) return path;
    const folder = await mkdtemp(`${path}.new-`);
    try {
      await make(folder);
      await rename(folder, path);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      if (!(await exists(path))) throw error;
    }
    return path;
  } finally {
    await release();
  }
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Waits until it is ours or nothing is left to do. A lock whose holder is gone is nobody's. */
async function lock(path: string, done: () => Promise<boolean>): Promise<() => Promise<void>> {
  while (!(await done())) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' });
      return () => rm(path, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = Number(await readFile(path, 'utf8').catch(() => ''));
    if (holder > 0 && !isAlive(holder)) await rm(path, { force: true });
    else await sleep(POLL_MS);
  }
  return () => Promise.resolve();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
