import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync, rmSync } from 'node:fs';
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

export function listArchives(folder: string): Listing {
  const names = namesIn(folder);
  if (names.length > MAX_FILES) {
    throw Object.assign(new Error(`${folder} holds more than ${MAX_FILES} files`), { code: 'too many files' });
  }
  const listing = new Map<Name, Entry>();
  for (const name of names) listing.set(name, entryAt(pathOf(folder, name)));
  return listing;
}

function namesIn(folder: string): readonly Name[] {
  try {
    return readdirSync(folder, { encoding: 'latin1' });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
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
export function removeArchives(folder: string, archives: readonly Archive[]): void {
  for (const { name } of archives) rmSync(pathOf(folder, name), { recursive: true, force: true });
}

function pathOf(folder: string, name: Name): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')]);
}

function textOf(name: Name): string {
  return Buffer.from(name, 'latin1').toString('utf8');
}

/** Of a file itself, never of what a link names. */
function entryAt(path: Buffer): Entry {
  const digest = digestAt(path);
  if (digest !== null) return { digest, identity: digest };
  const { ino, ctimeNs, size, mode } = lstatSync(path, { bigint: true });
  const isFolder = (Number(mode) & constants.S_IFMT) === constants.S_IFDIR;
  // Others may work in a folder that is vendored; Helm brings no folders, but could put one in the place of another.
  return { digest: null, identity: isFolder ? `folder ${ino}` : `${ino} ${ctimeNs} ${size}` };
}

/** Null where it cannot be opened, or is no file of a chart's length. */
function digestAt(path: Buffer): string | null {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    return digestOf(file);
  } finally {
    closeSync(file);
  }
}

function digestOf(file: number): string | null {
  const found = fstatSync(file);
  if (!found.isFile() || found.size > MAX_ARCHIVE_BYTES) return null;
  // Loading it takes longer than looking at a folder with nothing in it, as most are when Helm is to be started.
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  const buffer = Buffer.allocUnsafe(1024 * 1024);
  for (;;) {
    const bytesRead = readSync(file, buffer, 0, buffer.length, null);
    if (bytesRead === 0) return `sha256:${hash.digest('hex')}`;
    hash.update(buffer.subarray(0, bytesRead));
  }
}
