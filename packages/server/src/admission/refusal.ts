import { brief, type Problem, withShortHex, wording } from '@source-integrity/core/contract';

/** One reason against a sync, and the source or Application that it is about ("Chart payments 1.4.2"). */
export interface Reason {
  readonly subject: string;
  readonly problem: Problem;
}

const MOST = 3;

/**
 * What Argo CD shows of a refusal: a toast of ten lines that joins lines with spaces, or a `SyncError` condition.
 * So one short sentence for each reason, the most important first, the first one followed by what to do, three at the
 * most; behind them in full what had to be cut. Kubernetes' and Argo CD's own words take the first half of the toast,
 * so that every line before what to do counts.
 */
export function refusal(reasons: readonly Reason[]): string {
  const told = shown(reasons).map(({ subject, problem }) => {
    const { sentence, remedy } = wording(problem, subject);
    return { short: brief(problem, subject), sentence, remedy };
  });
  const sentences = told.map(({ short, remedy }, index) => (index === 0 ? `${short} ${remedy}` : short));
  const more = reasons.length - sentences.length;
  if (more > 0) sentences.push(`And ${more} more; see the Source Integrity tab.`);
  const cut = told.flatMap(({ short, sentence }) => (short === withShortHex(sentence) ? [] : [sentence]));
  if (cut.length > 0) sentences.push(`In full: ${cut.join(' ')}`);
  return sentences.join(' ');
}

/** Kubernetes cuts warnings to 256 characters a piece when there are many, so each is one sentence. */
export function warnings(reasons: readonly Reason[]): string[] {
  return shown(reasons).map(({ subject, problem }) =>
    shorten(`Source Integrity: ${wording(problem, subject).sentence}`),
  );
}

/** The first reasons, each kind of problem once for a subject: what differs in two places is one thing to say. */
function shown(reasons: readonly Reason[]): readonly Reason[] {
  const kinds = new Set<string>();
  return reasons
    .filter(({ subject, problem }) => {
      const kind = JSON.stringify([subject, problem.code]);
      return !kinds.has(kind) && kinds.add(kind);
    })
    .slice(0, MOST);
}

const LONGEST_WARNING = 256;

/** At a space where there is one, and marked as cut. */
function shorten(text: string): string {
  if (text.length <= LONGEST_WARNING) return text;
  const beginning = text.slice(0, LONGEST_WARNING - 1);
  const end = beginning.lastIndexOf(' ');
  return `${beginning.slice(0, end < LONGEST_WARNING / 2 ? LONGEST_WARNING - 2 : end)}…`;
}
