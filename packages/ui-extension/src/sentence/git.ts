import type { Report } from '@source-integrity/core/contract';
import type { CommitCheck } from '../git/commit-check.ts';
import { type GitResult, isRefused } from '../git/git-results.ts';
import { words, type Standing } from '../words.ts';

/** The first digits of a commit, as Git itself shortens it. */
export function shortCommit(revision: string): string {
  return revision.slice(0, 7);
}

/** What Argo CD's answer stands for, where it stands for a source. */
export function commitStanding(check: CommitCheck | null): Standing {
  switch (check?.state) {
    case undefined:
    case 'no-policy':
      return 'not-required';
    case 'asking':
      return 'checking';
    case 'passed':
      return 'verified';
    case 'signed':
      return 'partially-verified';
    case 'failed':
      return 'failed';
    case 'unsigned':
      return 'unsigned';
    case 'unreadable':
      return 'indeterminate';
  }
}

/** Why Argo CD itself would refuse the sync, in one clause; null where it would not, as far as it says. */
export function argocdRefusal(results: readonly GitResult[]): string | null {
  const refused = results.find(isRefused);
  const { check, revision } = refused?.target ?? {};
  if (refused === undefined || revision === undefined) return null;
  const subject = words.git.subject(shortCommit(revision), refused.source.name);
  if (check?.state === 'unsigned') return `${subject} ${words.git.isUnsigned}`;
  const reason = check?.state === 'failed' ? (check.reasons[0] ?? '') : '';
  return `${subject} ${words.git.fails}${reason === '' ? '' : `: ${essence(reason)}`}`;
}

/** Commit and author stand in the sentence already, or below it. What comes before the last quote is the author's. */
function essence(reason: string): string {
  return reason.replace(/^Failed verifying revision .*': /s, '').replace(/\.$/, '');
}

/** How the Git sources of an Application stand together; null: nothing has been heard of them. */
export function gitStanding(results: readonly GitResult[]): Standing | null {
  const standings = results.map(({ target }) => {
    const check = target?.check ?? null;
    return check === null ? null : commitStanding(check);
  });
  const order: readonly Standing[] = ['failed', 'unsigned', 'checking', 'indeterminate', 'partially-verified'];
  const worst = order.find((each) => standings.includes(each));
  if (worst !== undefined) return worst;
  if (standings.length === 0 || standings.includes(null)) return null;
  if (!standings.includes('verified')) return 'not-required';
  return standings.includes('not-required') ? 'partially-verified' : 'verified';
}

/** What Argo CD says of the Git sources, as a clause to end a sentence with. */
export function gitClause(report: Report, results: readonly GitResult[]): string {
  const only = results.length === 1 ? results[0] : undefined;
  const which = only === undefined ? words.git.several(results.length) : words.git.one(only.source.name);
  switch (gitStanding(results)) {
    case 'verified':
      return words.git.clause.verified(which);
    case 'partially-verified':
      return words.git.clause.partly(which);
    case 'not-required':
      return words.git.clause.notRequired(which, report.application.project);
    case 'indeterminate':
      return words.git.clause.unreadable(which);
    case 'failed':
    case 'unsigned':
    case 'unsupported':
    case 'checking':
    case null:
      return words.git.clause.itsOwn(which);
  }
}
