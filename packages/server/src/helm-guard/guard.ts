import { join } from 'node:path';
import type { GuardedCall } from '../guard/wire.ts';
import { type Archive, changed, listArchives, type Listing, removeArchives, unchanged } from './archives.ts';
import { type HelmCall, readHelmCall, withoutUserInfo } from './helm-call.ts';
import type { GuardSettings } from './settings.ts';
import { codeOf, readSmallFile } from './small-file.ts';
import { clearUnchecked, markUnchecked, stopOutlived, waitForRendering } from './unchecked.ts';

export interface GuardPorts {
  /** Runs the real Helm with the same arguments, environment and streams; answers its exit status. */
  readonly runHelm: () => Promise<number>;
  /** One line for people; Argo CD shows what stands on standard error of a call that failed. */
  readonly tell: (line: string) => void;
}

const REFUSED = 1;
/** A chart with more subcharts than that has other problems. */
const MAX_LOCK_BYTES = 256 * 1024;

/**
 * Helm, with a look at what it has downloaded before anybody can render it. Answers the exit status: Helm's own, or 1
 * with whole sentences on standard error, and nothing of the download left behind.
 */
export async function guardedHelm(
  args: readonly string[],
  settings: GuardSettings,
  ports: GuardPorts,
): Promise<number> {
  const call = readHelmCall(args);
  switch (call.kind) {
    case 'passes':
      return ports.runHelm();
    case 'unguarded':
      return unguardedCall(call.why, settings, ports);
    case 'pull': {
      const before = await looked(call.destination);
      if ('why' in before) return unguardedCall(before.why, settings, ports);
      return guardedDownload(before, settings, ports, (archives) => pulled(call, archives));
    }
    case 'dependencies':
      return guardedDependencies(call.folder, settings, ports);
  }
}

/** Asks before it runs: afterwards it would be rendered already. */
async function unguardedCall(why: string, settings: GuardSettings, ports: GuardPorts): Promise<number> {
  const { decide } = await import('./decide.ts');
  const isLet = await decide({ kind: 'unguarded', why }, settings, ports.tell);
  return isLet ? ports.runHelm() : REFUSED;
}

/**
 * Argo CD renders one folder for several requests at once, and kills a call whose request has ended: what Helm has put
 * into `charts/` is not rendered before it was looked at, whenever that is.
 */
async function guardedDependencies(folder: string, settings: GuardSettings, ports: GuardPorts): Promise<number> {
  const found = await looked(join(folder, 'charts'));
  const mark = await markUnchecked(folder, 'why' in found ? NOTHING : found.listing);
  if (mark.kind === 'left-behind') await stopOutlived(folder);
  if (mark.kind !== 'no-folder') await waitForRendering(folder);
  const before = 'why' in found || mark.kind !== 'left-behind' ? found : { ...found, listing: mark.before };
  const status =
    'why' in before
      ? await unguardedCall(before.why, settings, ports)
      : await guardedDownload(before, settings, ports, (archives, kept) => dependencies(folder, archives, kept));
  await clearUnchecked(folder);
  return status;
}

/** A folder and what lay in it before Helm ran. */
interface Looked {
  readonly folder: string;
  readonly listing: Listing;
}

const NOTHING: Listing = new Map();

async function looked(folder: string): Promise<Looked | { readonly why: string }> {
  try {
    return { folder, listing: await listArchives(folder) };
  } catch (error) {
    return { why: `what lies where it downloads to cannot be told (${codeOf(error)})` };
  }
}

async function guardedDownload(
  { folder, listing: before }: Looked,
  settings: GuardSettings,
  ports: GuardPorts,
  describe: (archives: readonly Archive[], kept: readonly string[]) => Promise<GuardedCall | null>,
): Promise<number> {
  // Loaded while Helm downloads, so that nobody waits for it.
  const [status, { decide }] = await Promise.all([ports.runHelm(), import('./decide.ts')]);
  const after = await listArchives(folder);
  const archives = changed(before, after);
  // What a failed call leaves behind nobody has looked at.
  if (status !== 0) {
    await removeArchives(folder, archives);
    return status;
  }
  let isLet = false;
  try {
    const call = await describe(archives, unchanged(before, after));
    isLet = call === null || (await decide(call, settings, ports.tell));
  } finally {
    if (!isLet) await removeArchives(folder, archives);
  }
  return isLet ? status : REFUSED;
}

/** Helm leaves one archive, with `--prov` its provenance file beside it; anything else is not what was asked for. */
function pulled({ pull }: Extract<HelmCall, { kind: 'pull' }>, archives: readonly Archive[]): Promise<GuardedCall> {
  const packed = archives.filter(({ file }) => !file.endsWith('.prov'));
  const [archive, ...more] = packed;
  if (archive === undefined || more.length > 0 || archive.digest === null) {
    const why = `Helm left ${packed.length} new files where one archive was expected`;
    return Promise.resolve({ kind: 'unguarded', why });
  }
  return Promise.resolve({ kind: 'pull', ...pull, digest: archive.digest });
}

async function dependencies(
  folder: string,
  archives: readonly Archive[],
  kept: readonly string[],
): Promise<GuardedCall | null> {
  if (archives.length === 0) return null;
  const digested = archives.flatMap(({ file, digest }) => (digest === null ? [] : [{ file, digest }]));
  if (digested.length < archives.length) {
    return { kind: 'unguarded', why: 'Helm left something in charts/ that is no file' };
  }
  return { kind: 'dependencies', lock: await lockOf(folder), archives: digested, unchanged: [...kept] };
}

/**
 * Charts of the first version of the format have another name for it. Where there are both, Helm reads them in the order
 * of their names, and the last one counts (`pkg/chart/v2/loader/load.go`). Null: nothing that could be read.
 */
async function lockOf(folder: string): Promise<string | null> {
  for (const name of ['requirements.lock', 'Chart.lock']) {
    try {
      return withoutUserInfo(await readSmallFile(join(folder, name), MAX_LOCK_BYTES));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') return null;
    }
  }
  return null;
}
