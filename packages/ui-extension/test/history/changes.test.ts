import type { HistoryEntry } from '@source-integrity/core/contract';
import { describe, expect, it } from 'vitest';
import { changesOf, deployedEntry } from '../../src/history/changes.ts';
import { history } from '../../stories/ledger.ts';

const without = (...ids: string[]): HistoryEntry[] => history.entries.filter((entry) => !ids.includes(entry.id));

describe('what changed from one verification to the next', () => {
  it('is the signer, where another key signed than the last time', () => {
    expect(changesOf(history.entries).map((each) => each.signer)).toEqual([true, false, false, false]);
    expect(changesOf(without('5')).some((each) => each.signer)).toBe(false);
  });

  it('is the verdict, where the same revisions were judged otherwise before', () => {
    expect(changesOf(history.entries).map((each) => each.verdict)).toEqual([false, true, false, false]);
    expect(changesOf(without('3')).some((each) => each.verdict)).toBe(false);
  });
});

describe('the deployed verification', () => {
  it('is the newest one of the deployed revisions', () => {
    expect(deployedEntry(history.entries, ['1.4.1'])?.id).toBe('4');
  });

  it('is none before the first sync, or of other revisions', () => {
    expect(deployedEntry(history.entries, [])).toBeUndefined();
    expect(deployedEntry(history.entries, ['1.4.1', 'main'])).toBeUndefined();
  });
});
