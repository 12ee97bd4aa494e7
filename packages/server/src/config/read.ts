import type { ConfigFault } from './fault.ts';
import { isOurVariable, variableOf } from './setting.ts';
import { SETTINGS } from './settings.ts';

/** The text of a setting, and how it was given: `--cluster-dir` or `SOURCE_INTEGRITY_CLUSTER_DIR`. */
interface Given {
  readonly text: string;
  readonly as: string;
}

export interface Reading {
  /** By flag, without the dashes. */
  readonly given: ReadonlyMap<string, Given>;
  readonly faults: readonly ConfigFault[];
}

// A Service named source-integrity or source-integrity-* puts these into every pod of its namespace.
const SERVICE_LINK = /_(?:SERVICE_(?:HOST|PORT(?:_.+)?)|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/**
 * First step: collects what flags and environment say, without judging it. Flags win. A variable of ours that is not
 * known is a fault: a misspelt SOURCE_INTEGRITY_PRIVATE_ADDRESSES must not leave the default in force.
 */
export function readSettings(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): Reading {
  const given = new Map<string, Given>();
  const settings = Object.values(SETTINGS);
  const byVariable = new Map(settings.map(({ flag }) => [variableOf(flag), flag]));
  const faults: ConfigFault[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!isOurVariable(variable) || text === undefined) continue;
    const flag = byVariable.get(variable);
    if (flag !== undefined) given.set(flag, { text, as: variable });
    else if (!SERVICE_LINK.test(variable)) faults.push(unknownVariable(variable));
  }
  for (const { flag, secret } of settings) {
    const text = Object.hasOwn(flags, flag) ? flags[flag] : undefined;
    if (!secret && typeof text === 'string') given.set(flag, { text, as: `--${flag}` });
  }
  return { given, faults };
}

function unknownVariable(variable: string): ConfigFault {
  const write = 'the name of a setting that "source-integrity serve --help" lists, or unset it';
  return { setting: variable.slice(0, 100), value: null, wrong: 'is not a setting', write };
}
