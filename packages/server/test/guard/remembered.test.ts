import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Digest } from '@source-integrity/core';
import type { PullLedger } from '../../src/store/store.ts';
import { Pulls } from '../../src/guard/pulls.ts';
import { OTHER_DIGEST, published, startGuarded, startServer } from './guarded.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'source-integrity-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

describe('what the repo-server pulled', () => {
  test('is known after a restart', async () => {
    const dataDir = folder();
    const { world, pull, context } = await startGuarded(undefined, { dataDir });
    const digest = await published(world, world.release, 'good');
    await pull(digest);
    await pull(OTHER_DIGEST);
    const at = new Date(world.clock.now).toISOString();
    await context.close();
    const { source } = await startServer(world, undefined, { dataDir });
    expect(await source()).toMatchObject({
      pull: { at },
      otherPulls: [{ digest: OTHER_DIGEST, expected: digest, outcome: 'refused', firstAt: at, lastAt: at }],
    });
  });

  test('is told with both digests, the first time and the last', async () => {
    const { world, pull, source } = await startGuarded();
    const digest = await published(world, world.release, 'good');
    await pull(OTHER_DIGEST);
    const firstAt = new Date(world.clock.now).toISOString();
    world.clock.now += 5000;
    await pull(OTHER_DIGEST);
    const lastAt = new Date(world.clock.now).toISOString();
    const { pull: own, otherPulls } = await source();
    expect([own, otherPulls]).toEqual([
      null,
      [{ digest: OTHER_DIGEST, expected: digest, outcome: 'refused', firstAt, lastAt }],
    ]);
  });

  test('before a chart was replaced by another good one is told as verified then', async () => {
    const { world, pull, source } = await startGuarded();
    const old = await published(world, world.release, 'old');
    await pull(old);
    const fresh = await published(world, world.release, 'new');
    await pull(fresh);
    expect(await source(true)).toMatchObject({
      digest: fresh,
      pull: { at: new Date(world.clock.now).toISOString() },
      otherPulls: [{ digest: old, outcome: 'verified' }],
    });
  });

  test('while nothing was asked of it is told as let through', async () => {
    const { world, pull, source } = await startGuarded();
    const digest = await published(world, world.release, 'good');
    world.policy({ 'all-projects': 'unmatched: allow' });
    await pull(OTHER_DIGEST);
    expect(await source()).toMatchObject({ digest, otherPulls: [{ digest: OTHER_DIGEST, outcome: 'let' }] });
  });

  test('of names without end does not fill the store with names', async () => {
    const { pull } = await startGuarded();
    const answer = await pull(OTHER_DIGEST, { repository: `https://elsewhere.example.com/${'x'.repeat(1900)}` });
    expect(answer.action).toBe('allow');
  });
});

test('a store that cannot be written stops no chart, and nothing is counted on from then', async () => {
  let isFull = false;
  const told: unknown[] = [];
  const rows = new Map<string, { since: number; notedAt: number }>();
  const ledger: PullLedger = {
    record: () => (isFull ? Promise.reject(new Error('the disk is full')) : Promise.resolve()),
    seen: () => Promise.resolve([]),
    lastLet: () => Promise.resolve(null),
    complete: () => Promise.resolve(rows.get('complete') ?? null),
    noteComplete(complete) {
      if (complete === null) rows.clear();
      else rows.set('complete', complete);
      return Promise.resolve();
    },
  };
  let now = 1000;
  const pulls = new Pulls({ ledger, now: () => new Date(now), onFault: (error) => told.push(error) });
  await pulls.note(true);
  isFull = true;
  now += 1000;
  const chart = { repository: 'r', registry: false, chart: 'c', version: '1.0.0', passCredentials: false };
  const digest = Digest.parse(OTHER_DIGEST);
  await pulls.record([{ chart, digest, outcome: 'let', expected: null, reported: null }]);
  now += 1000;
  await pulls.note(true);
  expect([told.length, rows.get('complete')]).toEqual([1, { since: 2000, notedAt: 3000 }]);
});
