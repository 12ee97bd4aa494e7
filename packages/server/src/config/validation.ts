import { readFileSync, statSync } from 'node:fs';
import type { ConfigFault } from './fault.ts';
import type { Reading } from './read.ts';
import { type Setting, variableOf } from './setting.ts';

/** What settings may name outside themselves. */
export interface Files {
  /** The text of a file; throws if it cannot be read. */
  readonly read: (path: string) => string;
  readonly isFolder: (path: string) => boolean;
}

export const systemFiles: Files = {
  read: (path) => readFileSync(path, 'utf8'),
  isFolder: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true,
};

/** Second step: parses one setting after the other and collects what is wrong with them, instead of ending at the first. */
export class Validation {
  readonly faults: ConfigFault[];
  readonly #given: Reading['given'];
  readonly #files: Files;

  constructor(reading: Reading, files: Files) {
    this.faults = [...reading.faults];
    this.#given = reading.given;
    this.#files = files;
  }

  /** A setting's value; its default where it was not given, or not given right, which is a fault then. */
  value<T>(setting: Setting<T>): T {
    const text = this.#given.get(setting.flag)?.text;
    return text === undefined ? setting.fallback : this.#parsed(setting, setting, text);
  }

  /** A secret, given by itself or in a file. Neither is ever repeated. */
  secret(setting: Setting<string | null>, file: Setting<string | null>): string | null {
    const path = this.value(file);
    if (path === null) return this.value(setting);
    if (this.#given.has(setting.flag)) this.wrong(file, `is given beside ${this.nameOf(setting)}`, 'one of them');
    const text = this.readable(file, path);
    return text === null ? null : this.#parsed(setting, file, text);
  }

  /** The text of the file that a setting names; null, and a fault, where it cannot be read. */
  readable(setting: Setting<unknown>, path: string): string | null {
    try {
      return this.#files.read(path);
    } catch {
      this.wrong(setting, 'cannot be read', 'the path of a file that this user may read');
      return null;
    }
  }

  isGiven({ flag }: Setting<unknown>): boolean {
    return this.#given.has(flag);
  }

  isFolder(path: string): boolean {
    return this.#files.isFolder(path);
  }

  /** Adds a fault. `wrong` completes "SETTING …". */
  wrong(setting: Setting<unknown>, wrong: string, write: string): void {
    const value = setting.secret ? null : (this.#given.get(setting.flag)?.text ?? null);
    this.faults.push({ setting: this.nameOf(setting), value, wrong, write });
  }

  /** What a person would change: as it was given, else its flag, or a secret's variable. */
  nameOf({ flag, secret }: Setting<unknown>): string {
    return this.#given.get(flag)?.as ?? (secret ? variableOf(flag) : `--${flag}`);
  }

  #parsed<T>(setting: Setting<T>, from: Setting<unknown>, text: string): T {
    const parsed = setting.parse(text);
    if ('value' in parsed) return parsed.value;
    this.wrong(from, parsed.wrong, parsed.write);
    return setting.fallback;
  }
}
