import { compareNumbers, compareVersions, isVersion, parseVersion, type Version } from './version.ts';

/**
 * Version constraints of Masterminds/semver 3 (constraints.go): groups joined by `||`, each a list of comparisons
 * joined by spaces or commas, all of which have to hold. node-semver reads the same texts differently (prereleases,
 * `>1.2`, `!=`, hyphen ranges), hence an own reader.
 */
export type Constraint = readonly Group[];

interface Group {
  readonly comparisons: readonly Comparison[];
  /** Prereleases match only within a group of which one comparison names a prerelease. */
  readonly admitsPrereleases: boolean;
}

interface Comparison {
  readonly operator: Operator;
  readonly bound: Version;
  /** The first part that is missing or `x`, from which on the bound stands for any. */
  readonly open: 'major' | 'minor' | 'patch' | null;
}

type Operator = '=' | '!=' | '>' | '<' | '>=' | '<=' | '~' | '^';

const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['', '='],
  ['=', '='],
  ['!=', '!='],
  ['>', '>'],
  ['<', '<'],
  ['>=', '>='],
  ['=>', '>='],
  ['<=', '<='],
  ['=<', '<='],
  ['~', '~'],
  ['~>', '~'],
  ['^', '^'],
]);

/** Masterminds/semver 3.5 (in Helm 4.3) refuses more groups; here that holds for all comparisons together as well. */
export const MAX_COMPARISONS = 64;
const MAX_GROUPS = 32;
const MAX_LENGTH = 256;

/** Go's `\s`; JavaScript's has more. */
const SPACE = String.raw`[\t\n\f\r ]`;
const PART = String.raw`[0-9|xX*]+`;
const BOUND = String.raw`v?(${PART})(\.${PART})?(\.${PART})?(-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?`;
/** Matched at one place only, and each part ends where another kind of character begins: linear. */
const COMPARISON = new RegExp(`${SPACE}*([=!<>~^]*)${SPACE}*(${BOUND})(${SPACE}*)`, 'y');
const HYPHEN_RANGE = new RegExp(`${SPACE}*(${BOUND})${SPACE}+-${SPACE}+(${BOUND})${SPACE}*`, 'g');

/** Reads a constraint; null if it is none, or larger than 256 characters, 32 groups or 64 comparisons. */
export function parseConstraint(text: string): Constraint | null {
  if (text.length > MAX_LENGTH) return null;
  const parts = writeHyphenRangesOut(text).split('||');
  if (parts.length > MAX_GROUPS) return null;
  const groups: Group[] = [];
  let count = 0;
  for (const part of parts) {
    const comparisons = parseGroup(part);
    count += comparisons?.length ?? 0;
    if (comparisons === null || count > MAX_COMPARISONS) return null;
    groups.push({ comparisons, admitsPrereleases: comparisons.some(({ bound }) => bound.prerelease !== '') });
  }
  return groups;
}

/** Whether a version is within a constraint. */
export function satisfies(version: Version, constraint: Constraint): boolean {
  return constraint.some(
    (group) =>
      (version.prerelease === '' || group.admitsPrereleases) &&
      group.comparisons.every((comparison) => holds(version, comparison)),
  );
}

/** Upstream rewrites text in text, the first place where the matched text occurs: so does this. */
function writeHyphenRangesOut(text: string): string {
  let written = text;
  for (const match of text.matchAll(HYPHEN_RANGE)) {
    const [range, from = '', , , , , to = ''] = match;
    written = written.replace(range, () => `>= ${from}, <= ${to} `);
  }
  return written;
}

function parseGroup(text: string): Comparison[] | null {
  const comparisons: Comparison[] = [];
  for (let at = 0; at < text.length || comparisons.length === 0;) {
    COMPARISON.lastIndex = at;
    const match = COMPARISON.exec(text);
    const comparison = match === null ? null : parseComparison(match);
    if (match === null || comparison === null) return null;
    comparisons.push(comparison);
    at = COMPARISON.lastIndex;
    if (at === text.length) break;
    const spaceAfter = match[7] ?? '';
    if (text[at] === ',') at += 1;
    else if (spaceAfter === '') return null;
    if (at === text.length) return null;
  }
  return comparisons;
}

function parseComparison(match: RegExpExecArray): Comparison | null {
  const [, sign = '', written = '', major = '', minor = '', patch = '', prerelease = ''] = match;
  const operator = OPERATORS.get(sign);
  const open = isAny(major) ? 'major' : isAny(minor) ? 'minor' : isAny(patch) ? 'patch' : null;
  const bound = parseVersion(
    open === 'major'
      ? `0.0.0${prerelease}`
      : open === 'minor'
        ? `${major}.0.0${prerelease}`
        : open === 'patch'
          ? `${major}${minor}.0${prerelease}`
          : written,
  );
  return operator === undefined || !isVersion(bound) ? null : { operator, bound, open };
}

function isAny(part: string): boolean {
  return /^(?:\.?[xX*])?$/.test(part);
}

function holds(version: Version, { operator, bound, open }: Comparison): boolean {
  switch (operator) {
    case '=':
      return open === null ? compareVersions(version, bound) === 0 : withinTilde(version, bound, open);
    case '!=':
      return differs(version, bound, open);
    case '>':
      return exceeds(version, bound, open);
    case '<':
      return compareVersions(version, bound) < 0;
    case '>=':
      return compareVersions(version, bound) >= 0;
    case '<=':
      return !surpasses(version, bound, open);
    case '~':
      return withinTilde(version, bound, open);
    case '^':
      return withinCaret(version, bound, open);
  }
}

type Open = Comparison['open'];

function sameMajor(a: Version, b: Version): boolean {
  return a.major === b.major;
}

function sameMinor(a: Version, b: Version): boolean {
  return sameMajor(a, b) && a.minor === b.minor;
}

/** `!=1.x` and `!=1.2.x` exclude a whole range, `!=x` only 0.0.0: upstream's own reading. */
function differs(version: Version, bound: Version, open: Open): boolean {
  switch (open) {
    case 'minor':
      return !sameMajor(version, bound);
    case 'patch':
      return !sameMinor(version, bound) || version.prerelease !== bound.prerelease;
    case 'major':
    case null:
      return compareVersions(version, bound) !== 0;
  }
}

/** `>1` begins at 2, `>1.2` at 1.3. */
function exceeds(version: Version, bound: Version, open: Open): boolean {
  switch (open) {
    case 'minor':
      return compareNumbers(version.major, bound.major) > 0;
    case 'patch':
      return (compareNumbers(version.major, bound.major) || compareNumbers(version.minor, bound.minor)) > 0;
    case 'major':
    case null:
      return compareVersions(version, bound) > 0;
  }
}

/** `<=1` ends before 2, `<=1.2` before 1.3, and `<=x` (read as 0.0) before 0.1. */
function surpasses(version: Version, bound: Version, open: Open): boolean {
  switch (open) {
    case 'minor':
      return compareNumbers(version.major, bound.major) > 0;
    case 'major':
    case 'patch':
      return (compareNumbers(version.major, bound.major) || compareNumbers(version.minor, bound.minor)) > 0;
    case null:
      return compareVersions(version, bound) > 0;
  }
}

/** `~1.2.3` and `~1.2` stay within the minor, `~1` within the major; `~x` and `~0.0.0` have no upper end. */
function withinTilde(version: Version, bound: Version, open: Open): boolean {
  if (compareVersions(version, bound) < 0) return false;
  if (isZero(bound) && (open === null || open === 'major')) return true;
  return open === 'minor' ? sameMajor(version, bound) : sameMinor(version, bound);
}

/** `^` keeps the leftmost number that is not zero. */
function withinCaret(version: Version, bound: Version, open: Open): boolean {
  if (compareVersions(version, bound) < 0 || !sameMajor(version, bound)) return false;
  if (bound.major !== '0' || open === 'minor') return true;
  if (!sameMinor(version, bound)) return false;
  return bound.minor !== '0' || open === 'patch' || version.patch === bound.patch;
}

function isZero(version: Version): boolean {
  return version.major === '0' && version.minor === '0' && version.patch === '0';
}
