import { describe, expect, test } from 'vitest';
import { notePulls } from '../../src/guard/note-pulls.ts';
import { requiring } from '../server/fixture.ts';
import { type Guarded, OTHER_DIGEST, published, startGuarded } from './guarded.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

interface Guarding extends Guarded {
  /** Lets time pass as a running server does. */
  readonly pass: (ms: number) => Promise<void>;
  /** Why payments may not be synced. */
  readonly obstacles: () => Promise<readonly string[]>;
}

/** With the administrator's word that all pulls are guarded, for as long as that is said. */
async function guarding(days: number): Promise<Guarding> {
  const guarded = await startGuarded();
  const { world, context, source } = guarded;
  world.policy({
    verifiedPull: 'everywhere',
    'project.shop': requiring(world.repository.url, world.release),
  });
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 10 * MINUTE) {
      world.clock.now += Math.min(left, 10 * MINUTE);
      await context.pulls.note(true);
    }
  };
  await notePulls(context.cluster, context.pulls);
  await pass(days * DAY);
  const obstacles = async (): Promise<readonly string[]> => (await source(true)).obstacles.map(({ code }) => code);
  return { ...guarded, pass, obstacles };
}

/** Bad bytes for a while, which the gate and the guard see, and then good ones again. */
async function replacedAndBack({ world, pull, pass, source }: Guarding): Promise<{ bad: string; good: string }> {
  const bad = await published(world, null, 'evil: true');
  expect((await source(true)).decision.action).toBe('deny');
  expect((await pull(bad)).action).toBe('refuse');
  await pass(2 * MINUTE);
  const good = await published(world, world.release, 'good');
  return { bad, good };
}

describe('a chart whose bytes were bad for a while, with the guard before every pull', () => {
  test('may be synced as soon as the repo-server has pulled the good ones', async () => {
    const guarded = await guarding(3);
    const { good } = await replacedAndBack(guarded);
    expect(await guarded.obstacles()).toEqual(['chart-replaced']);
    expect((await guarded.pull(good)).action).toBe('allow');
    expect(await guarded.obstacles()).toEqual([]);
    expect((await guarded.source()).decision.action).toBe('allow');
  });

  test('may not while the guard was not before all of them for as long as anything is held', async () => {
    const guarded = await guarding(2.9);
    const { good } = await replacedAndBack(guarded);
    expect((await guarded.pull(good)).action).toBe('allow');
    expect(await guarded.obstacles()).toEqual(['chart-replaced']);
  });

  test('may not without the word of the administrator, whatever was noted before', async () => {
    const guarded = await guarding(3);
    const { good } = await replacedAndBack(guarded);
    await guarded.pull(good);
    const shop = requiring(guarded.world.repository.url, guarded.world.release);
    guarded.world.policy({ 'project.shop': shop });
    expect(await guarded.obstacles()).toEqual(['chart-replaced']);
    await notePulls(guarded.context.cluster, guarded.context.pulls);
    guarded.world.policy({ verifiedPull: 'everywhere', 'project.shop': shop });
    await notePulls(guarded.context.cluster, guarded.context.pulls);
    expect(await guarded.obstacles()).toEqual(['chart-replaced']);
  });

  test('may not where the bad ones were let through, as whatever chart that was', async () => {
    const guarded = await guarding(3);
    const { bad, good } = await replacedAndBack(guarded);
    const { world, pull, pass, obstacles } = guarded;
    expect((await pull(bad, { repository: 'https://elsewhere.example.com' })).action).toBe('allow');
    await pull(good);
    expect(await obstacles()).toEqual(['chart-replaced']);
    // The rule ends by itself, as it does without the guard.
    await pass(DAY);
    world.repository.requests.length = 0;
    expect(await obstacles()).toEqual([]);
  });

  test('may not where a policy only warned of the bad ones', async () => {
    const guarded = await guarding(3);
    const { world, pull, obstacles } = guarded;
    const shop = requiring(world.repository.url, world.release);
    const bad = await published(world, null, 'evil: true');
    world.policy({ verifiedPull: 'everywhere', enforcement: 'warn', 'project.shop': shop });
    expect((await pull(bad)).action).toBe('warn');
    world.policy({ verifiedPull: 'everywhere', 'project.shop': shop });
    expect((await pull(await published(world, world.release, 'good'))).action).toBe('allow');
    expect(await obstacles()).toEqual(['chart-replaced']);
  });

  test('may not where something was let through that nobody could look at', async () => {
    const guarded = await guarding(3);
    const { world, ask, pull } = guarded;
    world.policy({ verifiedPull: 'everywhere', 'all-projects': 'unmatched: allow' });
    expect((await ask({ kind: 'unguarded', why: 'a plugin' })).action).toBe('allow');
    world.policy({ verifiedPull: 'everywhere', 'project.shop': requiring(world.repository.url, world.release) });
    const { good } = await replacedAndBack(guarded);
    await pull(good);
    expect(await guarded.obstacles()).toEqual(['chart-replaced']);
  });

  test('may not after the server was away for long, since it cannot tell what the guard was told meanwhile', async () => {
    const guarded = await guarding(3);
    guarded.world.clock.now += 16 * MINUTE;
    const { good } = await replacedAndBack(guarded);
    await guarded.pull(good);
    expect(await guarded.obstacles()).toEqual(['chart-replaced']);
  });

  test('may not by a pull of the good ones from before, which says nothing of the guard since', async () => {
    const guarded = await guarding(3);
    const { world, pull, pass, source, obstacles } = guarded;
    const good = await published(world, world.release, 'good');
    expect((await pull(good)).action).toBe('allow');
    await pass(2 * MINUTE);
    await published(world, null, 'evil: true');
    expect((await source(true)).decision.action).toBe('deny');
    await pass(2 * MINUTE);
    await published(world, world.release, 'good');
    expect(await obstacles()).toEqual(['chart-replaced']);
    expect((await pull(OTHER_DIGEST)).action).toBe('refuse');
    expect(await obstacles()).toEqual(['chart-replaced']);
  });
});

test('the pull itself is judged by its own bytes, whatever was served before', async () => {
  const { world, pull, source } = await startGuarded();
  await published(world, null, 'evil: true');
  await source(true);
  world.clock.now += 2 * MINUTE;
  expect((await pull(await published(world, world.release, 'good'))).action).toBe('allow');
  expect((await source()).decision.action).toBe('deny');
});
