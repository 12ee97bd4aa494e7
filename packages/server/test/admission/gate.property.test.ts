import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { chartSource, startWorld } from '../server/fixture.ts';
import { postReview, reviewOf, syncOf } from '../server/review.ts';
import * as z from 'zod';

const Answer = z.object({ response: z.object({ allowed: z.boolean() }) });

it('answers any JSON with a review or a clear 400', async () => {
  const world = await startWorld();
  await fc.assert(
    fc.asyncProperty(fc.json({ maxDepth: 6 }), async (body) => {
      expect([200, 400]).toContain((await postReview(world, body)).status);
    }),
    { numRuns: 150 },
  );
});

/** Whatever stands beside the operation, or in it, as an owner may write it. */
const noise = fc.dictionary(
  fc.constantFrom(
    'sync',
    'initiatedBy',
    'retry',
    'info',
    'source',
    'sources',
    'revision',
    'revisions',
    'manifests',
    '__proto__',
    'constructor',
    'toString',
    'dryRun',
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

it('never allows a new operation on an unsigned chart under an enforcing policy, whatever stands beside it', async () => {
  const world = await startWorld();
  await world.repository.publish({ name: 'payments', version: '1.4.2', signer: null });
  const source = chartSource(world.repository.url);
  const base = syncOf(world.payments());
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        operation: noise,
        sync: noise,
        status: fc.oneof(fc.constant(undefined), noise, fc.record({ operationState: noise })),
        metadata: fc.dictionary(
          fc.constantFrom('labels', 'annotations', 'uid', 'generateName', 'finalizers'),
          fc.jsonValue(),
        ),
        spec: fc.dictionary(
          fc.constantFrom('sources', 'sourceHydrator', 'syncPolicy', 'info'),
          fc.jsonValue({ maxDepth: 2 }),
        ),
        created: fc.boolean(),
      }),
      async ({ operation, sync, status, metadata, spec, created }) => {
        const object = {
          ...base,
          metadata: { ...metadata, ...base.metadata },
          spec: { ...base.spec, ...spec },
          operation: { ...operation, sync: { ...sync, sources: undefined, source, revision: '1.4.2' } },
          status,
        };
        const response = await postReview(
          world,
          JSON.stringify(reviewOf(object, { operation: created ? 'CREATE' : 'UPDATE' })),
        );
        expect(response.status).toBe(200);
        expect(Answer.parse(await response.json()).response.allowed).toBe(false);
      },
    ),
    { numRuns: 200 },
  );
});
