import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/**
 * The text of a file, which whoever could put something into its place may have made endless, huge or a pipe that
 * nobody writes to. Throws with a code where it cannot be read, `EFBIG` where it is longer than that.
 */
export function readSmallFile(path: string, maxBytes: number): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(file).isFile()) throw Object.assign(new Error('no file'), { code: 'ENOTFILE' });
    const buffer = Buffer.allocUnsafe(maxBytes + 1);
    let length = 0;
    while (length < buffer.length) {
      const bytesRead = readSync(file, buffer, length, buffer.length - length, null);
      if (bytesRead === 0) return buffer.toString('utf8', 0, length);
      length += bytesRead;
    }
    throw Object.assign(new Error('too long'), { code: 'EFBIG' });
  } finally {
    closeSync(file);
  }
}

/** What a system call failed with, such as ENOSPC. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown error';
}
