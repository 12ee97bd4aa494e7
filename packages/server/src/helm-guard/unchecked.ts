import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Lies in a chart's folder while its `charts/` may hold what nobody has looked at; `bin/helm` renders none with it. */
const UNCHECKED = '.source-integrity-unchecked';

/**
 * Says that a folder is not to be rendered until {@link clearUnchecked}. True where that was said before: whoever said
 * it was killed in between, and what they downloaded may still be there.
 */
export async function markUnchecked(folder: string): Promise<boolean> {
  try {
    await writeFile(join(folder, UNCHECKED), '', { flag: 'wx' });
    return false;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'EEXIST') return true;
    // Helm says what is wrong with a folder that is not there.
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}

export async function clearUnchecked(folder: string): Promise<void> {
  await rm(join(folder, UNCHECKED), { force: true });
}

/**
 * Keeps a Helm that outlived its guard from bringing anything more: it writes into a folder of its own beside `charts/`
 * (`tmpcharts-<pid>`), which it makes only once, and moves from there (`pkg/downloader/manager.go`).
 */
export async function stopOutlived(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/^tmpcharts-\d+$/.test(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}
