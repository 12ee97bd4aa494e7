import { rm, writeFile } from 'node:fs/promises';
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
