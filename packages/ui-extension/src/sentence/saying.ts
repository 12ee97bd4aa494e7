import { wording, type Problem, type Wording } from '@source-integrity/core/contract';

/**
 * The catalogue's words for a problem. A server of another version may send parameters that this catalogue's entry
 * cannot word: then the code is named, so that nothing that went wrong is ever left out.
 */
export function saying(problem: Problem, subject: string): Wording {
  try {
    return wording(problem, subject);
  } catch {
    return wording({ code: `${problem.code} (in a form of another version)`, params: {} }, subject);
  }
}

/** A sentence to go on from: without its full stop. */
export function clause(problem: Problem, subject: string): string {
  return saying(problem, subject).sentence.replace(/\.$/, '');
}
