import type { PolicyExplanation } from './explanation.ts';
import type { Glob } from './glob.ts';
import type { AnyPolicy } from './policy-set.ts';
import type { FormText, SourceForms } from './source-forms.ts';

/** By which glob and which form of the source an entry matches. */
export type Match = PolicyExplanation['requirements'][number]['matched'];
type Mismatch = Omit<PolicyExplanation['notMatched'][number], 'ref'>;

/**
 * Whether an entry is for a source. An owner chooses the spelling, so every form of the source may bring a
 * requirement upon it, but only the normal ones may take it away: by `!` in an entry that requires a signature, and
 * by an entry of mode `none`. (A `!` in the latter brings the requirements after it back, so there every form counts.)
 */
export function matchPolicy(policy: AnyPolicy, forms: SourceForms): Match | Mismatch {
  const all = forms.texts;
  const normal = all.filter(({ form }) => form !== 'raw' && form !== 'decoded');
  const requires = policy.mode !== 'none';
  const match = firstMatch(policy.include, requires ? all : normal);
  if (match === null) return { because: 'no-glob', glob: null };
  const exclusion = firstMatch(policy.exclude, requires ? normal : all);
  if (exclusion !== null) return { because: 'excluded', glob: `!${exclusion.glob}` };
  // In a registry the path before a chart's name may be written into the chart or into the repository.
  const names = requires ? forms.chartNames : forms.chartNames.slice(0, 1);
  const isForChart = policy.list === 'oci' || policy.charts === null || matchesAny(policy.charts, names);
  return isForChart ? match : { because: 'chart', glob: match.glob };
}

function firstMatch(globs: readonly Glob[], texts: readonly FormText[]): Match | null {
  for (const { form, text } of texts) {
    const glob = globs.find((one) => one.matches(text));
    if (glob !== undefined) return { glob: glob.pattern, form, text };
  }
  return null;
}

function matchesAny(globs: readonly Glob[], names: readonly string[]): boolean {
  return globs.some((glob) => names.some((name) => glob.matches(name)));
}
