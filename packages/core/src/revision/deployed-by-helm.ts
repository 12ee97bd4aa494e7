import type { Problem } from '../verdict/problem.ts';
import { problem } from '../verdict/catalogue.ts';
import { parseConstraint, satisfies } from './constraint.ts';
import { compareVersions, isFullVersion, isVersion, parseVersion } from './version.ts';

/** The entry of an index that `helm pull --version` downloads. */
export type HelmChoice<E> =
  | {
      readonly entry: E;
      /** `exact`: the entry has this very text as its version. `constraint`: it is the first that satisfies it. */
      readonly by: 'exact' | 'constraint';
      /**
       * Other entries that Helm could have taken as well: the same version text, or no precedence over the chosen one.
       * Helm's sort is not stable, so which of them it takes is chance; an attacker could count on it.
       */
      readonly rivals: readonly E[];
    }
  | { readonly none: 'not-a-constraint' | 'no-match' };

/**
 * Which entry `helm pull --version` takes for what Argo CD hands over: the exact text first, then the highest entry
 * that satisfies the text as a constraint – so `1.2` deploys the latest 1.2.x, and `1.2.3` an entry `v1.2.3`.
 * The order of `entries` does not matter; those whose version is none are passed over, as Helm drops them.
 * After Helm 4.3.1, pkg/repo/v1/index.go `Get` and `SortEntries`.
 */
export function deployedByHelm<E extends { readonly version: string }>(
  version: string,
  entries: readonly E[],
): HelmChoice<E> {
  const constraint = parseConstraint(version);
  if (constraint === null) return { none: 'not-a-constraint' };
  const [exact, ...sameText] = entries.filter(
    (entry) => entry.version === version && isVersion(parseVersion(entry.version)),
  );
  if (exact !== undefined) return { entry: exact, by: 'exact', rivals: sameText };
  const satisfying = sortLikeHelm(entries).filter(({ version: text }) => {
    const parsed = parseVersion(text);
    return isVersion(parsed) && satisfies(parsed, constraint);
  });
  const [first, ...others] = satisfying;
  if (first === undefined) return { none: 'no-match' };
  return { entry: first, by: 'constraint', rivals: others.filter((other) => precedence(other, first) === 0) };
}

/** Highest version first; entries whose version is none are dropped, equal ones keep their order. */
export function sortLikeHelm<E extends { readonly version: string }>(entries: readonly E[]): E[] {
  return entries
    .flatMap((entry) => {
      const version = parseVersion(entry.version);
      return isVersion(version) ? [{ entry, version }] : [];
    })
    .sort((a, b) => compareVersions(b.version, a.version))
    .map(({ entry }) => entry);
}

/**
 * The problem of a revision that Argo CD shows as a version though Helm takes it for a range: `1.2`, `v1`.
 * `deployed` is the full version to write instead. Null for a full version.
 */
export function partialRevision(revision: string, deployed: string): Problem | null {
  if (!isVersion(parseVersion(revision)) || isFullVersion(revision)) return null;
  return problem('revision-partial', { revision, full: deployed });
}

function precedence(a: { readonly version: string }, b: { readonly version: string }): number | null {
  const left = parseVersion(a.version);
  const right = parseVersion(b.version);
  return isVersion(left) && isVersion(right) ? compareVersions(left, right) : null;
}
