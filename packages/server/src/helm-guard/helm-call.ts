import type { AskedChart } from '../guard/concern.ts';
import { DEPENDENCY_FLAGS, type FlagTable, GLOBAL_FLAGS, PULL_FLAGS, RENDER_FLAGS } from './helm-flags.ts';

/** What a call of Helm would fetch. */
export type HelmCall =
  /** Nothing that is rendered afterwards. */
  | { readonly kind: 'passes' }
  | { readonly kind: 'pull'; readonly pull: AskedChart; readonly destination: string }
  | { readonly kind: 'dependencies'; readonly folder: string }
  /** It would render what nobody looked at between download and rendering, or cannot be read. */
  | { readonly kind: 'unguarded'; readonly why: string };

/**
 * Reads a call as Helm does (cobra, pflag): flags anywhere, `--flag=value` and `--flag value`, shorthands together,
 * `--` before arguments that look like flags. Only what is read without doubt is answered with a chart: whatever can
 * be read in two ways, and fetches, is `unguarded`.
 */
export function readHelmCall(args: readonly string[]): HelmCall {
  const found = command(args);
  if (found === null) return unguarded('it has flags before its command that are not known');
  const [name = '', ...rest] = found;
  switch (name) {
    case 'pull':
    case 'fetch':
      return readPull(rest);
    case 'dependency':
    case 'dep':
    case 'dependencies':
      return readDependencies(rest);
    case 'template':
    case 'show':
    case 'inspect':
      return readRender(rest);
    case 'install':
    case 'upgrade':
    case 'package':
      return unguarded('it may download charts, and is none of the calls that Argo CD makes');
    default:
      return FETCHING_NOTHING.has(name) ? PASSES : unguarded('it is a command of a plugin');
  }
}

/** The other commands of Helm 4.3. No command at all prints how it is used. */
const FETCHING_NOTHING = new Set([
  '',
  '__complete',
  '__completeNoDesc',
  'completion',
  'create',
  'delete',
  'env',
  'get',
  'help',
  'history',
  'hist',
  'lint',
  'list',
  'ls',
  'plugin',
  'push',
  'registry',
  'repo',
  'rollback',
  'search',
  'status',
  'test',
  'uninstall',
  'un',
  'del',
  'verify',
  'version',
]);

const PASSES: HelmCall = { kind: 'passes' };

function unguarded(why: string): HelmCall {
  return { kind: 'unguarded', why };
}

/** The arguments from the command's name on. Null: before it stands what may or may not take the name for its value. */
function command(args: readonly string[]): readonly string[] | null {
  let at = 0;
  while (args[at]?.startsWith('-') === true) {
    const read = args[at] === '--' ? null : readFlag(args, at, GLOBAL_FLAGS);
    if (read === null) return null;
    at = read.next;
  }
  return args.slice(at);
}

interface ParsedArguments {
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly positional: readonly string[];
}

function readPull(args: readonly string[]): HelmCall {
  const parsed = parse(args, PULL_FLAGS);
  if (parsed === null) return unguarded('it has a flag that is not known here');
  if (isOn(parsed, 'help')) return PASSES;
  if (isOn(parsed, 'untar')) return unguarded('it unpacks the chart as it downloads it');
  const [reference, ...more] = parsed.positional;
  // Helm answers that a chart is missing.
  if (reference === undefined) return PASSES;
  if (more.length > 0) return unguarded('it pulls several charts at once');
  const version = last(parsed, 'version') ?? '';
  if (version === '') return unguarded('it names no version');
  const repository = last(parsed, 'repo') ?? '';
  const destination = last(parsed, 'destination') ?? '.';
  const passCredentials = isOn(parsed, 'pass-credentials');
  if (repository !== '') {
    if (reference.includes('://')) return unguarded('it names a repository and the address of a chart');
    const pull = {
      repository: withoutUserInfo(repository),
      registry: false,
      chart: reference,
      version,
      passCredentials,
    };
    return { kind: 'pull', destination, pull };
  }
  const registry = /^oci:\/\/([^/]+(?:\/[^/]+)*)\/([^/]+)$/.exec(reference);
  const [, path, chart] = registry ?? [];
  if (path === undefined || chart === undefined) return unguarded('it names its chart by an address or by an alias');
  if (chart.includes('@') || chart.includes(':')) return unguarded('it names a tag or a digest beside a version');
  if (path.includes('@')) return unguarded('it names user information in the address of a registry');
  return { kind: 'pull', destination, pull: { repository: path, registry: true, chart, version, passCredentials } };
}

/** Says that URLs have user information, which no policy takes, and not what it is: it may be a password. */
export function withoutUserInfo(text: string): string {
  return text.replace(/:\/\/[^\s/@]*@(?:[^\s/@]*@)*/g, '://redacted@');
}

function readDependencies(args: readonly string[]): HelmCall {
  const [verb, ...rest] = args;
  if (verb === undefined || verb === 'list' || verb === 'ls') return PASSES;
  if (verb !== 'build' && verb !== 'update' && verb !== 'up') {
    return verb.startsWith('-') ? unguarded('it has flags between its two words') : PASSES;
  }
  const parsed = parse(rest, DEPENDENCY_FLAGS);
  if (parsed === null) return unguarded('it has a flag that is not known here');
  if (isOn(parsed, 'help')) return PASSES;
  const [folder = '.', ...more] = parsed.positional;
  return more.length > 0 ? unguarded('it names several folders') : { kind: 'dependencies', folder };
}

/** Rendering what lies in a folder fetches nothing. */
function readRender(args: readonly string[]): HelmCall {
  const parsed = parse(args, RENDER_FLAGS);
  if (parsed === null) return unguarded('it has a flag that is not known here');
  if (isOn(parsed, 'help')) return PASSES;
  if (isOn(parsed, 'dependency-update')) return unguarded('it downloads dependencies and renders them in one step');
  if (last(parsed, 'repo') !== null) return unguarded('it downloads a chart and renders it in one step');
  const chart = parsed.positional.at(-1);
  const isFolder = chart === undefined || /^\.{0,2}\/|^\.{1,2}$/.test(chart);
  return isFolder ? PASSES : unguarded('it names a chart that may have to be downloaded');
}

/** Null where an argument cannot be told from the value of a flag. */
function parse(args: readonly string[], table: FlagTable): ParsedArguments | null {
  const flags = new Map<string, string[]>();
  const positional: string[] = [];
  let at = 0;
  while (at < args.length) {
    const arg = args[at] ?? '';
    if (arg === '--') {
      positional.push(...args.slice(at + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      positional.push(arg);
      at += 1;
      continue;
    }
    const read = readFlag(args, at, table);
    if (read === null) return null;
    for (const [name, value] of read.flags) flags.set(name, [...(flags.get(name) ?? []), value]);
    at = read.next;
  }
  return { flags, positional };
}

interface ReadFlags {
  readonly flags: readonly (readonly [string, string])[];
  readonly next: number;
}

/** One argument that begins with a dash, and its value where it has one (pflag, `parseLongArg`, `parseShortArg`). */
function readFlag(args: readonly string[], at: number, table: FlagTable): ReadFlags | null {
  const arg = args[at] ?? '';
  return arg.startsWith('--') ? readLong(arg.slice(2), args, at, table) : readShort(arg.slice(1), args, at, table);
}

function readLong(text: string, args: readonly string[], at: number, table: FlagTable): ReadFlags | null {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  if (!table.switches.has(name) && !table.valued.has(name)) return null;
  if (equals >= 0) return { flags: [[name, text.slice(equals + 1)]], next: at + 1 };
  if (table.switches.has(name)) return { flags: [[name, 'true']], next: at + 1 };
  const value = args[at + 1];
  // Helm answers that the value is missing.
  return { flags: [[name, value ?? '']], next: at + 2 };
}

function readShort(letters: string, args: readonly string[], at: number, table: FlagTable): ReadFlags | null {
  const flags: (readonly [string, string])[] = [];
  for (let place = 0; place < letters.length; place += 1) {
    const name = table.short.get(letters.charAt(place));
    if (name === undefined) return null;
    const rest = letters.slice(place + 1);
    if (table.switches.has(name)) {
      if (rest.startsWith('=')) return { flags: [...flags, [name, rest]], next: at + 1 };
      flags.push([name, 'true']);
      continue;
    }
    if (rest !== '') return { flags: [...flags, [name, rest.replace(/^=/, '')]], next: at + 1 };
    return { flags: [...flags, [name, args[at + 1] ?? '']], next: at + 2 };
  }
  return { flags, next: at + 1 };
}

/** Helm keeps the last of several. */
function last({ flags }: ParsedArguments, name: string): string | null {
  return flags.get(name)?.at(-1) ?? null;
}

/** Anything but what Go reads as false counts as on: a switch that cannot be read must not switch a check off. */
function isOn(parsed: ParsedArguments, name: string): boolean {
  const value = last(parsed, name);
  return value !== null && !['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value);
}
