import type { PolicyExplanation } from '../policy/explanation.ts';
import { entryOf } from '../verdict/catalogue.ts';
import type { Decision, Enforcement, PolicyRef } from '../verdict/decision.ts';
import type { Problem } from '../verdict/problem.ts';
import { type Verdict, verdictProblems } from '../verdict/verdict.ts';
import type { OverallStatus, Report, SourceReport } from './report.ts';

const ALLOW: Decision = { action: 'allow', policy: null, because: [] };

/** What a verdict and the obstacles beside it mean for a sync. An exempt Application is warned, never silent. */
export function decideSource(
  verdict: Verdict,
  obstacles: readonly Problem[],
  explanation: PolicyExplanation,
  exempt: boolean,
): Decision {
  const decision = decideProblems([...verdictProblems(verdict), ...obstacles], explanation.enforcement.value, exempt);
  return decision.action === 'allow' ? ALLOW : { ...decision, policy: requiringEntry(explanation.requirements) };
}

/** What problems mean for a sync, whatever entry they come from. */
export function decideProblems(problems: readonly Problem[], enforcement: Enforcement, exempt: boolean): Decision {
  if (problems.length === 0 || enforcement === 'off') return ALLOW;
  const action = exempt || enforcement === 'warn' ? 'warn' : 'deny';
  return { action, policy: null, because: problems.map(({ code }) => code) };
}

/** The worst of several decisions; the first of equals, so that its reasons are those of the first source. */
export function decideAll(decisions: readonly Decision[]): Decision {
  const rank = { deny: 2, warn: 1, allow: 0 };
  return decisions.reduce((worst, next) => (rank[next.action] > rank[worst.action] ? next : worst), ALLOW);
}

/** From best known to worst: a definite failure outranks a definite absence, and both outrank what is not known. */
const WORST_FIRST = ['failed', 'unsigned', 'indeterminate', 'unsupported'] as const;

/** One word for an Application; see {@link OverallStatus}. */
export function overallStatus(
  sources: readonly Pick<SourceReport, 'kind' | 'verdict'>[],
  problems: Report['problems'],
): OverallStatus {
  if (problems.some((problem) => entryOf(problem.code)?.consequence !== 'indeterminate')) return 'failed';
  if (problems.length > 0) return 'indeterminate';
  const has = (status: Verdict['status']): boolean => sources.some(({ verdict }) => verdict.status === status);
  const worst = WORST_FIRST.find(has);
  if (worst !== undefined) return worst;
  if (!has('verified')) return 'not-required';
  const unasked = sources.some(({ verdict }) => verdict.status === 'not-required' && verdict.reason !== 'git');
  return unasked ? 'partially-verified' : 'verified';
}

function requiringEntry(requirements: PolicyExplanation['requirements']): PolicyRef | null {
  return requirements.find(({ mode }) => mode !== 'none')?.ref ?? null;
}
