import { Minimatch } from 'minimatch';
import { parseGlob, type CodePointRange, type GlobNode } from './glob-syntax.ts';

/** Longest glob, in UTF-16 units. */
export const MAX_GLOB_LENGTH = 1024;
/** Most `*` in one glob. */
const MAX_GLOB_STARS = 32;
/** Most `{…}` in one glob. */
const MAX_GLOB_BRACES = 32;
/** Longest text that is looked at, in UTF-16 units; a longer one matches nothing. */
const MAX_GLOB_TEXT = 2048;

/** A compiled glob; `matches` answers as Argo CD's does, for every text up to {@link MAX_GLOB_TEXT}. */
export interface Glob {
  readonly pattern: string;
  readonly nodes: readonly GlobNode[];
  readonly matches: (text: string) => boolean;
}

/** Why a glob is a configuration error: Argo CD cannot read it, or this project will not answer for it. */
export interface GlobFault {
  readonly fault: 'invalid' | 'unsupported';
  /** Continues "…, because": "a "{" is never closed". */
  readonly reason: string;
}

/**
 * Compiles a glob as Argo CD's Git policies read it: gobwas/glob 1.0.0 without separators, so that `*` crosses `/`;
 * `?`, `[a-z]`, `[!a-z]`, `{a,b}`, `\` escapes; case-sensitive. A leading `!` is text here: policies take theirs off
 * first.
 *
 * Minimatch does the matching, which is linear in the text (it simulates an automaton). What it would read as more
 * than a character – separators, dots, comments, negation, ranges, extended globs, POSIX classes – is moved out of
 * its sight in the glob and in the text alike: see {@link veil}.
 */
export function compileGlob(pattern: string): Glob | GlobFault {
  if (pattern.length > MAX_GLOB_LENGTH) {
    return { fault: 'unsupported', reason: `it is longer than ${MAX_GLOB_LENGTH} characters` };
  }
  const parsed = parseGlob(pattern);
  if ('invalid' in parsed) return { fault: 'invalid', reason: parsed.invalid };
  if (count(parsed.nodes, 'any') > MAX_GLOB_STARS) {
    return { fault: 'unsupported', reason: `it has more than ${MAX_GLOB_STARS} stars` };
  }
  if (count(parsed.nodes, 'choice') > MAX_GLOB_BRACES) {
    return { fault: 'unsupported', reason: `it has more than ${MAX_GLOB_BRACES} pairs of braces` };
  }
  if (isMisread(parsed.nodes)) {
    return { fault: 'unsupported', reason: 'braces with choices of different length stand between two stars' };
  }
  const matcher = new Minimatch(FRAME + write(parsed.nodes), {
    dot: true,
    nobrace: true,
    nocomment: true,
    nonegate: true,
    noglobstar: true,
    platform: 'linux',
    optimizationLevel: 0,
  });
  // Most globs of a policy name another host, which is told without the matcher.
  const [first] = parsed.nodes;
  const start = first?.kind === 'text' ? first.text.toWellFormed() : '';
  return {
    pattern,
    nodes: parsed.nodes,
    matches: (text) =>
      text.length <= MAX_GLOB_TEXT && text.toWellFormed().startsWith(start) && matcher.match(FRAME + veil(text)),
  };
}

export function isGlobFault(compiled: Glob | GlobFault): compiled is GlobFault {
  return 'fault' in compiled;
}

/** Begins every glob and text, since Minimatch has rules of its own for empty ones. No veiled text contains it. */
const FRAME = 'x';

/** Low surrogates stand for ASCII: well-formed text holds none on its own, so nothing else can be mistaken for them. */
const VEIL = 0xdc00;
const ASCII = 0x7f;

/**
 * Moves every ASCII character, the separator first of all, to a code point that Minimatch has no rule for. The map is
 * one to one, and it keeps the order, so that ranges in classes stay ranges.
 */
function veil(text: string): string {
  let veiled = '';
  for (const character of text.toWellFormed()) {
    const codePoint = character.codePointAt(0) ?? 0;
    veiled += codePoint <= ASCII ? String.fromCharCode(VEIL + codePoint) : character;
  }
  return veiled;
}

function write(nodes: readonly GlobNode[]): string {
  return nodes.map(writeNode).join('');
}

function writeNode(node: GlobNode): string {
  switch (node.kind) {
    case 'text':
      return veil(node.text);
    case 'any':
      return '*';
    case 'one':
      return '?';
    case 'class':
      return `[${node.negated ? '!' : ''}${node.ranges.flatMap(veiledRanges).join('')}]`;
    case 'choice':
      return `@(${node.alternatives.map(write).join('|')})`;
  }
}

/** A range of text, as ranges of veiled text: ASCII moved, the rest left, the surrogates between them left out. */
function veiledRanges([low, high]: CodePointRange): string[] {
  return [
    part(low, Math.min(high, ASCII), VEIL),
    part(Math.max(low, ASCII + 1), Math.min(high, 0xd7ff), 0),
    part(Math.max(low, 0xe000), high, 0),
  ].filter((range) => range !== '');
}

function part(low: number, high: number, offset: number): string {
  if (low > high) return '';
  const [first, last] = [String.fromCodePoint(low + offset), String.fromCodePoint(high + offset)];
  return low === high ? first : `${first}-${last}`;
}

/**
 * Whether gobwas/glob 1.0.0 itself answers wrongly for some texts: at a star it forgets where an earlier one could go
 * on (`storeStar`, "they are redundant"), which is true only if what stands between them has one length. So
 * `*{abbc,b}*[c]c` does not match `abbcc` there. No answer is better than either.
 */
function isMisread(nodes: readonly GlobNode[]): boolean {
  return walk(live(nodes), 'no-star') === 'misread';
}

type Progress = 'no-star' | 'star' | 'star-and-choice' | 'misread';
const PROGRESS: readonly Progress[] = ['no-star', 'star', 'star-and-choice', 'misread'];

function walk(nodes: readonly GlobNode[], before: Progress): Progress {
  return nodes.reduce<Progress>((progress, node) => {
    switch (node.kind) {
      case 'any':
        return progress === 'no-star' ? 'star' : progress === 'star' ? 'star' : 'misread';
      case 'choice': {
        const after = node.alternatives.map((alternative) => walk(alternative, progress));
        const furthest = after.reduce((a, b) => (PROGRESS.indexOf(b) > PROGRESS.indexOf(a) ? b : a), progress);
        return furthest === 'star' && lengthOf(node) === null ? 'star-and-choice' : furthest;
      }
      case 'text':
      case 'one':
      case 'class':
        return progress;
    }
  }, before);
}

/** The nodes without a last star that needs no second try: one at the end, or with nothing but text behind it. */
function live(nodes: readonly GlobNode[]): readonly GlobNode[] {
  const last = nodes.findLastIndex((node) => node.kind !== 'text');
  return nodes[last]?.kind === 'any' ? nodes.slice(0, last) : nodes;
}

/** How many characters a node matches; null where that varies. */
function lengthOf(node: GlobNode): number | null {
  switch (node.kind) {
    case 'text':
    case 'one':
    case 'class':
      return 1;
    case 'any':
      return null;
    case 'choice': {
      const [first = null, ...others] = node.alternatives.map(lengthOfAll);
      return others.every((length) => length === first) ? first : null;
    }
  }
}

function lengthOfAll(nodes: readonly GlobNode[]): number | null {
  return nodes.reduce<number | null>((total, node) => {
    const length = lengthOf(node);
    return total === null || length === null ? null : total + length;
  }, 0);
}

function count(nodes: readonly GlobNode[], kind: GlobNode['kind']): number {
  return nodes.reduce((total, node) => {
    const inside = node.kind === 'choice' ? node.alternatives.reduce((sum, one) => sum + count(one, kind), 0) : 0;
    return total + inside + (node.kind === kind ? 1 : 0);
  }, 0);
}
