import { setTimeout as pause } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { startWorld, type World, type WorldOptions } from '../server/fixture.ts';
import { gate, refusalOf, reviewOf, syncOf } from '../server/review.ts';
import { eventually } from '../eventually.ts';

const SHORT: WorldOptions = { flags: { 'automated-budget-ms': '50', 'interactive-budget-ms': '150' } };

/** A repository that answers when the test says so. */
function hanging(world: World): { release: () => void } {
  const held: (() => void)[] = [];
  world.repository.intercept = (request, response) => {
    held.push(() => {
      serve(world, request.url ?? '', response);
    });
    return true;
  };
  return {
    release() {
      world.repository.intercept = () => false;
      for (const answer of held.splice(0)) answer();
    },
  };
}

function serve(world: World, path: string, response: ServerResponse): void {
  const file = world.repository.files.get(path);
  response.writeHead(file === undefined ? 404 : 200).end(file);
}

function automated(world: World): object {
  const sync = syncOf(world.payments());
  return reviewOf({ ...sync, operation: { ...sync.operation, initiatedBy: { automated: true } } });
}

async function timed<T>(work: Promise<T>): Promise<readonly [T, number]> {
  const startedAt = performance.now();
  const value = await work;
  return [value, performance.now() - startedAt];
}

describe('a repository that does not answer', () => {
  it('costs an automated sync its short budget once, then nothing, until the late answer is there', async () => {
    const world = await startWorld(SHORT);
    const repository = hanging(world);
    const review = automated(world);
    const [first, waited] = await timed(gate(world, review));
    expect(first.status?.message).toContain('is still being verified');
    expect(waited).toBeGreaterThan(45);
    // Who had waited would be told that it is still being verified.
    expect((await gate(world, review)).status?.message).toContain('has not answered since');
    expect(world.repository.requests).toHaveLength(1);

    repository.release();
    await eventually(async () => {
      expect((await gate(world, automated(world))).allowed).toBe(true);
    });
    world.clock.now += 9 * 60_000;
    expect((await gate(world, automated(world))).allowed).toBe(true);
    const asked = world.repository.requests.length;
    world.clock.now += 2 * 60_000;
    expect((await gate(world, automated(world))).allowed).toBe(true);
    expect(world.repository.requests.length).toBeGreaterThan(asked);
  });

  it('costs a person the longer budget', async () => {
    const world = await startWorld(SHORT);
    hanging(world);
    const [refusal, waited] = await timed(refusalOf(world, syncOf(world.payments())));
    expect(refusal).toMatchInlineSnapshot(
      `"Chart payments 1.4.2 is still being verified. Retry in a few seconds: the verification goes on in the background and its answer is kept. Automated sync retries by itself."`,
    );
    expect(waited).toBeGreaterThan(140);
  });

  it('is given up in the background without harm, and said to have timed out', async () => {
    const world = await startWorld({ flags: { ...SHORT.flags, 'verification-timeout-ms': '100' } });
    hanging(world);
    await gate(world, automated(world));
    await pause(150);
    world.clock.now += 30_000;
    expect((await gate(world, automated(world))).status?.message).toContain('could not be verified in time');
    await pause(150);
    expect((await gate(world, automated(world))).status?.message).toContain('could not be verified in time');
    expect(world.log()).not.toContain('request failed');
    expect((await fetch(`${world.server.addresses.operations}/healthz`)).status).toBe(200);
  });

  it('does not hold up the end of the server', async () => {
    // Longer than this test may take: whoever waited for the repository would not be done by then.
    const endless = {
      'verification-timeout-ms': '1800000',
      'request-timeout-ms': '600000',
      'headers-timeout-ms': '300000',
    };
    const world = await startWorld({ flags: { ...SHORT.flags, ...endless } });
    hanging(world);
    await gate(world, automated(world));
    await world.server.close();
  });
});
