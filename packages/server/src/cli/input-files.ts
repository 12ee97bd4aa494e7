import { constants } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { InputError } from './command.ts';

/** What a file is to the person who named it, and how large it may be. */
export interface InputFile {
  /** Begins the sentence: "The chart". */
  readonly what: string;
  readonly path: string;
  /** Bytes. */
  readonly maxBytes: number;
}

const PIPE_PAUSE_MS = 5;

/** The bytes of a file, a pipe included. Throws an {@link InputError} for what cannot be read. */
export async function readInput(file: InputFile): Promise<Buffer> {
  const bytes = await readIfThere(file);
  if (bytes === null) throw new InputError(`${named(file)} does not exist.`);
  return bytes;
}

/** The same; null for what is definitely not there. */
export async function readIfThere(file: InputFile): Promise<Buffer | null> {
  try {
    return await readBounded(file);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const code = codeOf(error);
    if (code === 'ENOENT') return null;
    throw new InputError(`${named(file)} cannot be read: ${reasonOf(code)}.`);
  }
}

export async function readTextInput(file: InputFile): Promise<string> {
  const bytes = await readInput(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${named(file)} is not UTF-8 text.`);
  }
}

/** A file itself, or the files of a folder in the order of their names, hidden ones left out. */
export async function filesAt(what: string, path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => !name.startsWith('.'));
    const files: string[] = [];
    for (const name of names.toSorted()) {
      if ((await stat(join(path, name))).isFile()) files.push(join(path, name));
    }
    if (files.length > 0) return files;
  } catch (error) {
    throw new InputError(`${what} ${quoted(path)} cannot be read: ${reasonOf(codeOf(error))}.`);
  }
  throw new InputError(`${what} ${quoted(path)} is a folder without files.`);
}

export async function requireFolder(what: string, path: string): Promise<void> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (error) {
    throw new InputError(`${what} ${quoted(path)} cannot be read: ${reasonOf(codeOf(error))}.`);
  }
  if (!isFolder) throw new InputError(`${what} ${quoted(path)} is not a folder.`);
}

/** Never blocks a thread, which would outlive the answer: a pipe that nobody writes to is empty. */
async function readBounded(file: InputFile): Promise<Buffer> {
  const handle = await open(file.path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      const buffer = Buffer.allocUnsafe(64 * 1024);
      const bytesRead = await readSome(handle, buffer);
      if (bytesRead === null) continue;
      if (bytesRead === 0) return Buffer.concat(chunks, size);
      size += bytesRead;
      if (size > file.maxBytes) throw new InputError(`${named(file)} is larger than ${file.maxBytes} bytes.`);
      chunks.push(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

/** How many bytes came; null where a pipe has none yet. */
async function readSome(handle: FileHandle, into: Buffer): Promise<number | null> {
  try {
    return (await handle.read(into)).bytesRead;
  } catch (error) {
    if (codeOf(error) !== 'EAGAIN') throw error;
    await pause(PIPE_PAUSE_MS);
    return null;
  }
}

function named({ what, path }: InputFile): string {
  return `${what} ${quoted(path)}`;
}

function quoted(path: string): string {
  return JSON.stringify(path.slice(0, 500));
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the path is too long',
  ERR_INVALID_ARG_VALUE: 'the path holds a NUL character',
};

function reasonOf(code: string): string {
  return Object.hasOwn(REASONS, code) ? (REASONS[code] ?? code) : `the system answers ${code}`;
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}
