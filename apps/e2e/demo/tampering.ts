import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Application, sourcesOf } from './argocd/application.ts';
import type { ResolveRevision } from './argocd/operation.ts';
import { tampered } from './chart-archive.ts';
import type { WorkingFolder } from './working-folder.ts';

/** What the page can do to the charts of its own repository: what an attacker would do, and the way back. */
export interface Tampering {
  /** The served archive that the Application would deploy; null where it comes from elsewhere. */
  find(application: Application): Promise<ServedArchive | null>;
  tamper(archive: ServedArchive): Promise<void>;
  restore(archive: ServedArchive): Promise<void>;
}

interface ServedArchive {
  readonly path: string;
  /** As people say it: "payments-1.4.2.tgz". */
  readonly name: string;
  readonly tampered: boolean;
}

export function createTampering(folder: WorkingFolder, repositories: URL, resolve: ResolveRevision): Tampering {
  const originalOf = ({ path }: { path: string }): string =>
    join(folder.originals, basename(dirname(path)), basename(path));

  return {
    async find(application) {
      for (const source of sourcesOf(application)) {
        const repository = /^\/([A-Za-z0-9_-]+)\/?$/.exec(pathWithin(repositories, source.repoURL))?.[1];
        if (source.chart === undefined || repository === undefined) continue;
        const version = await resolve(source, source.targetRevision ?? '').catch(() => null);
        const name = `${source.chart}-${version ?? ''}.tgz`;
        const path = join(folder.charts, repository, name);
        if (!/^[A-Za-z0-9._+-]+$/.test(name) || !(await exists(path))) continue;
        return { path, name, tampered: await exists(originalOf({ path })) };
      }
      return null;
    },
    async tamper(archive) {
      const original = await readFile(archive.path);
      if (!archive.tampered) {
        await mkdir(dirname(originalOf(archive)), { recursive: true });
        await writeFile(originalOf(archive), original);
      }
      await replace(archive.path, await tampered(original));
    },
    async restore(archive) {
      await replace(archive.path, await readFile(originalOf(archive)));
      await rm(originalOf(archive));
    },
  };
}

/** In one step, so that no download sees half of it. */
async function replace(path: string, content: Buffer): Promise<void> {
  await writeFile(`${path}.part`, content);
  await rename(`${path}.part`, path);
}

function pathWithin(origin: URL, url: string): string {
  const parsed = URL.parse(url);
  return parsed?.origin === origin.origin ? parsed.pathname : '';
}

async function exists(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    () => false,
  );
}
