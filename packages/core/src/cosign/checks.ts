import type { Problem } from '../verdict/problem.ts';
import {
  CHECK_ORDER,
  type Check,
  type CheckId,
  isNonEmpty,
  type NonEmpty,
  type SkipReason,
} from '../verdict/verdict.ts';

type Outcome = { readonly problem: Problem | null } | { readonly skipped: SkipReason };

/** What became of each check of one signature. A check that nothing was said of has not been made. */
export class Checklist {
  readonly #outcomes = new Map<CheckId, Outcome>();

  /** Records a check; true if it passed. A failure stays, whatever is said later. */
  record(id: CheckId, problem: Problem | null): boolean {
    const known = this.#outcomes.get(id);
    if (known === undefined || 'skipped' in known || known.problem === null) this.#outcomes.set(id, { problem });
    return problem === null;
  }

  skip(id: CheckId, reason: SkipReason): void {
    if (!this.#outcomes.has(id)) this.#outcomes.set(id, { skipped: reason });
  }

  /** What failed, in the order in which people read checks. */
  problems(): NonEmpty<Problem> | null {
    const problems = CHECK_ORDER.flatMap((id) => {
      const outcome = this.#outcomes.get(id);
      return outcome === undefined || 'skipped' in outcome || outcome.problem === null ? [] : [outcome.problem];
    });
    return isNonEmpty(problems) ? problems : null;
  }

  /** Fail closed: every check was made and passed; that of the log may be skipped, the others may not. */
  accepts(): boolean {
    return CHECK_ORDER.every((id) => {
      const outcome = this.#outcomes.get(id);
      if (outcome === undefined) return false;
      return 'skipped' in outcome ? id === 'transparency-log' : outcome.problem === null;
    });
  }

  /** The number of checks that passed, to tell which of several refused signatures came closest. */
  passed(): number {
    return [...this.#outcomes.values()].filter((outcome) => 'problem' in outcome && outcome.problem === null).length;
  }

  list(): Check[] {
    return CHECK_ORDER.map((id): Check => {
      const outcome = this.#outcomes.get(id) ?? { skipped: 'earlier-check-failed' as const };
      if ('skipped' in outcome) return { id, outcome: 'skipped', reason: outcome.skipped };
      return outcome.problem === null ? { id, outcome: 'passed' } : { id, outcome: 'failed', problem: outcome.problem };
    });
  }
}
