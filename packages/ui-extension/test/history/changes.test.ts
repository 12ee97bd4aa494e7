import type { HistoryEntry, Report } from '@source-integrity/core/contract';
import { describe, expect, it } from 'vitest';
import { changesOf } from '../../src/history/changes.ts';
import { deployedEntry, goodBefore, noveltiesSince } from '../../src/history/deployed.ts';
import { history } from '../../stories/ledger.ts';
import { acme, digestOf, jane, report, source, verified } from '../../stories/reports.ts';
import { states } from '../../stories/states.ts';

const without = (...ids: string[]): HistoryEntry[] => history.entries.filter((entry) => !ids.includes(entry.id));

describe('what changed from one verification to the next', () => {
  it('is the signer, where another key signed than the last time', () => {
    expect(changesOf(history.entries).map((each) => each.signer)).toEqual([true, false, false, false]);
    expect(changesOf(without('5')).some((each) => each.signer)).toBe(false);
  });

  it('is the verdict, where the same revisions were judged otherwise before', () => {
    expect(changesOf(history.entries).map((each) => each.verdict)).toEqual([null, 'indeterminate', null, null]);
    expect(changesOf(without('3')).some((each) => each.verdict !== null)).toBe(false);
  });
});

describe('a revision that was well before', () => {
  it('is found where it no longer is, and nowhere else', () => {
    const now = (version: string, base: Report): Report => ({
      ...base,
      sources: base.sources.map((each) => ({ ...each, revision: version })),
    });
    expect(goodBefore(history.entries, now('1.4.1', states.expiredKey))?.id).toBe('4');
    expect(goodBefore(history.entries, now('1.4.2', states.expiredKey))).toBeUndefined();
    expect(goodBefore(history.entries, now('1.4.1', states.verified))).toBeUndefined();
    expect(goodBefore(history.entries, now('1.4.1', states.signedButNotRequired))).toBeUndefined();
  });
});

describe('bytes that changed under one version', () => {
  const other = digestOf('5a0f');
  const [newest, ...older] = history.entries;

  it('are told where the same revision of a source had another digest', () => {
    const again = older.map((entry) => ({
      ...entry,
      sources: entry.sources.map((source) => ({ ...source, digest: other })),
    }));
    const entries = [...older.slice(0, 1), ...again.slice(0, 1)];
    expect(changesOf(entries).map((each) => each.bytes)).toEqual([true, false]);
  });

  it('are not told of another revision', () => {
    expect(newest).toBeDefined();
    expect(changesOf(history.entries).some((each) => each.bytes)).toBe(false);
  });
});

describe('what a sync would bring that is new', () => {
  const deployed = deployedEntry(history.entries, ['1.4.1']);
  const novelties = (report: Report): string[] =>
    deployed === undefined ? [] : noveltiesSince(deployed, report).map(({ kind }) => kind);

  it('is another signer, also where the policy would trust both', () => {
    expect(novelties(states.otherSigner)).toEqual(['signer']);
    expect(novelties(report([source(verified(jane))]))).toEqual(['signer']);
    expect(novelties(report([source(verified(acme))]))).toEqual([]);
  });

  it('is that nobody signed any more', () => {
    expect(novelties(states.unsigned)).toEqual(['unsigned']);
  });

  it('is other bytes of the deployed version', () => {
    const changed = source(verified(), { revision: '1.4.1', digest: digestOf('5a0f') });
    expect(novelties(report([changed]))).toEqual(['bytes']);
    expect(novelties(report([{ ...changed, revision: '1.4.2' }]))).toEqual([]);
  });

  it('is nothing of a source that was not there', () => {
    expect(novelties(report([source(verified(jane), { name: 'orders' })]))).toEqual([]);
  });
});

describe('the deployed verification', () => {
  it('is the newest one of the deployed revisions', () => {
    expect(deployedEntry(history.entries, ['1.4.1'])?.id).toBe('4');
  });

  it('is found where Git sources, which have no revision here, are deployed too', () => {
    const [entry] = without('5');
    if (entry === undefined) throw new Error('there is one');
    const git = { name: 'values', revision: null, digest: null, status: 'not-required', signers: [] };
    const entries = [{ ...entry, sources: [...entry.sources, git] }];
    expect(deployedEntry(entries, ['1.4.1', '8c1f2e7a'])?.id).toBe('4');
    expect(deployedEntry(entries, ['1.4.0', '8c1f2e7a'])).toBeUndefined();
  });

  it('is found by digest, as Argo CD names what it deployed from a registry', () => {
    expect(deployedEntry(history.entries, [digestOf('c684')])?.id).toBe('5');
  });

  it('is none before the first sync, or of other revisions', () => {
    expect(deployedEntry(history.entries, [])).toBeUndefined();
    expect(deployedEntry(history.entries, ['1.4.1', 'main'])).toBeUndefined();
  });
});
