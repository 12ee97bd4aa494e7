import { describe, expect, it } from 'vitest';
import { initialState, isVerifying, next, type TabEvent, type TabState } from '../../src/client/state.ts';
import { history, job, keys } from '../../stories/ledger.ts';
import { states } from '../../stories/states.ts';

const after = (...events: TabEvent[]): TabState => events.reduce(next, initialState);
const arrived: TabEvent = { type: 'report-arrived', report: states.verified, at: 1000 };
const down = { kind: 'backend-down', status: 502, detail: '' } as const;

describe('the report', () => {
  it('is loading at first, and then shown', () => {
    expect(after().report.phase).toBe('loading');
    expect(after(arrived).report).toMatchObject({ phase: 'shown', heardAt: 1000, stale: null });
  });

  it('that never came says why, and goes on saying so while it is asked for again', () => {
    const failed = after({ type: 'report-failed', failure: down });
    expect(failed.report).toEqual({ phase: 'failed', failure: down, asking: false });
    const asking = next(failed, { type: 'report-retried' });
    expect(asking.report).toEqual({ phase: 'failed', failure: down, asking: true });
    expect(next(asking, { type: 'report-failed', failure: down }).report).toMatchObject({ asking: false });
    expect(next(asking, arrived).report.phase).toBe('shown');
  });

  it('stays when the next one fails, marked as stale until the server is heard again', () => {
    const stale = after(arrived, { type: 'report-failed', failure: down });
    expect(stale.report).toMatchObject({ phase: 'shown', report: states.verified, stale: down, heardAt: 1000 });
    expect(next(stale, { type: 'report-unchanged', at: 2000 }).report).toMatchObject({ stale: null, heardAt: 2000 });
  });
});

describe('a verification', () => {
  it('leaves the old verdict where it is', () => {
    const running = after(arrived, { type: 'verification-requested' }, { type: 'job-arrived', job: job('running', 2) });
    expect(running.report).toMatchObject({ phase: 'shown', report: states.verified });
    expect(isVerifying(running.verification)).toBe(true);
  });

  it('ends as done, as failed, or as refused', () => {
    const settled = (state: 'done' | 'failed'): string =>
      after({ type: 'verification-settled', job: job(state, 4) }).verification.phase;
    expect(settled('done')).toBe('done');
    expect(settled('failed')).toBe('failed');
    expect(after({ type: 'verification-refused', failure: down }).verification.phase).toBe('refused');
  });
});

describe('history and keys', () => {
  it('are shown once they are there, and stay when they cannot be had anew', () => {
    const shown = after(
      { type: 'history-arrived', history, continues: false },
      { type: 'keys-arrived', keys },
      { type: 'history-asked' },
      { type: 'history-failed', failure: down },
      { type: 'keys-asked' },
      { type: 'keys-failed', failure: down },
    );
    expect(shown.history).toEqual({ phase: 'shown', value: history });
    expect(shown.keys).toEqual({ phase: 'shown', value: keys });
    expect(after({ type: 'keys-failed', failure: down }).keys.phase).toBe('failed');
  });

  it('continue with older entries after the newer ones', () => {
    const longer = after(
      { type: 'history-arrived', history, continues: false },
      { type: 'history-arrived', history: { entries: history.entries.slice(0, 1), next: 'x' }, continues: true },
    );
    expect(longer.history).toMatchObject({ value: { next: 'x', entries: { length: 5 } } });
  });

  it('keep the older entries that were loaded when newer ones arrive', () => {
    const [newest, ...older] = history.entries;
    const loaded = after({ type: 'history-arrived', history: { entries: older, next: 'older' }, continues: false });
    const first = { entries: newest === undefined ? [] : [newest, ...older.slice(0, 1)], next: 'second' };
    expect(next(loaded, { type: 'history-arrived', history: first, continues: false }).history).toEqual({
      phase: 'shown',
      value: { entries: history.entries, next: 'older' },
    });
  });

  it('begin anew where nothing connects the newer entries with those that are shown', () => {
    const [newest, ...older] = history.entries;
    const loaded = after({ type: 'history-arrived', history: { entries: older, next: 'older' }, continues: false });
    const first = { entries: newest === undefined ? [] : [newest], next: 'second' };
    expect(next(loaded, { type: 'history-arrived', history: first, continues: false }).history).toEqual({
      phase: 'shown',
      value: first,
    });
  });

  it('say why older entries could not be had, and keep those that are there', () => {
    const asked = after({ type: 'history-arrived', history, continues: false }, { type: 'older-asked' });
    expect(asked.older).toEqual({ phase: 'asked' });
    const failed = next(asked, { type: 'older-failed', failure: down });
    expect(failed).toMatchObject({ older: { phase: 'failed', failure: down }, history: { value: history } });
    expect(next(failed, { type: 'older-asked' }).older).toEqual({ phase: 'asked' });
    expect(next(asked, { type: 'history-arrived', history, continues: true }).older).toEqual({ phase: 'idle' });
  });
});
