import { SETTINGS } from '../config/settings.ts';
import { isRootMetadata, SEED } from '../trust-root/seed.ts';
import { InputError, type OptionsConfig, type OptionValues, text, UsageError } from './command.ts';
import { readTextInput } from './input-files.ts';

/** Options that say which TUF mirror is meant, as `serve` has them with `--tuf-` before them. */
export const MIRROR_OPTIONS = { mirror: { type: 'string' }, root: { type: 'string' } } as const satisfies OptionsConfig;

export const MIRROR_USAGE = [
  '--mirror <url>           another TUF mirror than the public-good one; needs --root',
  '--root <file>            root.json that the mirror began with, or any later one that is trusted',
];

const MAX_ROOT_BYTES = 512 * 1024;

export interface WantedMirror {
  /** URL, without a slash at its end. */
  readonly mirror: string;
  /** Null: the one that came with this version. */
  readonly anchor: Uint8Array | null;
}

export async function readWantedMirror(options: OptionValues): Promise<WantedMirror> {
  const [given, path] = [text(options, 'mirror'), text(options, 'root')];
  const parsed = given === undefined ? null : SETTINGS.tufMirror.parse(given);
  if (parsed !== null && 'wrong' in parsed) {
    throw new UsageError(`--mirror ${parsed.wrong}: it takes ${parsed.write}, and got ${JSON.stringify(given)}.`);
  }
  const mirror = parsed?.value ?? SEED?.mirror ?? null;
  if (mirror === null) throw new UsageError('--mirror is needed: no mirror came with this version.');
  if (path === undefined && mirror !== SEED?.mirror) {
    throw new UsageError('--mirror needs --root: the root.json of that mirror did not come with this version.');
  }
  if (path === undefined) return { mirror, anchor: null };
  const root = await readTextInput({ what: 'The root', path, maxBytes: MAX_ROOT_BYTES });
  if (!isRootMetadata(root)) throw new InputError(`The root ${JSON.stringify(path)} is not root metadata of TUF.`);
  return { mirror, anchor: Buffer.from(root) };
}
