import { DEFAULT_STRICT_RULES, HELM_RULES, type StrictRules, type Trust } from '@source-integrity/core';
import { choice, type OptionsConfig, type OptionValues, moment } from './command.ts';
import { type KeyringFiles, readKeyringFiles, trustedKeys } from './keyring-files.ts';

/** Options of the commands that are given keys. */
export const KEY_OPTIONS = {
  keyring: { type: 'string', multiple: true },
  keys: { type: 'string', multiple: true },
} as const satisfies OptionsConfig;

export const KEY_USAGE = [
  '--keyring <file>...      public keys: binary, armored, or a folder of such files',
  '--keys <id>...           trust only these: key IDs (16 digits) or fingerprints (40 or 64);',
  '                         any one suffices; without it every key of the ring counts',
];

/** What a chart is judged by, apart from the chart. */
export interface JudgedBy extends KeyringFiles {
  readonly trust: Trust;
  readonly rules: StrictRules;
  readonly now: Date;
}

export async function readJudgedBy(options: OptionValues): Promise<JudgedBy> {
  const [trust, rules, now] = [trustedKeys(options), strictRules(options), moment(options)];
  choice(options, 'output', ['table', 'json']);
  return { ...(await readKeyringFiles(options)), trust, rules, now };
}

function strictRules(options: OptionValues): StrictRules {
  return choice(options, 'strict-rules', ['on', 'off']) === 'off' ? HELM_RULES : DEFAULT_STRICT_RULES;
}
