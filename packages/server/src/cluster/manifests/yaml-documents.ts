import { quotable } from '@source-integrity/core';
import {
  type CollectionTag,
  type Document,
  isMap,
  LineCounter,
  parseAllDocuments,
  type ScalarTag,
  type Tags,
} from 'yaml';

/** What is wrong with a part of a file; `line` from 1. */
interface YamlFault {
  readonly line: number;
  readonly reason: string;
}

/** One document of a file. */
export interface YamlDocument {
  /** Where its content begins, from 1. */
  readonly line: number;
  /** What is in it; what could be made out before the fault, if there is one. */
  readonly value: unknown;
  readonly fault: YamlFault | null;
  /** Where a member stands, by its path; the closest one that is there. */
  readonly lineOf: (path: readonly PropertyKey[]) => number;
}

/** Aliases that one document may come to; an alias of aliases counts what it stands for. */
const MAX_ALIASES = 100;

/** Tags of YAML 1.1 that Go's reader resolves otherwise or not at all: base 60, times, sets, binaries. */
const FOREIGN_TAGS = /:(?:timestamp|binary|omap|pairs|set)$/;

/** To Go a number has a digit before its exponent; to YAML 1.1 `.` and `e5` are numbers, too. */
const STARTS_WITH_DIGITS = String.raw`(?=[-+]?\.?_*[0-9])`;

/**
 * Reads a file of documents as kubectl does. That is YAML 1.1, where an unquoted `on`, `off`, `yes` and `no` are
 * booleans: in the texts of a ConfigMap the API server refuses them. Keys that stand twice are a fault.
 */
export function readYamlDocuments(text: string): readonly YamlDocument[] {
  const counter = new LineCounter();
  try {
    const documents = parseAllDocuments(text, {
      version: '1.1',
      customTags: (tags) => withoutForeignTags(tags).map(asGoReadsNumbers),
      lineCounter: counter,
      logLevel: 'silent',
      prettyErrors: false,
      uniqueKeys: true,
    });
    return [...documents].filter((document) => !isBlank(document)).map((document) => readDocument(document, counter));
  } catch (error) {
    // Nesting that exhausts the stack ends up here.
    return [{ line: 1, value: null, fault: { line: 1, reason: reasonOf(error) }, lineOf: () => 1 }];
  }
}

function readDocument(document: Document.Parsed, counter: LineCounter): YamlDocument {
  const line = lineAt(counter, document.contents?.range[0] ?? document.range[0]);
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const offset = offsetOf(document, path.slice(0, length));
      if (offset !== null) return lineAt(counter, offset);
    }
    return line;
  };
  const [error] = document.errors;
  const fault = error === undefined ? null : { line: lineAt(counter, error.pos[0]), reason: quotable(error.message) };
  try {
    // Keys that stand twice, or two documents run into one: nobody can say which of them is meant.
    const isTwofold = document.errors.some(({ code }) => code === 'DUPLICATE_KEY');
    const value: unknown = isTwofold ? null : document.toJS({ maxAliasCount: MAX_ALIASES });
    return { line, value, fault, lineOf };
  } catch (caught) {
    return { line, value: null, fault: fault ?? { line, reason: reasonOf(caught) }, lineOf };
  }
}

/** Where the key of a member stands, or the item of a list. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number | null {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const name = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => String(key) === String(name));
    return pair === undefined ? null : startOf(pair.key);
  }
  return startOf(document.getIn(path, true));
}

function startOf(node: unknown): number | null {
  const range: unknown = typeof node === 'object' && node !== null && 'range' in node ? node.range : null;
  const start: unknown = Array.isArray(range) ? range[0] : null;
  return typeof start === 'number' ? start : null;
}

function isBlank(document: Document.Parsed): boolean {
  return document.errors.length === 0 && document.toJS({ maxAliasCount: 0 }) === null;
}

function withoutForeignTags(tags: Tags): Tags {
  return tags.filter((tag) => typeof tag === 'string' || !(FOREIGN_TAGS.test(tag.tag) || isBase60(tag)));
}

function asGoReadsNumbers(tag: Tags[number]): Tags[number] {
  if (typeof tag === 'string' || tag.collection !== undefined) return tag;
  const { test } = tag;
  if (test === undefined || !(test.test('.') || test.test('e5'))) return tag;
  return { ...tag, test: new RegExp(`^${STARTS_WITH_DIGITS}(?:${test.source})`) };
}

function isBase60(tag: ScalarTag | CollectionTag): boolean {
  return 'format' in tag && tag.format === 'TIME';
}

function lineAt(counter: LineCounter, offset: number): number {
  return Math.max(1, counter.linePos(offset).line);
}

function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return 'it nests too deep';
  return quotable(error instanceof Error ? error.message : 'it cannot be read');
}
