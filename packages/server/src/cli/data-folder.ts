import { variableOf } from '../config/setting.ts';
import { SETTINGS } from '../config/settings.ts';
import { type OptionValues, text } from './command.ts';

const { flag, fallback } = SETTINGS.dataDir;

export const DATA_USAGE = `--data-dir <folder>      the server's (default ${fallback}, or ${variableOf(flag)})`;

/** The folder of the server's data. */
export function dataFolder(options: OptionValues): string {
  return text(options, flag) ?? process.env[variableOf(flag)] ?? fallback;
}
