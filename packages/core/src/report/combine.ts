import {
  type Check,
  CHECK_ORDER,
  type CheckId,
  isNonEmpty,
  type NonEmpty,
  type Observation,
} from '../verdict/verdict.ts';
import type { Problem } from '../verdict/problem.ts';
import { problem } from '../verdict/catalogue.ts';

/** From what is known for certain to what is not: a definite failure outranks whatever could not be told. */
const WORST_FIRST = ['failed', 'unsigned', 'indeterminate', 'unsupported'] as const;

/**
 * One observation of several that must all hold, as for a chart in a registry under a policy for charts and one for
 * artifacts. It is verified only if each is; the worst of them says what it is otherwise.
 */
export function combine(observations: NonEmpty<Observation>): Observation {
  const [first, ...more] = observations;
  if (more.length === 0) return first;
  const checks = CHECK_ORDER.map((id) => worstCheck(id, observations));
  const warnings = observations.flatMap((each) => ('warnings' in each ? each.warnings : []));
  const signers = observations.flatMap((each) => ('signers' in each ? each.signers : []));
  const problems = observations.flatMap((each) => ('problems' in each ? each.problems : []));
  const worst = WORST_FIRST.flatMap((status) => observations.find((each) => each.status === status) ?? []).at(0);
  if (worst === undefined) {
    if (!isNonEmpty(signers) || first.status !== 'verified') throw new Error('what is verified has a signer');
    return { ...first, signers, checks, warnings };
  }
  const all: NonEmpty<Problem> = isNonEmpty(problems) ? problems : [problem('verification-fault', { name: 'combine' })];
  switch (worst.status) {
    case 'failed':
      return { ...worst, problems: all, signers, checks, warnings };
    case 'unsigned': {
      const searched = observations.flatMap((each) => (each.status === 'unsigned' ? each.searched : []));
      return { ...worst, problems: all, searched: isNonEmpty(searched) ? searched : worst.searched, checks };
    }
    case 'indeterminate':
    case 'unsupported':
      return { ...worst, problems: all, checks };
    case 'verified':
      throw new Error('verified is not among the worst');
  }
}

const RANK: Readonly<Record<Check['outcome'], number>> = { failed: 3, error: 2, passed: 1, skipped: 0 };

function worstCheck(id: CheckId, observations: NonEmpty<Observation>): Check {
  const checks = observations.flatMap((each) => each.checks.filter((check) => check.id === id));
  const [first = { id, outcome: 'skipped', reason: 'does-not-apply' } satisfies Check, ...more] = checks;
  return more.reduce((worst: Check, next) => (RANK[next.outcome] > RANK[worst.outcome] ? next : worst), first);
}
