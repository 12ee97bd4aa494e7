import { expect, it } from 'vitest';
import { startWorld } from '../server/fixture.ts';
import { project } from '../server/manifests.ts';
import { gate, reviewOf, syncOf } from '../server/review.ts';

it('a project counts as it is now, however often it was asked about before', async () => {
  const world = await startWorld();
  const sync = reviewOf(syncOf(world.payments()));
  expect((await gate(world, sync)).allowed).toBe(true);
  expect((await gate(world, sync)).allowed).toBe(true);

  world.cluster.put('projects', project('shop', { sourceRepos: ['https://elsewhere.example/*'] }));
  expect((await gate(world, sync)).status?.message).toContain('does not permit');
  world.cluster.remove('projects');
  expect((await gate(world, sync)).status?.message).toContain('does not exist');

  world.cluster.put('projects', project('shop', { sourceRepos: ['*'] }));
  expect((await gate(world, sync)).allowed).toBe(true);
});
