import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The ports that the manifests of the fixtures are written with, on `127.0.0.1` or `localhost`. */
const WRITTEN = { charts: '8879', registry: '5001' };

/** A copy of the fixtures that people may change while the demo runs. */
export interface WorkingFolder {
  /** Manifests: Applications, projects, Secrets, key ring, policies. */
  readonly cluster: string;
  /** Chart repositories, one a folder. */
  readonly charts: string;
  /** What the registry holds: one file, see `registry.ts`. */
  readonly registry: string;
  /** The server's own data. */
  readonly data: string;
  /** Archives as they were before the page tampered with them. */
  readonly originals: string;
  readonly serverLog: string;
}

/**
 * The folder for this demo: `preferred`, or one in it where another demo is still using that.
 * Free it when the demo ends.
 */
export async function claimFolder(preferred: string): Promise<{ readonly at: string; free(): Promise<void> }> {
  const claim = join(preferred, 'demo.pid');
  const owner = Number(await readFile(claim, 'utf8').catch(() => '0'));
  if (owner !== process.pid && isRunning(owner)) return claimFolder(join(preferred, String(process.pid)));
  await mkdir(preferred, { recursive: true });
  await writeFile(claim, String(process.pid));
  return { at: preferred, free: () => rm(claim, { force: true }) };
}

function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Makes the folder anew, with the real addresses of repositories and registry in the manifests. */
export async function makeWorkingFolder(
  at: string,
  ports: { readonly charts: number; readonly registry: number },
): Promise<WorkingFolder> {
  const folder: WorkingFolder = {
    cluster: join(at, 'cluster'),
    charts: join(at, 'charts'),
    registry: join(at, 'registry.json'),
    data: join(at, 'data'),
    originals: join(at, 'originals'),
    serverLog: join(at, 'server.log'),
  };
  const { cluster, charts, registry, data, originals, serverLog } = folder;
  for (const path of [cluster, charts, registry, data, originals, serverLog]) {
    await rm(path, { recursive: true, force: true });
  }
  await mkdir(folder.data, { recursive: true });
  await mkdir(folder.originals, { recursive: true });
  await cp(fixture('charts'), folder.charts, { recursive: true });
  await cp(fixture('registry.json'), folder.registry);
  await cp(fixture('cluster'), folder.cluster, { recursive: true });
  for (const name of await readdir(folder.cluster)) {
    const path = join(folder.cluster, name);
    const manifest = await readFile(path, 'utf8');
    // Both at once, since one's real port may be the other's written one.
    const written = new RegExp(`(127\\.0\\.0\\.1|localhost):(${WRITTEN.charts}|${WRITTEN.registry})(?!\\d)`, 'g');
    const real = (_: string, host: string, port: string): string =>
      `${host}:${port === WRITTEN.charts ? ports.charts : ports.registry}`;
    await writeFile(path, manifest.replaceAll(written, real));
  }
  return folder;
}

function fixture(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
