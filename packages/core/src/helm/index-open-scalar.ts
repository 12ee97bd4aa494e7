import { plainKind } from './index-scalar.ts';

/** What a line below an unfinished scalar is to it. */
type Step = 'more' | 'last' | 'not-mine' | 'unknown';

/** A scalar that may go on in the next line. */
export interface OpenScalar {
  /** Takes the next line; `indent` is the number of spaces it begins with. */
  take(line: string, indent: number): Step;
  /** Whether it is complete as it stands. */
  readonly mayEnd: boolean;
}

const ESCAPE = String.raw`\\(?:[0abtnvfre "/\\N_LP]|x[0-9A-Fa-f]{2}|u(?![dD][89A-Fa-f])[0-9A-Fa-f]{4}|U000[0-9A-Fa-f]{5})`;
const DOUBLE_QUOTED = new RegExp(`^(?:[^"\\\\]|${ESCAPE})*"$`);
const DOUBLE_QUOTED_ON = new RegExp(`^(?:[^"\\\\]|${ESCAPE})*\\\\?$`);
const SINGLE_QUOTED = /^(?:[^']|'')*'$/;
const SINGLE_QUOTED_ON = /^(?:[^']|'')*$/;
const BLOCK = /^[|>](?:([1-9])[-+]?|[-+])?$/;
const PLAIN_START = /^[^\s\-?:,[\]{}#&*!|>'"%@`]/;

/**
 * Reads the text that begins a scalar, which is a string to every YAML reader.
 * `closed`: complete on this line. Null: none of the forms that go-yaml writes.
 *
 * @param column of the key or list that it belongs to: lines that go on are further in
 */
export function openScalar(source: string, column: number): OpenScalar | 'closed' | null {
  switch (source.charAt(0)) {
    case '"':
      return openQuoted(source.slice(1), column, DOUBLE_QUOTED, DOUBLE_QUOTED_ON);
    case "'":
      return openQuoted(source.slice(1), column, SINGLE_QUOTED, SINGLE_QUOTED_ON);
    case '|':
    case '>':
      return openBlock(source, column);
    default:
      return PLAIN_START.test(source) && isPlainLine(source) && plainKind(source) === 'text' ? openPlain(column) : null;
  }
}

function openQuoted(rest: string, column: number, last: RegExp, on: RegExp): OpenScalar | 'closed' | null {
  if (last.test(rest)) return 'closed';
  if (!on.test(rest)) return null;
  return {
    mayEnd: false,
    take: (line, indent) => {
      if (indent <= column || indent === line.length) return 'unknown';
      const text = line.slice(indent);
      return last.test(text) ? 'last' : on.test(text) ? 'more' : 'unknown';
    },
  };
}

/** The first line with text sets how far in a block is, unless its head says so; less than that ends it. */
function openBlock(head: string, column: number): OpenScalar | null {
  const match = BLOCK.exec(head);
  if (match === null) return null;
  let inside = match[1] === undefined ? null : column + Number(match[1]);
  return {
    mayEnd: true,
    take: (line, indent) => {
      if (line === '') return 'more';
      if (indent === line.length) return 'unknown';
      if (indent <= column) return inside === null ? 'unknown' : 'not-mine';
      inside ??= indent;
      return indent >= inside ? 'more' : 'unknown';
    },
  };
}

function openPlain(column: number): OpenScalar {
  return {
    mayEnd: true,
    take: (line, indent) => {
      if (indent <= column) return 'not-mine';
      const text = line.slice(indent);
      return text !== '' && !/^[#?]/.test(text) && isPlainLine(text) ? 'more' : 'unknown';
    },
  };
}

function isPlainLine(text: string): boolean {
  return !text.includes(': ') && !text.includes(' #') && !text.endsWith(':') && !text.endsWith(' ');
}
