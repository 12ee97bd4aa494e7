import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The address that the manifests of the fixtures are written with. */
const WRITTEN_ADDRESS = '127.0.0.1:8879';

/** A copy of the fixtures that people may change while the demo runs. */
export interface WorkingFolder {
  /** Manifests: Applications, projects, Secrets, key ring, policies. */
  readonly cluster: string;
  /** Chart repositories, one a folder. */
  readonly charts: string;
  /** The server's own data. */
  readonly data: string;
  /** Archives as they were before the page tampered with them. */
  readonly originals: string;
  readonly serverLog: string;
}

/** Makes the folder anew, with the repositories' real address in the manifests. */
export async function makeWorkingFolder(at: string, repositoryPort: number): Promise<WorkingFolder> {
  const folder: WorkingFolder = {
    cluster: join(at, 'cluster'),
    charts: join(at, 'charts'),
    data: join(at, 'data'),
    originals: join(at, 'originals'),
    serverLog: join(at, 'server.log'),
  };
  for (const path of [folder.cluster, folder.charts, folder.data, folder.originals, folder.serverLog]) {
    await rm(path, { recursive: true, force: true });
  }
  await mkdir(folder.data, { recursive: true });
  await mkdir(folder.originals, { recursive: true });
  await cp(fixture('charts'), folder.charts, { recursive: true });
  await cp(fixture('cluster'), folder.cluster, { recursive: true });
  for (const name of await readdir(folder.cluster)) {
    const path = join(folder.cluster, name);
    const manifest = await readFile(path, 'utf8');
    await writeFile(path, manifest.replaceAll(WRITTEN_ADDRESS, `127.0.0.1:${repositoryPort}`));
  }
  return folder;
}

function fixture(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
