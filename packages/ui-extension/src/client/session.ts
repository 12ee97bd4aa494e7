import type { Digest, Job } from '@source-integrity/core/contract';
import { commitsToAsk } from '../git/git-results.ts';
import { commitKey, type Commit, type KnownRevisions } from '../git/commit.ts';
import type { Answer, Api } from './api.ts';
import type { Argocd } from './argocd.ts';
import { isTransient } from './failure.ts';
import { jobDelay, pace, reportDelay } from './pace.ts';
import { createSchedule, type Visibility } from './schedule.ts';
import { isSettling } from '../sentence/standing.ts';
import { initialState, isVerifying, next, type TabEvent, type TabState } from './state.ts';

/** How closely a listener looks. */
export type Attention = 'watches' | 'glances';

/** What one Application's tab knows, kept up to date while somebody listens. */
export interface Session {
  readonly state: () => TabState;
  /**
   * The first listener starts it, the last one to go stops it: no timer and no request is left behind. While all of
   * them only glance, the report is asked for rarely.
   */
  readonly subscribe: (listener: () => void, attention?: Attention) => () => void;
  /** Asks for the report now. */
  readonly refresh: () => void;
  readonly verify: () => void;
  /** The newest page, or after the newest the following one. */
  readonly loadHistory: () => void;
  readonly loadKeys: () => void;
  /** Asks Argo CD about the commits of Git sources; again when they change, or were verified anew. */
  readonly lookAtCommits: (known: KnownRevisions) => void;
  readonly evidence: (digest: Digest) => Promise<Answer<Blob>>;
}

/** Each of them may make Argo CD check a repository out. */
const COMMITS_AT_ONCE = 4;

export function createSession(api: Api, argocd: Argocd, visibility: Visibility, now: () => number = Date.now): Session {
  const listeners = new Map<() => void, Attention>();
  let state = initialState;
  const reportTimer = createSchedule(visibility);
  const jobTimer = createSchedule(visibility);
  let running = new AbortController();
  let etag: string | null = null;
  let failures = 0;
  let asking = false;
  /** Of whom Argo CD was asked last; null: nobody wants to know. */
  let commits: string | null = null;
  /** Pages of history that were asked for: what comes after the last of them was asked for is that one, or too late. */
  let pages = 0;
  /** What wants a report that is younger than the one on its way. */
  let queued: (() => void) | null = null;

  function dispatch(event: TabEvent): void {
    state = next(state, event);
    for (const listener of listeners.keys()) listener();
  }

  /** Answers that come after the last listener went are nobody's. */
  async function ask<T>(call: (signal: AbortSignal) => Promise<T>, then: (answer: T) => void): Promise<void> {
    const { signal } = running;
    const answer = await call(signal);
    if (!signal.aborted) then(answer);
  }

  function refresh(afterwards: () => void = () => {}): void {
    if (asking) {
      queued = afterwards;
      return;
    }
    asking = true;
    reportTimer.cancel();
    if (state.report.phase === 'failed') dispatch({ type: 'report-retried' });
    void ask(
      (signal) => api.report(etag, signal),
      (answer) => {
        asking = false;
        failures = answer.ok ? 0 : failures + 1;
        let delay = reportDelay(failures);
        if (!answer.ok) {
          dispatch({ type: 'report-failed', failure: answer.failure });
          if (answer.failure.kind === 'rate-limited') delay = Math.max(delay, answer.failure.retryAfterSeconds * 1000);
        } else if (answer.changed) {
          etag = answer.etag;
          const before = state.report.phase === 'shown' ? state.report.report.checkedAt : answer.value.checkedAt;
          dispatch({ type: 'report-arrived', report: answer.value, at: now() });
          // Of a verification of one's own it is asked for when that is over.
          if (before !== answer.value.checkedAt && !isVerifying(state.verification)) lookAgainAtHistory();
          if (commits !== null) askCommits(false);
          const job = answer.value.runningJob;
          if (job !== null && !isVerifying(state.verification)) look(job, 0, 0);
        } else {
          dispatch({ type: 'report-unchanged', at: now() });
        }
        if (answer.ok) delay = calmDelay();
        afterwards();
        reportTimer.after(delay, refresh);
        if (queued !== null) {
          const waiting = queued;
          queued = null;
          refresh(waiting);
        }
      },
    );
  }

  function calmDelay(): number {
    if (state.report.phase === 'shown' && isSettling(state.report.report)) return pace.settling;
    return [...listeners.values()].includes('watches') ? pace.report : pace.glance;
  }

  function look(id: string, looks: number, lost: number): void {
    void ask(
      (signal) => api.job(id, signal),
      (answer) => {
        if (answer.ok) return follow(answer.value, looks);
        if (!isTransient(answer.failure) || lost >= pace.jobAttempts) {
          return dispatch({ type: 'verification-refused', failure: answer.failure });
        }
        jobTimer.after(jobDelay(looks + lost * 2), () => look(id, looks, lost + 1));
      },
    );
  }

  function follow(job: Job, looks: number): void {
    dispatch({ type: 'job-arrived', job });
    if (job.state === 'queued' || job.state === 'running') {
      jobTimer.after(jobDelay(looks), () => look(job.id, looks + 1, 0));
      return;
    }
    // The old verdict and the phases stay until the new report is there.
    refresh(() => {
      dispatch({ type: 'verification-settled', job });
      lookAgainAtHistory();
      if (commits !== null) askCommits(true);
    });
  }

  function verify(): void {
    if (isVerifying(state.verification)) return;
    dispatch({ type: 'verification-requested' });
    void ask(api.verify, (answer) => {
      if (answer.ok) follow(answer.value, 0);
      else dispatch({ type: 'verification-refused', failure: answer.failure });
    });
  }

  function loadHistory(from: string | null): void {
    const page = ++pages;
    dispatch({ type: from === null ? 'history-asked' : 'older-asked' });
    void ask(
      (signal) => api.history(from, signal),
      (answer) => {
        if (page !== pages) return;
        if (answer.ok) dispatch({ type: 'history-arrived', history: answer.value, continues: from !== null });
        else dispatch({ type: from === null ? 'history-failed' : 'older-failed', failure: answer.failure });
      },
    );
  }

  function lookAgainAtHistory(): void {
    if (state.history.phase === 'shown') loadHistory(null);
  }

  function loadKeys(): void {
    dispatch({ type: 'keys-asked' });
    void ask(api.keys, (answer) => {
      if (answer.ok) dispatch({ type: 'keys-arrived', keys: answer.value });
      else dispatch({ type: 'keys-failed', failure: answer.failure });
    });
  }

  /** Not while the report is polled: only what is new, or everything where `anew`. */
  function askCommits(anew: boolean): void {
    if (state.report.phase !== 'shown') return;
    const wanted = commitsToAsk(state.report.report, state.git.known);
    const keys = JSON.stringify(wanted.map(commitKey));
    if (keys === commits && !anew) return;
    commits = keys;
    dispatch({ type: 'commits-asked', commits: wanted });
    const waiting = [...wanted];
    for (let lane = 0; lane < COMMITS_AT_ONCE; lane++) askNextCommit(waiting);
  }

  function askNextCommit(waiting: Commit[]): void {
    const commit = waiting.shift();
    if (commit === undefined) return;
    void ask(
      (signal) => argocd.commit(commit, signal),
      (check) => {
        dispatch({ type: 'commit-checked', commit, check });
        askNextCommit(waiting);
      },
    );
  }

  function start(): void {
    running = new AbortController();
    asking = false;
    queued = null;
    failures = 0;
    refresh();
  }

  function stop(): void {
    running.abort();
    reportTimer.cancel();
    jobTimer.cancel();
    // What was under way is no longer followed; the report names the job again when it is next asked for.
    if (isVerifying(state.verification)) state = { ...state, verification: { phase: 'idle' } };
    if (state.older.phase === 'asked') state = { ...state, older: { phase: 'idle' } };
    commits = null;
  }

  return {
    state: () => state,
    subscribe: (listener, attention = 'watches') => {
      const glanced = ![...listeners.values()].includes('watches');
      listeners.set(listener, attention);
      if (listeners.size === 1) start();
      else if (glanced && attention === 'watches' && !asking) refresh();
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) stop();
      };
    },
    refresh: () => refresh(),
    verify,
    loadHistory: () => {
      if (state.older.phase === 'asked') return;
      loadHistory(state.history.phase === 'shown' ? state.history.value.next : null);
    },
    loadKeys,
    lookAtCommits: (known) => {
      commits ??= '';
      dispatch({ type: 'revisions-known', known });
      askCommits(false);
    },
    evidence: (digest) => api.evidence(digest, running.signal),
  };
}
