import type { History, Job, Report } from '@source-integrity/core/contract';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer, Api, ReportAnswer } from '../../src/client/api.ts';
import type { Commit, KnownRevisions } from '../../src/git/commit.ts';
import type { CommitCheck } from '../../src/git/commit-check.ts';
import type { ApiFailure } from '../../src/client/failure.ts';
import { createSession, type Session } from '../../src/client/session.ts';
import { history, job, keys } from '../../stories/ledger.ts';
import { gitSource, report, source, verified } from '../../stories/reports.ts';
import { states } from '../../stories/states.ts';

const down: ApiFailure = { kind: 'backend-down', status: 502, detail: '' };
const fails = { ok: false, failure: down } as const;

/** The next of the answers; the last one stays. */
const shift = <T>(list: T[]): T | undefined => (list.length > 1 ? list.shift() : list[0]);

function stage(reports: (Report | 'same' | 'down')[], jobs: (Job | ApiFailure)[] = []) {
  const page = { hidden: false, listeners: new Set<() => void>() };
  const jobAnswer = (): Promise<Answer<Job>> => {
    const next = shift(jobs);
    if (next === undefined) return Promise.resolve(fails);
    return Promise.resolve('kind' in next ? { ok: false, failure: next } : { ok: true, value: next });
  };
  const api = {
    report: vi.fn((_etag: string | null): Promise<ReportAnswer> => {
      const next = shift(reports);
      if (next === 'down' || next === undefined) return Promise.resolve(fails);
      if (next === 'same') return Promise.resolve({ ok: true, changed: false });
      return Promise.resolve({ ok: true, changed: true, value: next, etag: '"1"' });
    }),
    verify: vi.fn(jobAnswer),
    job: vi.fn(jobAnswer),
    history: vi.fn((_from: string | null): Promise<Answer<History>> => Promise.resolve({ ok: true, value: history })),
    keys: vi.fn(() => Promise.resolve({ ok: true, value: keys } as const)),
    evidence: vi.fn(() => Promise.resolve(fails)),
  } satisfies Api;
  const argocd = {
    commit: vi.fn<(commit: Commit) => Promise<CommitCheck>>(() =>
      Promise.resolve({ state: 'passed', checks: ['GIT/GPG'] }),
    ),
  };
  const session: Session = createSession(api, argocd, {
    hidden: () => page.hidden,
    onChange: (listener) => {
      page.listeners.add(listener);
      return () => page.listeners.delete(listener);
    },
  });
  const look = (hidden: boolean): void => {
    page.hidden = hidden;
    for (const listener of page.listeners) listener();
  };
  return { api, argocd, session, page, look };
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('a session', () => {
  it('asks for nothing until somebody listens, and leaves no timer or listener behind', async () => {
    const { api, session, page } = stage([states.verified]);
    expect(api.report).not.toHaveBeenCalled();
    const leave = session.subscribe(() => {});
    const leaveToo = session.subscribe(() => {});
    await pass(0);
    expect(api.report).toHaveBeenCalledTimes(1);
    leave();
    leaveToo();
    expect(vi.getTimerCount()).toBe(0);
    expect(page.listeners.size).toBe(0);
    await pass(600_000);
    expect(api.report).toHaveBeenCalledTimes(1);
  });

  it('asks again every half minute, whether the report has changed', async () => {
    const { api, session } = stage([states.verified, 'same', states.tampered]);
    session.subscribe(() => {});
    await pass(31_000);
    expect(api.report.mock.calls.map(([etag]) => etag)).toEqual([null, '"1"']);
    await pass(30_000);
    expect(session.state().report).toMatchObject({ report: states.tampered });
  });

  it('asks ever more rarely while there is no answer, and says that what it shows is stale', async () => {
    const { api, session } = stage([states.verified, 'down']);
    session.subscribe(() => {});
    await pass(31_000);
    expect(session.state().report).toMatchObject({ phase: 'shown', stale: down });
    const calls = api.report.mock.calls.length;
    await pass(58_000);
    expect(api.report).toHaveBeenCalledTimes(calls);
    await pass(3_600_000);
    expect(api.report.mock.calls.length).toBeLessThan(calls + 16);
  });

  it('asks rarely while it is only glanced at, and at once when somebody watches', async () => {
    const { api, session } = stage([states.verified]);
    session.subscribe(() => {}, 'glances');
    await pass(299_000);
    expect(api.report).toHaveBeenCalledTimes(1);
    session.subscribe(() => {});
    await pass(31_000);
    expect(api.report).toHaveBeenCalledTimes(3);
  });

  it('asks once where the status panel and the tab are opened together', async () => {
    const { api, session } = stage([states.verified]);
    session.subscribe(() => {}, 'glances');
    session.subscribe(() => {});
    await pass(10_000);
    expect(api.report).toHaveBeenCalledTimes(1);
  });

  it('asks again soon while the server is still verifying', async () => {
    const { session } = stage([states.stillVerifying, states.verified]);
    session.subscribe(() => {}, 'glances');
    await pass(4_000);
    expect(session.state().report).toMatchObject({ report: states.verified });
  });

  it('waits in a hidden page, and asks at once when it is shown', async () => {
    const { api, session, look } = stage([states.verified]);
    session.subscribe(() => {});
    await pass(0);
    look(true);
    await pass(3_600_000);
    expect(api.report).toHaveBeenCalledTimes(1);
    look(false);
    await pass(0);
    expect(api.report).toHaveBeenCalledTimes(2);
  });

  it('goes on when somebody listens again, with what it knew', async () => {
    const { api, session } = stage([states.verified]);
    session.subscribe(() => {})();
    session.subscribe(() => {});
    await pass(0);
    expect(session.state().report.phase).toBe('shown');
    expect(api.report).toHaveBeenCalledTimes(2);
  });
});

describe('a verification', () => {
  it('is followed phase by phase, then the report is asked for anew', async () => {
    const { api, session } = stage(
      [states.otherSigner, states.verified],
      [job('queued', 0), job('running', 2), job('done', 4)],
    );
    const phases: string[] = [];
    session.subscribe(() => phases.push(session.state().verification.phase));
    await pass(0);
    session.verify();
    session.verify();
    await pass(0);
    expect(session.state().report).toMatchObject({ report: states.otherSigner });
    await pass(3_000);
    expect(api.verify).toHaveBeenCalledTimes(1);
    expect(phases).toEqual(expect.arrayContaining(['idle', 'requested', 'running', 'done']));
    expect(session.state().report).toMatchObject({ report: states.verified });
  });

  it('that somebody else started is followed too', async () => {
    const { api, session } = stage(
      [{ ...states.verified, runningJob: 'job-9' }, states.verified],
      [job('running', 1), job('done', 4)],
    );
    session.subscribe(() => {});
    await pass(0);
    expect(api.job.mock.calls).toHaveLength(1);
    expect(session.state().verification.phase).toBe('running');
    await pass(3_000);
    expect(session.state().verification.phase).toBe('done');
  });

  it('that is not accepted says why, and may be asked for again', async () => {
    const { api, session } = stage([states.verified], [{ kind: 'rate-limited', retryAfterSeconds: 12 }]);
    session.subscribe(() => {});
    await pass(0);
    session.verify();
    await pass(0);
    expect(session.state().verification).toMatchObject({ phase: 'refused', failure: { kind: 'rate-limited' } });
    session.verify();
    expect(api.verify).toHaveBeenCalledTimes(2);
  });

  it('survives a server that is away for a moment, and is given up when it stays away', async () => {
    const moment = stage([states.verified], [job('running', 1), down, job('done', 4)]);
    moment.session.subscribe(() => {});
    await pass(0);
    moment.session.verify();
    await pass(10_000);
    expect(moment.session.state().verification.phase).toBe('done');

    const away = stage([states.verified], [job('running', 1), down]);
    away.session.subscribe(() => {});
    await pass(0);
    away.session.verify();
    await pass(120_000);
    expect(away.session.state().verification).toMatchObject({ phase: 'refused', failure: down });
  });

  it('is let go of when nobody listens any more', async () => {
    const { api, session } = stage([states.verified], [job('running', 1)]);
    const leave = session.subscribe(() => {});
    await pass(0);
    session.verify();
    await pass(1_000);
    leave();
    const looks = api.job.mock.calls.length;
    await pass(60_000);
    expect(api.job).toHaveBeenCalledTimes(looks);
    expect(session.state().verification.phase).toBe('idle');
  });
});

describe('history and keys', () => {
  it('are asked for when they are wanted, and history anew after a verification', async () => {
    const { api, session } = stage([states.verified], [job('done', 4)]);
    session.subscribe(() => {});
    await pass(0);
    session.loadHistory();
    session.loadKeys();
    await pass(0);
    expect(session.state()).toMatchObject({ history: { phase: 'shown' }, keys: { phase: 'shown' } });
    session.verify();
    await pass(1_000);
    expect(api.history).toHaveBeenCalledTimes(2);
    expect(api.keys).toHaveBeenCalledTimes(1);
  });

  it('are asked for anew when somebody else has verified', async () => {
    const later = { ...states.tampered, checkedAt: '2026-11-22T20:50:00.000Z' };
    const { api, session } = stage([states.verified, 'same', later]);
    session.subscribe(() => {});
    await pass(0);
    session.loadHistory();
    await pass(31_000);
    expect(api.history).toHaveBeenCalledTimes(1);
    await pass(30_000);
    expect(session.state().report).toMatchObject({ report: later });
    expect(api.history).toHaveBeenCalledTimes(2);
  });

  it('ask for a page of older entries once, however often that is wanted', async () => {
    const { api, session } = stage([states.verified]);
    api.history.mockImplementation(() => Promise.resolve({ ok: true, value: { ...history, next: 'page-2' } }));
    session.subscribe(() => {});
    session.loadHistory();
    await pass(0);
    session.loadHistory();
    session.loadHistory();
    await pass(0);
    expect(api.history.mock.calls).toHaveLength(2);
    expect(session.state().older).toEqual({ phase: 'idle' });
  });

  it('say that older entries could not be had, and ask for the same page again', async () => {
    const { api, session } = stage([states.verified]);
    api.history.mockImplementation(() => Promise.resolve({ ok: true, value: { ...history, next: 'page-2' } }));
    session.subscribe(() => {});
    session.loadHistory();
    await pass(0);
    api.history.mockImplementationOnce(() => Promise.resolve(fails));
    session.loadHistory();
    await pass(0);
    expect(session.state()).toMatchObject({ history: { phase: 'shown' }, older: { phase: 'failed', failure: down } });
    session.loadHistory();
    await pass(0);
    expect(api.history.mock.calls.map(([from]) => from)).toEqual([null, 'page-2', 'page-2']);
  });

  it('may be asked for again where nobody waited for the older entries', async () => {
    const { api, session } = stage([states.verified]);
    api.history.mockImplementation(() => Promise.resolve({ ok: true, value: { ...history, next: 'page-2' } }));
    const leave = session.subscribe(() => {});
    session.loadHistory();
    await pass(0);
    session.loadHistory();
    leave();
    await pass(0);
    session.subscribe(() => {});
    session.loadHistory();
    await pass(0);
    expect(api.history).toHaveBeenCalledTimes(3);
    expect(session.state().history).toMatchObject({ value: { entries: { length: history.entries.length * 2 } } });
  });

  it('take no older entries for those that follow newer ones', async () => {
    const { api, session } = stage([states.verified], [job('done', 4)]);
    api.history.mockImplementation(() => Promise.resolve({ ok: true, value: { ...history, next: 'page-2' } }));
    session.subscribe(() => {});
    session.loadHistory();
    await pass(0);
    api.history.mockImplementationOnce(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      return { ok: true, value: { entries: [], next: 'from before' } };
    });
    session.loadHistory();
    session.verify();
    await pass(10_000);
    expect(session.state()).toMatchObject({ history: { value: { next: 'page-2' } }, older: { phase: 'idle' } });
  });
});

describe('a session of an Application with Git sources', () => {
  const commit = (digit: string): string => digit.repeat(40);
  const known = (...target: string[]): KnownRevisions => ({ target, deployed: null });
  const withValues = report([source(verified()), gitSource(), gitSource()]);

  it('asks Argo CD about each commit once, however often the report is looked at', async () => {
    const { argocd, session } = stage([withValues, 'same', withValues]);
    session.subscribe(() => {});
    session.lookAtCommits(known('1.4.2', commit('a'), commit('b')));
    await pass(0);
    expect(argocd.commit.mock.calls.map(([{ source: index, revision }]) => [index, revision])).toEqual([
      [1, commit('a')],
      [2, commit('b')],
    ]);
    await pass(120_000);
    expect(argocd.commit).toHaveBeenCalledTimes(2);
    session.lookAtCommits(known('1.4.2', commit('c'), commit('b')));
    await pass(0);
    expect(argocd.commit.mock.calls.map(([{ revision }]) => revision).slice(2)).toEqual([commit('c'), commit('b')]);
    expect(session.state().git.checks.size).toBe(2);
  });

  it('asks about nothing while nobody wants to know: the status panel does not', async () => {
    const { argocd, session } = stage([withValues]);
    session.subscribe(() => {}, 'glances');
    await pass(600_000);
    expect(argocd.commit).not.toHaveBeenCalled();
  });

  it('asks anew after a verification', async () => {
    const { argocd, session } = stage([withValues], [job('done', 4)]);
    session.subscribe(() => {});
    session.lookAtCommits(known('', commit('a'), commit('b')));
    await pass(0);
    session.verify();
    await pass(1000);
    expect(argocd.commit).toHaveBeenCalledTimes(4);
  });

  it('asks about four at once at the most', async () => {
    const { argocd, session } = stage([report(Array.from({ length: 40 }, () => gitSource()))]);
    let open = 0;
    let most = 0;
    argocd.commit.mockImplementation(async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 10));
      open--;
      return { state: 'no-policy' };
    });
    session.subscribe(() => {});
    session.lookAtCommits(known(...Array.from({ length: 40 }, () => commit('a'))));
    await pass(1000);
    expect(argocd.commit).toHaveBeenCalledTimes(40);
    expect(most).toBe(4);
  });

  it('takes no answer after the last listener went', async () => {
    const { argocd, session } = stage([withValues]);
    argocd.commit.mockImplementation(async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return { state: 'no-policy' };
    });
    const leave = session.subscribe(() => {});
    session.lookAtCommits(known('', commit('a'), commit('b')));
    await pass(0);
    leave();
    await pass(1000);
    expect([...session.state().git.checks.values()]).toEqual([{ state: 'asking' }, { state: 'asking' }]);
  });
});
