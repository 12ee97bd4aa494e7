import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces a file as a whole, since several calls of Helm run at once and any of them may be killed. Throws where that
 * cannot be done, and leaves nothing half written behind.
 */
export async function keepFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Left behind by a call that was killed; in the repo-server's next container the same numbers come again.
  await rm(draft, { recursive: true, force: true });
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}
