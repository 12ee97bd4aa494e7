import type { ParseArgsConfig } from 'node:util';

/** Exit statuses, as docs/command-line.md lists them. */
export const EXIT = { ok: 0, failed: 1, unknown: 2, usage: 64 } as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** Wrong usage: said in one sentence on standard error, with exit status 64. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Something that was named and cannot be used, such as a file: said on standard error, with exit status 2. */
export class InputError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InputError';
  }
}

export type OptionsConfig = NonNullable<ParseArgsConfig['options']>;
export type OptionValues = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

/** What a command writes to; tests give their own. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly stdin: () => Promise<string>;
}

export interface Invocation {
  /** As many as the command takes. */
  readonly operands: readonly string[];
  readonly options: OptionValues;
  readonly terminal: Terminal;
  /** Aborted when `--timeout` has passed. */
  readonly signal: AbortSignal;
}

export interface Command {
  readonly words: readonly string[];
  /** What follows the words, for people: `<chart.tgz> --keyring <file>...`. */
  readonly synopsis: string;
  /** What each operand is called: `<chart.tgz>`. All of them are needed, but those in brackets: `[<file>]`. */
  readonly operands: readonly string[];
  readonly summary: string;
  readonly usage: readonly string[];
  readonly options: OptionsConfig;
  /** Whether it takes {@link COMMON_OPTIONS}. */
  readonly common: boolean;
  readonly run: (invocation: Invocation) => Promise<ExitStatus>;
}

/** Options that every answering command takes. */
export const COMMON_OPTIONS = {
  output: { type: 'string', short: 'o', default: 'table' },
  now: { type: 'string' },
  'strict-rules': { type: 'string', default: 'on' },
  timeout: { type: 'string', default: '60s' },
} as const satisfies OptionsConfig;

export const COMMON_USAGE = [
  "--output table|json      json is the API's own types (default table)",
  '--now <RFC 3339>         judge as of this time (default: now)',
  "--strict-rules on|off    rules beyond Helm's own: SHA-1, DSA, short RSA, metadata (default on)",
  '--timeout <duration>     give up after, for example, 30s or 2m (default 60s)',
];

/** One value of an option, or undefined where it was not given. */
export function text(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function required(options: OptionValues, name: string): string {
  const value = text(options, name);
  if (value === undefined || value === '') throw new UsageError(`--${name} is needed.`);
  return value;
}

/** All values of an option that may be repeated. */
export function texts(options: OptionValues, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export function flag(options: OptionValues, name: string): boolean {
  return options[name] === true;
}

/** The moment that everything is judged at. */
export function moment(options: OptionValues): Date {
  const value = text(options, 'now');
  if (value === undefined) return new Date();
  const date = new Date(value);
  if (
    !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i.test(value) ||
    Number.isNaN(date.getTime())
  ) {
    throw new UsageError(`--now takes a time such as 2026-11-22T10:00:00Z, and got ${JSON.stringify(value)}.`);
  }
  return date;
}

/** One of a few words. */
export function choice<T extends string>(options: OptionValues, name: string, words: readonly T[]): T {
  const value = text(options, name);
  const word = words.find((candidate) => candidate === value);
  if (word === undefined)
    throw new UsageError(`--${name} takes ${words.join(' or ')}, and got ${JSON.stringify(value)}.`);
  return word;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration such as `30s`, in milliseconds; at most a day. */
export function duration(value: string, name: string): number {
  const match = /^(\d{1,9})(ms|s|m|h)$/.exec(value);
  const milliseconds = Number(match?.[1]) * (UNITS[match?.[2] ?? ''] ?? Number.NaN);
  if (!(milliseconds > 0) || milliseconds > 86_400_000) {
    throw new UsageError(`--${name} takes a duration from 1ms to 24h, such as 30s, and got ${JSON.stringify(value)}.`);
  }
  return milliseconds;
}
