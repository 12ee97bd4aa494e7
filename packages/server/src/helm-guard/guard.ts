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
      const before = looked(call.destination);
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
  const found = looked(join(folder, 'charts'));
  const mark = markUnchecked(folder, 'why' in found ? NOTHING : found.listing);
  if (mark.kind === 'left-behind') stopOutlived(folder);
  if (mark.kind !== 'no-folder') await waitForRendering(folder);
  const before = 'why' in found || mark.kind !== 'left-behind' ? found : { ...found, listing: mark.before };
  const status =
    'why' in before
      ? await unguardedCall(before.why, settings, ports)
      : await guardedDownload(before, settings, ports, (archives, kept) => dependencies(folder, archives, kept));
  clearUnchecked(folder);
  return status;
}

/** A folder and what lay in it before Helm ran. */
interface Looked {
  readonly folder: string;
  readonly listing: Listing;
}

const NOTHING: Listing = new Map();

function looked(folder: string): Looked | { readonly why: string } {
  try {
    return { folder, listing: listArchives(folder) };
  } catch (error) {
    return { why: `what lies where it downloads to cannot be told (${codeOf(error)})` };
  }
}

async function guardedDownload(
  { folder, listing: before }: Looked,
  settings: GuardSettings,
  ports: GuardPorts,
  describe: (archives: readonly Archive[], kept: readonly string[]) => GuardedCall | null,
): Promise<number> {
  const helm = ports.runHelm();
  // While Helm downloads, so that nobody waits for it. If it cannot be loaded, that is said when Helm has ended.
  const loaded = import('./decide.ts').then(({ deciding }) => deciding(settings));
  loaded.catch(() => undefined);
  const status = await helm;
  const after = listArchives(folder);
  const archives = changed(before, after);
  // What a failed call leaves behind nobody has looked at.
  if (status !== 0) {
    removeArchives(folder, archives);
    return status;
  }
  let isLet = false;
  try {
    const call = describe(archives, unchanged(before, after));
    const decide = await loaded;
    isLet = call === null || (await decide(call, ports.tell));
  } finally {
    if (!isLet) removeArchives(folder, archives);
  }
  return isLet ? status : REFUSED;
}

/** Helm leaves one archive, with `--prov` its provenance file beside it; anything else is not what was asked for. */
function pulled({ pull }: Extract<HelmCall, { kind: 'pull' }>, archives: readonly Archive[]): GuardedCall {
  const packed = archives.filter(({ file }) => !file.endsWith('.prov'));
  const [archive, ...more] = packed;
  if (archive === undefined || more.length > 0 || archive.digest === null) {
    const why = `Helm left ${packed.length} new files where one archive was expected`;
    return { kind: 'unguarded', why };
  }
  return { kind: 'pull', ...pull, digest: archive.digest };
}

function dependencies(folder: string, archives: readonly Archive[], kept: readonly string[]): GuardedCall | null {
  if (archives.length === 0) return null;
  const digested = archives.flatMap(({ file, digest }) => (digest === null ? [] : [{ file, digest }]));
  if (digested.length < archives.length) {
    return { kind: 'unguarded', why: 'Helm left something in charts/ that is no file' };
  }
  return { kind: 'dependencies', lock: lockOf(folder), archives: digested, unchanged: [...kept] };
}

/**
 * Charts of the first version of the format have another name for it. Where there are both, Helm reads them in the order
 * of their names, and the last one counts (`pkg/chart/v2/loader/load.go`). Null: nothing that could be read.
 */
function lockOf(folder: string): string | null {
  for (const name of ['requirements.lock', 'Chart.lock']) {
    try {
      return withoutUserInfo(readSmallFile(join(folder, name), MAX_LOCK_BYTES));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') return null;
    }
  }
  return null;
}
