/**
 * Versions as Masterminds/semver 3 reads them loosely (`NewVersion`, version.go): a `v` before it, missing minor or
 * patch numbers and leading zeros are fine. Argo CD and Helm both decide with it, so a stricter reader would
 * disagree with what they deploy.
 */
export interface Version {
  /** As it was written. */
  readonly text: string;
  /** Decimal without leading zeros, within 64 bits; text, since JavaScript numbers end at 53. */
  readonly major: string;
  readonly minor: string;
  readonly patch: string;
  /** Empty: a release. */
  readonly prerelease: string;
}

/**
 * Why a text is not a version: `not-a-version` has another form (`ErrInvalidSemVer`), `invalid-version` has the form
 * but a number over 64 bits or a prerelease number with a leading zero. Argo CD skips the former in a list and gives
 * up on a list with the latter.
 */
export type NoVersion = 'not-a-version' | 'invalid-version';

/** Longer texts are never versions (`MaxVersionLen` of Masterminds/semver 3.5, which Helm 4.3 uses). */
const MAX_LENGTH = 256;

const LOOSE =
  /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
const FULL = /^v?[0-9]+\.[0-9]+\.[0-9]+(?:[-+]|$)/;
const NUMBER_WITH_LEADING_ZERO = /^0[0-9]+$/;
const MAX_UINT64 = '18446744073709551615';

/** Reads one version; surrounding space is not trimmed. */
export function parseVersion(text: string): Version | NoVersion {
  const match = text.length > MAX_LENGTH ? null : LOOSE.exec(text);
  if (match === null) return 'not-a-version';
  const major = uint64(match[1] ?? '0');
  const minor = uint64(match[2] ?? '0');
  const patch = uint64(match[3] ?? '0');
  const prerelease = match[4] ?? '';
  if (major === null || minor === null || patch === null) return 'invalid-version';
  if (prerelease.split('.').some((part) => NUMBER_WITH_LEADING_ZERO.test(part))) return 'invalid-version';
  return { text, major, minor, patch, prerelease };
}

/** Narrows an answer of {@link parseVersion}. */
export function isVersion(parsed: Version | NoVersion): parsed is Version {
  return typeof parsed !== 'string';
}

/**
 * Whether a revision names major, minor and patch, so that Helm takes it for one version. `1.2` and `v1` are taken
 * for ranges by Helm, though Argo CD reports them as if they were versions.
 */
export function isFullVersion(revision: string): boolean {
  return FULL.test(revision) && isVersion(parseVersion(revision));
}

/** Precedence of two versions, negative if `a` is lower; build metadata has none (`Version.Compare`). */
export function compareVersions(a: Version, b: Version): number {
  const numbers =
    compareNumbers(a.major, b.major) || compareNumbers(a.minor, b.minor) || compareNumbers(a.patch, b.patch);
  if (numbers !== 0 || a.prerelease === b.prerelease) return numbers;
  if (a.prerelease === '') return 1;
  if (b.prerelease === '') return -1;
  return comparePrereleases(a.prerelease, b.prerelease);
}

/** Compares decimal texts without leading zeros by value. */
export function compareNumbers(a: string, b: string): number {
  if (a === b) return 0;
  return a.length === b.length ? (a < b ? -1 : 1) : a.length - b.length;
}

function comparePrereleases(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const order = compareIdentifiers(left[i] ?? '', right[i] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

/** Numbers come before texts; a "number" over 64 bits counts as text, as in `comparePrePart`. */
function compareIdentifiers(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '') return -1;
  if (b === '') return 1;
  const left = isDecimal(a) ? uint64(a) : null;
  const right = isDecimal(b) ? uint64(b) : null;
  if (left !== null && right !== null) return compareNumbers(left, right);
  if (left !== null) return -1;
  if (right !== null) return 1;
  return a < b ? -1 : 1;
}

function isDecimal(text: string): boolean {
  return /^[0-9]+$/.test(text);
}

function uint64(digits: string): string | null {
  const canonical = digits.replace(/^0+(?=.)/, '');
  return compareNumbers(canonical, MAX_UINT64) <= 0 ? canonical : null;
}
