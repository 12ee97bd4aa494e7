import {
  type Observation,
  type Problem,
  type Report,
  type SourceReport,
  type Verdict,
  verdictProblems,
} from '@source-integrity/core/contract';
import { applicationSubject, subjectOf } from './subject.ts';

/** A problem, and what it is a problem of. */
export interface Concern {
  readonly subject: string;
  readonly problem: Problem;
}

export function warningsOf(verdict: Verdict | Observation): readonly Problem[] {
  switch (verdict.status) {
    case 'verified':
    case 'failed':
      return verdict.warnings;
    case 'not-required':
      return verdict.observed === null ? [] : warningsOf(verdict.observed);
    case 'unsigned':
    case 'indeterminate':
    case 'unsupported':
      return [];
  }
}

/** What is wrong with one source, each problem once. */
export function concernsOf(source: SourceReport): readonly Concern[] {
  const subject = subjectOf(source);
  return distinct(
    [...verdictProblems(source.verdict), ...source.obstacles, ...source.policy.problems].map((problem) => ({
      subject,
      problem,
    })),
  );
}

/** Everything that stands against a sync, what decided first; empty where nothing does. */
export function concerns(report: Report): readonly Concern[] {
  const subject = applicationSubject(report);
  const weight = { deny: 0, warn: 1, allow: 2 };
  const sources = [...report.sources].sort((a, b) => weight[a.decision.action] - weight[b.decision.action]);
  const all = distinct([
    ...report.problems.map((problem) => ({ subject, problem })),
    ...sources.flatMap((source) => concernsOf(source)),
  ]);
  const rank = (concern: Concern): number => {
    const at = report.decision.because.indexOf(concern.problem.code);
    return at === -1 ? report.decision.because.length : at;
  };
  return [...all].sort((a, b) => rank(a) - rank(b));
}

function distinct(list: readonly Concern[]): Concern[] {
  const seen = new Set<string>();
  return list.filter((concern) => {
    const key = JSON.stringify([concern.subject, concern.problem]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
