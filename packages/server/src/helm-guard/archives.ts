import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, rm } from 'node:fs/promises';
import { codeOf } from './small-file.ts';

/** A packed chart in a folder. */
export interface Archive {
  /** Its name, for people and for comparing with text. */
  readonly file: string;
  readonly name: Name;
  /** `sha256:<hex>` of its bytes; null: it is no file, such as a link that leads elsewhere, or too long for a chart. */
  readonly digest: string | null;
}

/** A name byte for byte, in latin1: the index of a repository names files, and may do so with what is no text. */
type Name = string;

export interface Entry {
  readonly digest: string | null;
  /** Another one wherever something else lies there. */
  readonly identity: string;
}

/** What lies in a folder. A folder that is not there is empty. */
export type Listing = ReadonlyMap<Name, Entry>;

/** More are no chart's dependencies. */
const MAX_FILES = 1000;
const MAX_ARCHIVE_BYTES = 512 * 1024 * 1024;

export async function listArchives(folder: string): Promise<Listing> {
  const names = await readdir(folder, { encoding: 'latin1' }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  if (names.length > MAX_FILES) {
    throw Object.assign(new Error(`${folder} holds more than ${MAX_FILES} files`), { code: 'too many files' });
  }
  const listing = new Map<Name, Entry>();
  for (const name of names) listing.set(name, await entryAt(pathOf(folder, name)));
  return listing;
}

/** What is new in `after`, or something else than before. */
export function changed(before: Listing, after: Listing): readonly Archive[] {
  return [...after].flatMap(([name, { digest, identity }]) =>
    before.get(name)?.identity === identity ? [] : [{ name, file: textOf(name), digest }],
  );
}

/** Names of what lies in `after` as before. */
export function unchanged(before: Listing, after: Listing): readonly string[] {
  return [...after].flatMap(([name, { identity }]) => (before.get(name)?.identity === identity ? [textOf(name)] : []));
}

/** What is refused must not be found by whoever comes next. */
export async function removeArchives(folder: string, archives: readonly Archive[]): Promise<void> {
  for (const { name } of archives) await rm(pathOf(folder, name), { recursive: true, force: true });
}

function pathOf(folder: string, name: Name): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')]);
}

function textOf(name: Name): string {
  return Buffer.from(name, 'latin1').toString('utf8');
}

/** Of a file itself, never of what a link names. */
async function entryAt(path: Buffer): Promise<Entry> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
  try {
    const digest = file === null ? null : await digestOf(file);
    if (digest !== null) return { digest, identity: digest };
  } finally {
    await file?.close();
  }
  const { ino, ctimeNs, size, mode } = await lstat(path, { bigint: true });
  const isFolder = (Number(mode) & constants.S_IFMT) === constants.S_IFDIR;
  // Others may work in a folder that is vendored; Helm brings no folders, but could put one in the place of another.
  return { digest: null, identity: isFolder ? `folder ${ino}` : `${ino} ${ctimeNs} ${size}` };
}

async function digestOf(file: FileHandle): Promise<string | null> {
  const found = await file.stat();
  if (!found.isFile() || found.size > MAX_ARCHIVE_BYTES) return null;
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(1024 * 1024);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) return `sha256:${hash.digest('hex')}`;
    hash.update(buffer.subarray(0, bytesRead));
  }
}
