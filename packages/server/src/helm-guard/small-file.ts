import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/**
 * The text of a file, which whoever could put something into its place may have made endless, huge or a pipe that
 * nobody writes to. Throws with a code where it cannot be read, `EFBIG` where it is longer than that.
 */
export async function readSmallFile(path: string, maxBytes: number): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw Object.assign(new Error('no file'), { code: 'ENOTFILE' });
    const buffer = Buffer.allocUnsafe(maxBytes + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, null);
      if (bytesRead === 0) return buffer.toString('utf8', 0, length);
      length += bytesRead;
    }
    throw Object.assign(new Error('too long'), { code: 'EFBIG' });
  } finally {
    await file.close();
  }
}

/** What a system call failed with, such as ENOSPC. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown error';
}
