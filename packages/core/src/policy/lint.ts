import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import type { Glob } from './glob.ts';
import { parsePolicy } from './parse-policy.ts';
import type { AnyPolicy } from './policy-set.ts';
import { expiredProblem } from './requirements.ts';

export interface LintResult {
  /** With any of these, the sources concerned are refused. */
  readonly errors: readonly Problem[];
  /** What works, and is probably not what was meant. */
  readonly warnings: readonly Problem[];
}

/** What `policy lint` says of the data of argocd-source-integrity-cm. */
export function lintPolicy(data: Readonly<Record<string, string>>, now: Date): LintResult {
  const policy = parsePolicy(data);
  const documents = [policy.baseline, ...policy.projects.values()].filter((document) => document !== null);
  const ofProjects = [...policy.projects.values()].flatMap(({ problems }) => problems);
  const lists: (readonly AnyPolicy[])[] = documents
    .filter(({ problems }) => problems.length === 0)
    .flatMap(({ helm, oci }) => [helm, oci]);
  return {
    errors: [...policy.problems, ...ofProjects],
    warnings: [
      ...lists.flatMap((list) => list.flatMap((entry, index) => lintEntry(entry, list.slice(0, index)))),
      ...policy.exemptions.filter(({ until }) => until <= now).map(expiredProblem),
    ],
  };
}

function lintEntry(entry: AnyPolicy, before: readonly AnyPolicy[]): Problem[] {
  const found: Problem[] = [];
  const by = before.find((earlier) => covers(earlier, entry));
  if (by !== undefined) {
    found.push(problem('policy-entry-shadowed', { ...entry.place, policy: nameOf(entry), by: nameOf(by) }));
  }
  for (const { pattern } of entry.include) {
    if (pattern.startsWith('http://')) {
      found.push(problem('policy-url-insecure', { ...entry.place, glob: quotable(pattern) }));
    }
  }
  if (entry.mode === 'none') return found;
  const trusted = entry.list === 'helm' ? entry.keys.length : entry.keys.length + entry.identities.length;
  if (trusted === 0) found.push(problem('policy-trusts-nothing', { ...entry.place, policy: nameOf(entry) }));
  for (const key of entry.list === 'helm' ? entry.keys : []) {
    if (key.length === 16) found.push(problem('policy-key-short', { ...entry.place, key }));
  }
  return found;
}

function nameOf({ ref }: AnyPolicy): string {
  return `${ref.entry} › ${ref.list} › ${ref.index}`;
}

/** Whether the earlier entry surely matches whatever the later one matches. False where that is hard to tell. */
function covers(earlier: AnyPolicy, later: AnyPolicy): boolean {
  if (earlier.exclude.length > 0) return false;
  const isForAllCharts = earlier.list === 'oci' || earlier.charts === null;
  const charts = later.list === 'oci' ? [] : (later.charts ?? []);
  const coversCharts =
    isForAllCharts || (charts.length > 0 && charts.every((chart) => isCovered(chart, earlier.charts ?? [])));
  return coversCharts && later.include.every((glob) => isCovered(glob, earlier.include));
}

/** A glob of text and stars matches whatever another of text, `*` and `?` does if it matches that one as a text. */
function isCovered(glob: Glob, by: readonly Glob[]): boolean {
  const isPlain = !/[[{\\]/.test(glob.pattern);
  return by.some(
    (wider) =>
      wider.pattern === glob.pattern || (isPlain && !/[[{\\?]/.test(wider.pattern) && wider.matches(glob.pattern)),
  );
}
