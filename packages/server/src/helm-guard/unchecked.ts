import { spawn } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Entry, Listing } from './archives.ts';
import { codeOf, readSmallFile } from './small-file.ts';

/** Lies in a chart's folder while its `charts/` may hold what nobody has looked at; `bin/helm` renders none with it. */
const UNCHECKED = '.source-integrity-unchecked';

/** More is no list of what lies in `charts/`. */
const MAX_BYTES = 1024 * 1024;

type Mark =
  | { readonly kind: 'marked' | 'no-folder' }
  /** Whoever marked it was killed in between, and what they downloaded may still be there. */
  | { readonly kind: 'left-behind'; readonly before: Listing };

/**
 * Says that a folder is not to be rendered until {@link clearUnchecked}, and what lay in its `charts/` before: where
 * that cannot be known, nothing of it was vendored. (Who can commit another mark can commit the archives, too.)
 */
export function markUnchecked(folder: string, before: Listing): Mark {
  const file = join(folder, UNCHECKED);
  try {
    const identities = [...before].map(([name, { identity }]) => [name, identity]);
    writeFileSync(file, JSON.stringify(Object.fromEntries(identities)), { flag: 'wx' });
    return { kind: 'marked' };
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return { kind: 'left-behind', before: listingIn(file) };
    // Helm says what is wrong with a folder that is not there.
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'no-folder' };
    throw error;
  }
}

function listingIn(file: string): Listing {
  const listing = new Map<string, Entry>();
  try {
    const read: unknown = JSON.parse(readSmallFile(file, MAX_BYTES));
    const entries: [string, unknown][] = typeof read === 'object' && read !== null ? Object.entries(read) : [];
    for (const [name, identity] of entries) {
      if (typeof identity === 'string') listing.set(name, { digest: null, identity });
    }
  } catch {
    // It was killed while it wrote this.
  }
  return listing;
}

export function clearUnchecked(folder: string): void {
  rmSync(join(folder, UNCHECKED), { recursive: true, force: true });
}

/** Argo CD ends a call of Helm after 90 seconds. */
const LONGEST_RENDERING_SECONDS = 60;

/**
 * Waits for those that began to render a folder before it was marked: `bin/helm` holds a lock on it for as long as Helm
 * runs (flock, util-linux), and might otherwise find in `charts/` what was not there when it looked.
 */
export async function waitForRendering(folder: string): Promise<void> {
  const args = ['--exclusive', '--timeout', String(LONGEST_RENDERING_SECONDS), resolve(folder), 'true'];
  const status = await new Promise<number | null>((settle, fail) => {
    spawn('flock', args, { stdio: 'ignore' }).on('error', fail).on('exit', settle);
  });
  if (status !== 0) throw new Error('another call has been rendering the chart for too long');
}

/**
 * Keeps a Helm that outlived its guard from bringing anything more: it writes into a folder of its own beside `charts/`
 * (`tmpcharts-<pid>`), which it makes only once, and moves from there (`pkg/downloader/manager.go`).
 */
export function stopOutlived(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (/^tmpcharts-\d+$/.test(name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
