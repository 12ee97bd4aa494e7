import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type YAMLError } from 'yaml';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { nearest } from './nearest.ts';
import type { Place } from './policy-set.ts';

/** Characters of one entry. */
export const MAX_ENTRY = 128 * 1024;
/** Errors that are told of one entry. */
const MAX_PROBLEMS = 50;
/** Members of one list or mapping. */
const MAX_MEMBERS = 256;
/** Uses of an anchor in one entry. */
const MAX_ALIASES = 16;

interface Reading {
  readonly entry: string;
  readonly document: Document;
  readonly lines: LineCounter;
  readonly problems: Problem[];
  aliases: number;
}

/**
 * Parses the YAML (1.2, core schema) of one entry. Null where there is none to speak of; the errors, in the order of
 * the text, are added to `problems`.
 */
export function openYaml(entry: string, text: string, problems: Problem[]): YamlCursor | null {
  if (text.length > MAX_ENTRY) {
    problems.push(problem('policy-entry-too-large', { entry, limit: `${MAX_ENTRY / 1024} KiB` }));
    return null;
  }
  const lines = new LineCounter();
  const document = parse(text, lines);
  if (document === null) {
    problems.push(problem('policy-yaml-invalid', { entry, line: 1, column: 1, reason: 'it is nested too deeply' }));
    return null;
  }
  const faults = [...document.errors, ...document.warnings];
  for (const fault of faults.slice(0, MAX_PROBLEMS)) {
    problems.push(problem('policy-yaml-invalid', { ...place(entry, lines, fault.pos[0]), reason: reasonOf(fault) }));
  }
  if (faults.length > 0) return null;
  return new YamlCursor({ entry, document, lines, problems, aliases: 0 }, document.contents, entry, 0);
}

/** One value of the YAML: what is asked of it and not there becomes a problem, and the answer is null. */
export class YamlCursor {
  readonly field: string;
  readonly #reading: Reading;
  readonly #node: unknown;
  readonly #offset: number;
  readonly #fieldOffset: number;

  /** `fieldOffset` is where the value's field is, and where the value is said to be if it is empty. */
  constructor(reading: Reading, node: unknown, field: string, fieldOffset: number) {
    this.#reading = reading;
    this.field = field;
    this.#offset = rangeStart(node) ?? fieldOffset;
    this.#fieldOffset = fieldOffset;
    this.#node = this.#resolve(node);
  }

  get place(): Place {
    return place(this.#reading.entry, this.#reading.lines, this.#offset);
  }

  /** Where the field is whose value this is. */
  get fieldPlace(): Place {
    return place(this.#reading.entry, this.#reading.lines, this.#fieldOffset);
  }

  report(found: Problem): null {
    if (this.#reading.problems.length < MAX_PROBLEMS) this.#reading.problems.push(found);
    return null;
  }

  /** Reports that this value should be `expected`. */
  wrong(expected: string, meant: string | null = null): null {
    const params = { ...this.place, field: this.field, expected, actual: this.#shown(), meant };
    return this.report(problem('policy-value-invalid', params));
  }

  /** The members of a mapping that has no other fields than `known`, and all of `required`. */
  fields<K extends string>(
    known: readonly K[],
    required: readonly (readonly [field: K, write: string])[] = [],
  ): ReadonlyMap<string, YamlCursor> | null {
    const members = this.entries();
    if (members === null) return null;
    const unknown = [...members].filter(([name]) => !known.some((field) => field === name));
    for (const [name, member] of unknown) {
      const [field, meant] = [quotable(name), nearest(name, known)];
      this.report(problem('policy-field-unknown', { ...member.fieldPlace, field, meant, known: [...known] }));
    }
    for (const [field, write] of required) {
      if (!members.has(field)) this.report(problem('policy-field-missing', { ...this.place, field, write }));
    }
    return members;
  }

  /** The members of a mapping of any names. */
  entries(): ReadonlyMap<string, YamlCursor> | null {
    if (!isMap(this.#node)) return this.wrong('a mapping');
    const members = new Map<string, YamlCursor>();
    if (this.#node.items.length > MAX_MEMBERS) return this.wrong(`a mapping of at most ${MAX_MEMBERS} fields`);
    for (const { key, value } of this.#node.items) {
      const offset = rangeStart(key) ?? this.#offset;
      const name = isScalar(key) && typeof key.value === 'string' ? key.value : null;
      if (name === null) this.wrong('a mapping whose fields have names');
      else members.set(name, new YamlCursor(this.#reading, value, quotable(name), offset));
    }
    return members;
  }

  items(): readonly YamlCursor[] | null {
    if (!isSeq(this.#node)) return this.wrong('a list');
    if (this.#node.items.length > MAX_MEMBERS) return this.wrong(`a list of at most ${MAX_MEMBERS}`);
    return this.#node.items.map((item) => new YamlCursor(this.#reading, item, this.field, this.#offset));
  }

  /** Text, and nothing that YAML takes for a number, a boolean or nothing. */
  text(what: string, maxLength: number): string | null {
    if (!isScalar(this.#node)) return this.wrong(what);
    const { value } = this.#node;
    if (typeof value === 'number' || typeof value === 'boolean') return this.wrong(`${what}, put in quotes`);
    if (typeof value !== 'string' || value === '') return this.wrong(what);
    return value.length > maxLength ? this.wrong(`${what} of at most ${maxLength} characters`) : value;
  }

  oneOf<T extends string>(options: readonly T[]): T | null {
    const text = isScalar(this.#node) && typeof this.#node.value === 'string' ? this.#node.value : null;
    const found = options.find((option) => option === text);
    if (found !== undefined) return found;
    return this.wrong(
      options.map((option) => `"${option}"`).join(' or '),
      text === null ? null : nearest(text, options),
    );
  }

  #shown(): string {
    if (isMap(this.#node)) return 'a mapping';
    if (isSeq(this.#node)) return 'a list';
    if (!isScalar(this.#node) || this.#node.value === null) return 'nothing';
    const { value, source } = this.#node;
    return typeof value === 'string' ? `"${quotable(value)}"` : `${quotable(source ?? '')} (a ${typeof value})`;
  }

  #resolve(node: unknown): unknown {
    if (!isAlias(node)) return node;
    this.#reading.aliases += 1;
    const target = this.#reading.aliases > MAX_ALIASES ? undefined : node.resolve(this.#reading.document);
    if (target !== undefined) return target;
    const reason =
      this.#reading.aliases > MAX_ALIASES
        ? `anchors are used more than ${MAX_ALIASES} times`
        : `there is no anchor &${quotable(node.source)} before`;
    this.report(problem('policy-yaml-invalid', { ...this.place, reason }));
    return undefined;
  }
}

/** Null where the nesting exhausts the stack of the parser. */
function parse(text: string, lineCounter: LineCounter): Document | null {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, schema: 'core', uniqueKeys: true, strict: true });
  } catch (fault) {
    if (fault instanceof RangeError) return null;
    throw fault;
  }
}

function place(entry: string, lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { entry, line: Math.max(line, 1), column: Math.max(col, 1) };
}

function rangeStart(node: unknown): number | null {
  if (!isAlias(node) && !isMap(node) && !isScalar(node) && !isSeq(node)) return null;
  return node.range?.[0] ?? null;
}

/** Words for the faults that people make most; for the others the parser's own will do. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['TAB_AS_INDENT', 'a tab stands where only spaces may; indent with spaces'],
  ['DUPLICATE_KEY', 'this field is there twice'],
  ['MULTIPLE_DOCS', 'a second document begins here ("---")'],
]);

function reasonOf({ code, message }: YAMLError): string {
  return REASONS.get(code) ?? quotable(message.split('\n')[0] ?? message);
}
