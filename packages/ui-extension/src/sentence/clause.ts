import { brief, type Problem } from '@source-integrity/core/contract';

/** What a problem says in short, to go on from in a longer sentence: without its full stop. It is whole further down. */
export function clause(problem: Problem, subject: string): string {
  return brief(problem, subject).replace(/\.$/, '');
}
