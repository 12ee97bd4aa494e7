import type { Problem } from '../verdict/problem.ts';
import { problem } from '../verdict/catalogue.ts';
import { quotable } from '../verdict/quotable.ts';
import { MAX_COMPARISONS, parseConstraint, satisfies, type Constraint } from './constraint.ts';
import { compareVersions, isVersion, parseVersion, type Version } from './version.ts';

/** Longer revisions are refused: no version or constraint that Helm 4.3 accepts is longer. */
export const MAX_REVISION_LENGTH = 256;
/** Longer lists are refused. */
export const MAX_VERSIONS = 100_000;

/** What a target revision stands for. */
export interface ResolvedRevision {
  readonly revision: string;
  /**
   * `version`: taken as it is, without a look at the list, so it need not exist. `constraint`: the highest version of
   * the list within it. `literal`: neither, but the list has this very text.
   */
  readonly kind: 'version' | 'constraint' | 'literal';
}

/**
 * What Argo CD makes of the `targetRevision` of a Helm source, given the versions of the chart in the index, or its
 * tags in a registry with `_` read as `+` (see {@link versionOfTag}).
 * After Argo CD 3.6.1, util/versions/tags.go `MaxVersion` and reposerver `newHelmClientResolveRevision`.
 */
export function resolveRevision(
  targetRevision: string,
  versions: readonly string[],
): ResolvedRevision | { readonly problem: Problem } {
  if (targetRevision === '') return { problem: problem('revision-empty', {}) };
  if (targetRevision.length > MAX_REVISION_LENGTH) {
    return {
      problem: problem('revision-too-long', { length: targetRevision.length, limit: MAX_REVISION_LENGTH }),
    };
  }
  if (versions.length > MAX_VERSIONS) {
    return { problem: problem('revision-list-too-long', { versions: versions.length, limit: MAX_VERSIONS }) };
  }
  if (isVersion(parseVersion(targetRevision))) return { revision: targetRevision, kind: 'version' };
  const constraint = parseConstraint(targetRevision);
  if (constraint !== null) return highestWithin(targetRevision, constraint, versions);
  if (versions.includes(targetRevision)) return { revision: targetRevision, kind: 'literal' };
  return {
    problem: problem('revision-not-understood', {
      revision: quotable(targetRevision),
      comparisonLimit: MAX_COMPARISONS,
    }),
  };
}

/** Whether Argo CD takes a revision for a range: it parses as a constraint and not as a version (`IsConstraint`). */
export function isConstraint(revision: string): boolean {
  return !isVersion(parseVersion(revision)) && parseConstraint(revision) !== null;
}

/** Registries allow no `+` in tags; by convention `_` stands for it (Argo CD 3.6.1, util/helm/client.go `GetTags`). */
export function versionOfTag(tag: string): string {
  return tag.replaceAll('_', '+');
}

function highestWithin(
  revision: string,
  constraint: Constraint,
  versions: readonly string[],
): ResolvedRevision | { readonly problem: Problem } {
  let highest: Version | null = null;
  for (const text of versions) {
    const version = parseVersion(text);
    if (version === 'not-a-version') continue;
    if (version === 'invalid-version') {
      return { problem: problem('revision-list-invalid', { version: quotable(text) }) };
    }
    if (satisfies(version, constraint) && (highest === null || compareVersions(version, highest) > 0))
      highest = version;
  }
  if (highest !== null) return { revision: highest.text, kind: 'constraint' };
  return {
    problem: problem('revision-no-match', {
      revision: quotable(revision),
      versions: versions.length,
      newest: newestVersions(versions, 3).map(quotable),
    }),
  };
}

/** The highest versions of a list, best first, for messages. Texts that are not versions are left out. */
export function newestVersions(versions: readonly string[], count: number): string[] {
  return versions
    .map(parseVersion)
    .filter(isVersion)
    .sort((a, b) => compareVersions(b, a))
    .slice(0, count)
    .map(({ text }) => text);
}
