import { wording, type Problem } from '@source-integrity/core/contract';

/** What a problem says, to go on from in a longer sentence: without its full stop. */
export function clause(problem: Problem, subject: string): string {
  return wording(problem, subject).sentence.replace(/\.$/, '');
}
