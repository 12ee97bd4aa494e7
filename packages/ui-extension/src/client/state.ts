import type { History, Job, Keys, Problem, Report } from '@source-integrity/core/contract';
import { nothingAsked, type GitState } from '../git/git-results.ts';
import type { CommitCheck } from '../git/commit-check.ts';
import { commitKey, type Commit, type KnownRevisions } from '../git/commit.ts';
import type { ApiFailure } from './failure.ts';

/** A report that is shown stays until a newer one arrives; `stale` says why none has. Times in ms since the epoch. */
type ReportState =
  | { readonly phase: 'loading' }
  /** `asking`: it is being asked for again. */
  | { readonly phase: 'failed'; readonly failure: ApiFailure; readonly asking: boolean }
  | {
      readonly phase: 'shown';
      readonly report: Report;
      readonly heardAt: number;
      readonly stale: ApiFailure | null;
    };

export type VerificationState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'requested' }
  | { readonly phase: 'running'; readonly job: Job }
  /** It was not accepted, or could not be followed to its end. */
  | { readonly phase: 'refused'; readonly failure: ApiFailure }
  /** It ended without a verdict. */
  | { readonly phase: 'failed'; readonly problem: Problem | null }
  | { readonly phase: 'done' };

export type Loaded<T> =
  | { readonly phase: 'absent' }
  | { readonly phase: 'loading' }
  | { readonly phase: 'failed'; readonly failure: ApiFailure }
  | { readonly phase: 'shown'; readonly value: T };

/** How it stands with the page of history that follows those that are shown. */
export type Older =
  { readonly phase: 'idle' } | { readonly phase: 'asked' } | { readonly phase: 'failed'; readonly failure: ApiFailure };

export interface TabState {
  readonly report: ReportState;
  readonly verification: VerificationState;
  readonly history: Loaded<History>;
  readonly older: Older;
  readonly keys: Loaded<Keys>;
  /** What Argo CD itself says of Git sources. */
  readonly git: GitState;
}

export type TabEvent =
  | { readonly type: 'report-arrived'; readonly report: Report; readonly at: number }
  | { readonly type: 'report-unchanged'; readonly at: number }
  | { readonly type: 'report-failed'; readonly failure: ApiFailure }
  | { readonly type: 'report-retried' }
  | { readonly type: 'verification-requested' }
  | { readonly type: 'job-arrived'; readonly job: Job }
  | { readonly type: 'verification-refused'; readonly failure: ApiFailure }
  | { readonly type: 'verification-settled'; readonly job: Job }
  | { readonly type: 'history-asked' }
  | { readonly type: 'history-arrived'; readonly history: History; readonly continues: boolean }
  | { readonly type: 'history-failed'; readonly failure: ApiFailure }
  | { readonly type: 'older-asked' }
  | { readonly type: 'older-failed'; readonly failure: ApiFailure }
  | { readonly type: 'keys-asked' }
  | { readonly type: 'keys-arrived'; readonly keys: Keys }
  | { readonly type: 'keys-failed'; readonly failure: ApiFailure }
  | { readonly type: 'revisions-known'; readonly known: KnownRevisions }
  /** These and no others are of interest now. */
  | { readonly type: 'commits-asked'; readonly commits: readonly Commit[] }
  | { readonly type: 'commit-checked'; readonly commit: Commit; readonly check: CommitCheck };

export const initialState: TabState = {
  report: { phase: 'loading' },
  verification: { phase: 'idle' },
  history: { phase: 'absent' },
  older: { phase: 'idle' },
  keys: { phase: 'absent' },
  git: nothingAsked,
};

/** The whole state machine: what an event makes of a state. Pure. */
export function next(state: TabState, event: TabEvent): TabState {
  switch (event.type) {
    case 'report-arrived':
      return { ...state, report: { phase: 'shown', report: event.report, heardAt: event.at, stale: null } };
    case 'report-unchanged':
      return state.report.phase === 'shown'
        ? { ...state, report: { ...state.report, heardAt: event.at, stale: null } }
        : state;
    case 'report-failed':
      return state.report.phase === 'shown'
        ? { ...state, report: { ...state.report, stale: event.failure } }
        : { ...state, report: { phase: 'failed', failure: event.failure, asking: false } };
    case 'report-retried':
      return state.report.phase === 'failed' ? { ...state, report: { ...state.report, asking: true } } : state;
    case 'verification-requested':
      return { ...state, verification: { phase: 'requested' } };
    case 'job-arrived':
      return { ...state, verification: { phase: 'running', job: event.job } };
    case 'verification-refused':
      return { ...state, verification: { phase: 'refused', failure: event.failure } };
    case 'verification-settled':
      return {
        ...state,
        verification:
          event.job.state === 'failed' ? { phase: 'failed', problem: event.job.problem } : { phase: 'done' },
      };
    case 'history-asked':
      return state.history.phase === 'shown' ? state : { ...state, history: { phase: 'loading' } };
    case 'history-arrived': {
      const value =
        state.history.phase === 'shown' ? joined(state.history.value, event.history, event.continues) : event.history;
      return { ...state, history: { phase: 'shown', value }, older: { phase: 'idle' } };
    }
    case 'history-failed':
      return state.history.phase === 'shown'
        ? { ...state, older: { phase: 'idle' } }
        : { ...state, history: { phase: 'failed', failure: event.failure } };
    case 'older-asked':
      return { ...state, older: { phase: 'asked' } };
    case 'older-failed':
      return { ...state, older: { phase: 'failed', failure: event.failure } };
    case 'keys-asked':
      return state.keys.phase === 'shown' ? state : { ...state, keys: { phase: 'loading' } };
    case 'keys-arrived':
      return { ...state, keys: { phase: 'shown', value: event.keys } };
    case 'keys-failed':
      return state.keys.phase === 'shown' ? state : { ...state, keys: { phase: 'failed', failure: event.failure } };
    case 'revisions-known':
      return { ...state, git: { ...state.git, known: event.known } };
    case 'commits-asked': {
      // What was answered before stays until the new answer is there.
      const before = state.git.checks;
      const asking = { state: 'asking' } as const;
      const checks = event.commits.map(
        (commit) => [commitKey(commit), before.get(commitKey(commit)) ?? asking] as const,
      );
      return { ...state, git: { ...state.git, checks: new Map(checks) } };
    }
    case 'commit-checked': {
      const key = commitKey(event.commit);
      if (!state.git.checks.has(key)) return state;
      return { ...state, git: { ...state.git, checks: new Map(state.git.checks).set(key, event.check) } };
    }
  }
}

/** Pages of one history. Newer entries go before those that are shown where the two connect, and else in their place. */
function joined(shown: History, page: History, continues: boolean): History {
  if (continues) return { ...page, entries: [...shown.entries, ...page.entries] };
  const rest = shown.entries.filter(({ id }) => page.entries.every((entry) => entry.id !== id));
  return rest.length === shown.entries.length ? page : { ...shown, entries: [...page.entries, ...rest] };
}

/** Whether a new verification may be asked for. */
export function isVerifying(verification: VerificationState): boolean {
  return verification.phase === 'requested' || verification.phase === 'running';
}
