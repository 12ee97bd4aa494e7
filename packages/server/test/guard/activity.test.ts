import { expect, test } from 'vitest';
import { GuardActivity } from '../../src/guard/activity.ts';
import { Metrics } from '../../src/metrics.ts';
import { version } from '../../src/version.ts';
import { requiring } from '../server/fixture.ts';
import { OTHER_DIGEST, published, startGuarded } from './guarded.ts';

const DAY = 24 * 60 * 60 * 1000;

test('pulls, refusals, mismatches and the versions of guards are counted', async () => {
  const { world, pull, context } = await startGuarded();
  const digest = await published(world, world.release, 'good');
  await pull(digest);
  await pull(OTHER_DIGEST);
  world.policy({ enforcement: 'warn', 'project.shop': requiring(world.repository.url, world.release) });
  await pull(OTHER_DIGEST);
  const lastAt = new Date(world.clock.now).toISOString();
  expect(context.guards.state()).toEqual({ pulls: 3, refused: 1, mismatches: 2, versions: { test: lastAt } });
  const lines = (await context.metrics.text()).split('\n');
  for (const line of [
    'source_integrity_pulls_total{action="allow"} 1',
    'source_integrity_pulls_total{action="refuse"} 1',
    'source_integrity_pulls_total{action="warn"} 1',
    'source_integrity_pull_mismatches_total 2',
    'source_integrity_guard_questions_total{version="test"} 3',
  ]) {
    expect(lines).toContain(line);
  }
});

test('who is turned away at the path of the guard is counted', async () => {
  const { url, context } = await startGuarded({
    identify: () => Promise.resolve({ status: 401, refused: 'nobody' }),
  });
  await fetch(url, { method: 'POST' });
  const line = 'source_integrity_guard_turned_away_total{status="401"} 1';
  expect((await context.metrics.text()).split('\n')).toContain(line);
});

test('of versions without end few are told', async () => {
  const metrics = new Metrics({ version, process: false });
  const guards = new GuardActivity({ version, metrics, now: () => new Date(0) });
  for (let n = 0; n < 50; n += 1) guards.asked(`0.0.${n}`);
  guards.asked('a "version"\nof its own');
  expect(Object.keys(guards.state().versions).length).toBeLessThanOrEqual(11);
  expect((await metrics.text()).match(/guard_questions_total\{/g)?.length).toBeLessThanOrEqual(11);
});

test('a guard of another version is told of for a day, as is a guard that the policy tells of and that never asks', () => {
  let now = 0;
  const metrics = new Metrics({ version, process: false });
  const guards = new GuardActivity({ version, metrics, now: () => new Date(now) });
  guards.asked(version);
  expect(guards.notes('everywhere')).toEqual([]);
  guards.asked('0.0.1');
  expect(guards.notes('partly')).toEqual([expect.stringContaining('0.0.1')]);
  now = DAY + 1;
  expect(guards.notes('partly')).toEqual([]);
  expect(guards.notes('everywhere')).toEqual([expect.stringContaining('verifiedPull')]);
});
