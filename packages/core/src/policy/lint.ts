import { expressionFault } from '../cosign/identity.ts';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import type { Glob } from './glob.ts';
import { parsePolicy } from './parse-policy.ts';
import type { AnyPolicy, OciPolicy, TextOrRegExp } from './policy-set.ts';
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
    errors: [...policy.problems, ...ofProjects, ...lists.flat().flatMap(expressionErrors)],
    warnings: [
      ...lists.flatMap((list) => list.flatMap((entry, index) => lintEntry(entry, list.slice(0, index)))),
      ...policy.exemptions.filter(({ until }) => until <= now).map(expiredProblem),
    ],
  };
}

/** Found out only when a certificate is compared with them, long after whoever wrote them has gone. */
function expressionErrors(entry: AnyPolicy): Problem[] {
  if (entry.list !== 'oci') return [];
  return entry.identities.flatMap(({ issuer, subject }) => [
    ...expressionError(entry, 'issuerRegExp', issuer),
    ...expressionError(entry, 'subjectRegExp', subject),
  ]);
}

function expressionError({ place }: OciPolicy, field: string, part: TextOrRegExp): Problem[] {
  if (!('regExp' in part)) return [];
  const fault = expressionFault(part.regExp);
  if (fault === null) return [];
  const actual = `"${quotable(part.regExp)}", which ${fault}`;
  return [problem('policy-value-invalid', { ...place, field, expected: 'an RE2 expression', actual, meant: null })];
}

function lintEntry(entry: AnyPolicy, before: readonly AnyPolicy[]): Problem[] {
  const found: Problem[] = [];
  const by = before.find((earlier) => covers(earlier, entry));
  if (by !== undefined) {
    found.push(problem('policy-entry-shadowed', { ...entry.place, policy: nameOf(entry), by: nameOf(by) }));
  }
  for (const { pattern } of entry.include) {
    const params = { ...entry.place, glob: quotable(pattern) };
    if (entry.mode !== 'none' && isInsecure(pattern)) found.push(problem('policy-url-insecure', params));
    if (entry.list === 'helm' && /^[^/*?[{]+(?:\/|$)(?!\/)/.test(pattern)) {
      found.push(problem('policy-url-without-scheme', params));
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

/** What stays on this machine needs no TLS. */
function isInsecure(pattern: string): boolean {
  return pattern.startsWith('http://') && !/^http:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?:[:/]|$)/.test(pattern);
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

function isCovered({ pattern }: Glob, by: readonly Glob[]): boolean {
  return by.some((wider) => {
    const isPrefix = /^[^*?[{\\]*\*$/.test(wider.pattern);
    if (wider.pattern === pattern || (isPrefix && pattern.startsWith(wider.pattern.slice(0, -1)))) return true;
    // A glob of text and stars matches whatever another of text, stars and "?" does if it matches that one as a text.
    return !/[[{\\]/.test(pattern) && !/[[{\\?]/.test(wider.pattern) && wider.matches(pattern);
  });
}
