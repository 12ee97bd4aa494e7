import { type Problem, wording } from '@source-integrity/core/contract';

/** One reason against a sync, and the source or Application that it is about ("Chart payments 1.4.2"). */
export interface Reason {
  readonly subject: string;
  readonly problem: Problem;
}

const MOST = 3;

/**
 * What Argo CD shows of a refusal: a toast of ten lines that joins lines with spaces, or a `SyncError` condition.
 * So whole sentences, the most important first, the first one followed by what to do, three at the most.
 */
export function refusal(reasons: readonly Reason[]): string {
  const sentences = reasons.slice(0, MOST).map(({ subject, problem }, index) => {
    const { sentence, remedy } = wording(problem, subject);
    return index === 0 ? `${sentence} ${remedy}` : sentence;
  });
  const more = reasons.length - MOST;
  if (more > 0) sentences.push(`And ${more} more; see the Source Integrity tab.`);
  return sentences.join(' ');
}

/** Kubernetes drops warnings over 256 characters a piece when there are many, so each is one sentence. */
export function warnings(reasons: readonly Reason[]): string[] {
  return reasons
    .slice(0, MOST)
    .map(({ subject, problem }) => `Source Integrity: ${wording(problem, subject).sentence}`.slice(0, 250));
}
