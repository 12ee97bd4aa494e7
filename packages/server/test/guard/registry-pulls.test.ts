import { Digest } from '@source-integrity/core';
import { expect, onTestFinished, test } from 'vitest';
import { Pulls } from '../../src/guard/pulls.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { startGuarded } from './guarded.ts';

const digestOf = (letter: string): Digest => Digest.parse(`sha256:${letter.repeat(64)}`);
const [MANIFEST, ARCHIVE, BAD] = [digestOf('a'), digestOf('b'), digestOf('c')];
const DAY = 24 * 60 * 60 * 1000;

test('a chart in a registry is known by its manifest in a report and by its archive in a pull, however its address is divided', async () => {
  const store = openSqliteStore(':memory:');
  onTestFinished(() => store.close());
  let now = 1;
  const pulls = new Pulls({ ledger: store.pulls, now: () => new Date(now), onFault: () => undefined });
  await pulls.note(true);
  for (; now < 3 * DAY + 2; now += 600_000) await pulls.note(true);
  const badSeen = new Date(now);
  const asked = { registry: true, repository: 'registry.example.com/a/b', chart: 'c', version: '1.0.0' };
  const chart = { ...asked, passCredentials: false };
  await pulls.record([{ chart, digest: BAD, outcome: 'refused', expected: ARCHIVE, reported: null }]);
  const current = { registry: true, repository: 'oci://registry.example.com/a', chart: 'b/c', version: '1.0.0' };
  expect(await pulls.mayBeHeld(BAD, badSeen, { ...current, digest: MANIFEST })).toBe(true);
  now += 1000;
  await pulls.record([{ chart, digest: ARCHIVE, outcome: 'verified', expected: null, reported: MANIFEST }]);
  expect(await pulls.mayBeHeld(BAD, badSeen, { ...current, digest: MANIFEST })).toBe(false);
  expect(await pulls.mayBeHeld(BAD, badSeen, { ...current, version: '1.0.1', digest: MANIFEST })).toBe(true);
  expect(await pulls.mayBeHeld(ARCHIVE, badSeen, { ...current, digest: MANIFEST })).toBe(true);

  const { source } = await startGuarded();
  const report = { ...(await source()), kind: 'helm-oci' as const, revision: '1.0.0', digest: MANIFEST };
  const { pull, otherPulls } = await pulls.withPulls({ ...report, repoURL: 'registry.example.com', chart: 'a/b/c' });
  expect(pull).toEqual({ at: new Date(now).toISOString() });
  const at = badSeen.toISOString();
  expect(otherPulls).toEqual([{ digest: BAD, expected: ARCHIVE, outcome: 'refused', firstAt: at, lastAt: at }]);
});
