import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A packed chart in a folder. */
export interface Archive {
  readonly file: string;
  /** `sha256:<hex>` of its bytes. */
  readonly digest: string;
}

/** What lies in a folder, by name. A folder that is not there is empty. */
export type Listing = ReadonlyMap<string, string>;

/** More are no chart's dependencies. */
const MAX_FILES = 1000;
const MAX_ARCHIVE_BYTES = 512 * 1024 * 1024;

/** The digest of each file in a folder; `not-a-file` for what is none, such as a link that leads elsewhere. */
export async function listArchives(folder: string): Promise<Listing> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length > MAX_FILES) throw new Error(`${folder} holds more than ${MAX_FILES} files`);
  const listing = new Map<string, string>();
  for (const name of names) listing.set(name, (await digestOf(join(folder, name))) ?? NOT_A_FILE);
  return listing;
}

const NOT_A_FILE = 'not-a-file';

/** Files of `after` that are new or have other bytes than before. */
export function changed(before: Listing, after: Listing): readonly Archive[] {
  return [...after].flatMap(([file, digest]) => (before.get(file) === digest ? [] : [{ file, digest }]));
}

/** What is refused must not be found by whoever comes next. */
export async function removeArchives(folder: string, archives: readonly Archive[]): Promise<void> {
  const removed = new Set(archives.map(({ file }) => file));
  // The index of a repository names the file, and may do so with bytes that are no text.
  const names = await readdir(folder, { encoding: 'buffer' }).catch(() => []);
  for (const name of names) {
    if (!removed.has(name.toString('utf8'))) continue;
    await rm(Buffer.concat([Buffer.from(`${folder}/`), name]), { recursive: true, force: true });
  }
}

/** Of a file itself, never of what a link names. */
async function digestOf(path: string): Promise<string | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
  if (file === null) return null;
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size > MAX_ARCHIVE_BYTES) return null;
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(1024 * 1024);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return `sha256:${hash.digest('hex')}`;
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
