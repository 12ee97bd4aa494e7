import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a file as a whole, since several calls of Helm run at once and any of them may be killed. Throws where that
 * cannot be done, and leaves nothing half written behind.
 */
export function keepFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Left behind by a call that was killed; in the repo-server's next container the same numbers come again.
  rmSync(draft, { recursive: true, force: true });
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
    renameSync(draft, path);
  } catch (error) {
    try {
      rmSync(draft, { force: true });
    } catch {
      // The next one takes it away.
    }
    throw error;
  }
}
