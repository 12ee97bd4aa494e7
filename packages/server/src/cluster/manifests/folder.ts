import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
  type BigIntStats,
  type Dirent,
} from 'node:fs';
import { join, relative, sep } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Manifest } from './manifest.ts';
import { readManifests, unreadable } from './read-manifests.ts';

/** Bytes of one file. */
const MAX_FILE = 4 * 1024 * 1024;
/** Files of the folder, its subfolders included. */
const MAX_FILES = 5000;
/** Folders within folders. */
const MAX_DEPTH = 16;
/** Milliseconds for which a file has to lie still before it is read, so that nobody reads what is half written. */
const SETTLED_AFTER = 40;
/** How often a file is waited for. */
const ATTEMPTS = 10;

/** What a file was when it was read. Nobody can change a file without a trace in its ctime. */
interface Reading {
  readonly trace: string;
  readonly manifests: readonly Manifest[];
}

/** All manifests of a folder; the same list as before if nothing has changed. */
export interface ManifestFolder {
  readonly read: () => Promise<readonly Manifest[]>;
}

/**
 * Reads a folder of YAML files, recursively. Each reading looks at every file's size, times and inode, and reads
 * those that have changed. Links are followed only to files within the folder; hidden files are left out.
 */
export function openManifestFolder(path: string): ManifestFolder {
  let readings = new Map<string, Reading>();
  let whole: readonly Manifest[] = [];
  let last = '';
  return {
    async read() {
      const { files, faults } = listFiles(path);
      const next = new Map<string, Reading>();
      for (const [file, target] of files) {
        const trace = traceOf(target);
        const known = readings.get(file);
        next.set(file, known !== undefined && known.trace === trace ? known : await readSettled(file, target));
      }
      const summary = JSON.stringify([[...next].map(([file, { trace }]) => [file, trace]), faults]);
      if (summary !== last) {
        whole = [
          ...faults.map(({ file, reason }) => unreadable(file, reason)),
          ...[...next.values()].flatMap(({ manifests }) => manifests),
        ];
        last = summary;
      }
      readings = next;
      return whole;
    },
  };
}

interface FileFault {
  readonly file: string;
  readonly reason: string;
}

/** The YAML files under `root`: their path within it, and the path to open. */
function listFiles(root: string): {
  readonly files: ReadonlyMap<string, string>;
  readonly faults: readonly FileFault[];
} {
  const files = new Map<string, string>();
  const faults: FileFault[] = [];
  const visit = (folder: string, depth: number): void => {
    const name = relative(root, folder) || '.';
    if (depth > MAX_DEPTH) {
      faults.push({ file: name, reason: `folders lie deeper than ${MAX_DEPTH} levels` });
      return;
    }
    let entries: Dirent[];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      faults.push({ file: name, reason: `the folder cannot be read (${codeOf(error)})` });
      return;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory()) visit(path, depth + 1);
      else if (/\.ya?ml$|\.json$/i.test(entry.name)) {
        const target = entry.isSymbolicLink() ? linkTarget(root, path) : path;
        if (target === null)
          faults.push({ file: relative(root, path), reason: 'the link leads nowhere within the folder' });
        else if (files.size < MAX_FILES) files.set(relative(root, path), target);
        else faults.push({ file: relative(root, path), reason: `the folder holds more than ${MAX_FILES} files` });
      }
    }
  };
  visit(root, 0);
  return { files, faults };
}

function linkTarget(root: string, link: string): string | null {
  try {
    const target = realpathSync(link);
    return target.startsWith(realpathSync(root) + sep) ? target : null;
  } catch {
    return null;
  }
}

function traceOf(path: string): string {
  try {
    return trace(statSync(path, { bigint: true }));
  } catch (error) {
    return codeOf(error);
  }
}

function trace({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

/** Reads a file once it lies still; one that changes while it is read is read again. */
async function readSettled(file: string, path: string): Promise<Reading> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const reading = readOnce(file, path);
    if (typeof reading !== 'number') return reading;
    await pause(reading);
  }
  return { trace: 'unsettled', manifests: [unreadable(file, 'it is still being written')] };
}

/** The file, or the milliseconds after which to look again. */
function readOnce(file: string, path: string): Reading | number {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return { trace: codeOf(error), manifests: [unreadable(file, `it cannot be read (${codeOf(error)})`)] };
  }
  try {
    const before = fstatSync(descriptor, { bigint: true });
    const age = Date.now() - Number(before.ctimeNs / 1_000_000n);
    if (age >= 0 && age < SETTLED_AFTER) return SETTLED_AFTER - age;
    if (!before.isFile()) return { trace: trace(before), manifests: [unreadable(file, 'it is not a file')] };
    if (before.size > MAX_FILE)
      return { trace: trace(before), manifests: [unreadable(file, 'it is larger than 4 MiB')] };
    const bytes = readWhole(descriptor, Number(before.size));
    if (bytes === null || trace(fstatSync(descriptor, { bigint: true })) !== trace(before)) return SETTLED_AFTER;
    return { trace: trace(before), manifests: parse(file, bytes) };
  } catch (error) {
    return { trace: codeOf(error), manifests: [unreadable(file, `it cannot be read (${codeOf(error)})`)] };
  } finally {
    closeSync(descriptor);
  }
}

/** As many bytes as the file has; null if there are fewer or more. */
function readWhole(descriptor: number, size: number): Uint8Array | null {
  const bytes = new Uint8Array(size + 1);
  let length = 0;
  while (length < bytes.length) {
    const count = readSync(descriptor, bytes, length, bytes.length - length, null);
    if (count === 0) break;
    length += count;
  }
  return length === size ? bytes.subarray(0, size) : null;
}

function parse(file: string, bytes: Uint8Array): readonly Manifest[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return [unreadable(file, 'it is not UTF-8 text')];
  }
  return readManifests(file, text);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}
