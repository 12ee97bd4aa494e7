import { parseArgs } from 'node:util';
import { type Command, COMMON_OPTIONS, type OptionsConfig, type OptionValues, UsageError } from './command.ts';

interface Arguments {
  readonly operands: readonly string[];
  readonly options: OptionValues;
}

/**
 * Reads what follows a command's words. An option that may be repeated also takes several values in a row
 * (`--keyring a.gpg b.gpg`), as far as the command's operands do not need them.
 */
export function parseArguments(command: Command, args: readonly string[]): Arguments {
  const config: OptionsConfig = { ...command.options, ...(command.common ? COMMON_OPTIONS : {}) };
  const { values, tokens } = parse(config, args);
  const lists = new Map<string, string[]>();
  const operands: string[] = [];
  /** Texts that may belong to the list before them. */
  const loose: { readonly text: string; readonly list: string[] }[] = [];
  let open: string[] | null = null;
  for (const token of tokens) {
    switch (token.kind) {
      case 'option':
        open = config[token.name]?.multiple === true ? listOf(lists, token.name) : null;
        if (token.value !== undefined) open?.push(token.value);
        break;
      case 'option-terminator':
        open = null;
        break;
      case 'positional':
        if (open === null) operands.push(token.value);
        else {
          loose.push({ text: token.value, list: open });
          open.push(token.value);
        }
        break;
    }
  }
  const needed = Math.max(0, command.operands.length - operands.length);
  for (const { text, list } of needed === 0 ? [] : loose.slice(-needed)) {
    list.splice(list.lastIndexOf(text), 1);
    operands.push(text);
  }
  requireOperands(command, operands);
  return { operands, options: { ...values, ...Object.fromEntries(lists) } };
}

interface Config {
  readonly args: string[];
  readonly options: OptionsConfig;
  readonly allowPositionals: true;
  readonly strict: true;
  readonly tokens: true;
}

function parse(options: OptionsConfig, args: readonly string[]): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true, tokens: true });
  } catch (error) {
    const [reason = ''] = error instanceof Error ? error.message.split(/\.(?:\s|$)/) : [];
    throw new UsageError(`${reason}.`);
  }
}

function listOf(lists: Map<string, string[]>, name: string): string[] {
  const list = lists.get(name) ?? [];
  lists.set(name, list);
  return list;
}

function requireOperands({ operands }: Command, given: readonly string[]): void {
  const missing = operands[given.length];
  if (missing !== undefined && !missing.startsWith('[')) throw new UsageError(`${missing} is missing.`);
  const extra = given[operands.length];
  if (extra === undefined) return;
  const takes = operands.length === 0 ? 'takes options only' : `takes one ${operands.join(' ')}`;
  throw new UsageError(`${JSON.stringify(extra)} is one too many: this command ${takes}.`);
}
