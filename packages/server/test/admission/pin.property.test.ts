import { type Deployment, whatWouldDeploy } from '@source-integrity/core';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { pinningPatch } from '../../src/admission/pin-patch.ts';
import { application, type Manifest } from '../server/manifests.ts';
import { patched } from '../server/review.ts';

const EXACT = '1.4.2';
const DIGEST = `sha256:${'a'.repeat(64)}`;

const revision = fc.constantFrom('', '^1.2', '1.2', EXACT, 'main', DIGEST);
const source = fc.record(
  {
    repoURL: fc.constantFrom('https://charts.example', 'oci://registry.example/app', 'https://git.example/app.git'),
    chart: fc.constantFrom('', 'payments'),
    path: fc.constant('.'),
    targetRevision: revision,
    ref: fc.constantFrom('', 'values'),
    tagPrefix: fc.string({ maxLength: 3 }),
    helm: fc.jsonValue({ maxDepth: 2 }).filter((value) => typeof value === 'object' && !Array.isArray(value)),
  },
  { requiredKeys: ['repoURL'] },
);
const declared = { source, sources: fc.array(source, { maxLength: 3 }) };
const sync = fc.record(
  { ...declared, revision, revisions: fc.array(revision, { maxLength: 3 }), prune: fc.boolean() },
  { requiredKeys: [] },
);
const applications: fc.Arbitrary<Manifest> = fc
  .record({
    spec: fc.record({ ...declared, syncPolicy: fc.jsonValue({ maxDepth: 2 }) }, { requiredKeys: [] }),
    operation: fc.record(
      {
        sync,
        info: fc.constant([]),
        retry: fc.record({ limit: fc.nat(), refresh: fc.boolean() }, { requiredKeys: [] }),
      },
      { requiredKeys: ['sync'] },
    ),
  })
  .map(({ spec, operation }) => application({ name: 'payments', spec, operation }));

function operationOf(object: Manifest): Deployment | null {
  const would = whatWouldDeploy({ operation: 'CREATE', object, oldObject: null }, () => false);
  return would.kind === 'deploys' ? (would.deployments.find(({ via }) => via === 'operation') ?? null) : null;
}

/** As good as what a repository answers: each range means one version, each tag one digest. */
function resolve({ sources }: Deployment): (string | null)[] {
  return sources.map(({ source: { kind }, pinned, revision: asked }) => {
    if (pinned || asked === '1.2') return null;
    return kind === 'oci' ? DIGEST : kind === 'helm-http' || kind === 'helm-oci' ? EXACT : null;
  });
}

it('leaves the sources what they were, and changes only what it may', () => {
  fc.assert(
    fc.property(applications, (object) => {
      const before = operationOf(object);
      if (before === null) return;
      const after = patched(object, [...pinningPatch(object, before, resolve(before))]);
      const plan = operationOf(after);
      expect(plan?.sources.map((planned) => planned.source)).toEqual(before.sources.map((planned) => planned.source));
      for (const [place, { pinned, revision: said }] of before.sources.entries()) {
        // What means one thing already, and what nothing was found for, means the same as before.
        if (pinned || resolve(before)[place] === null) expect(plan?.sources[place]?.revision).toBe(said);
      }
      const { operation: _, ...rest } = object;
      const { operation: __, ...restAfter } = after;
      expect(restAfter).toEqual(rest);
      const own = { sources: undefined, source: undefined, revision: undefined, revisions: undefined };
      const outside = (of: Manifest): object => ({
        ...of.operation,
        sync: { ...member(of), ...own },
        retry: undefined,
      });
      expect(outside(after)).toEqual(outside(object));
    }),
    { numRuns: 1000 },
  );
});

it('comes to nothing the second time', () => {
  fc.assert(
    fc.property(applications, (object) => {
      const before = operationOf(object);
      if (before === null) return;
      const after = patched(object, [...pinningPatch(object, before, resolve(before))]);
      const plan = operationOf(after);
      expect(plan === null ? [] : pinningPatch(after, plan, resolve(plan))).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

it('changes nothing of an operation whose sources and revisions mean one thing', () => {
  fc.assert(
    fc.property(applications, (object) => {
      const plan = operationOf(object);
      const concerned = plan?.concerns.length ?? 1;
      if (plan === null || concerned > 0 || plan.ambiguity !== null || plan.sources.some(({ pinned }) => !pinned))
        return;
      expect(pinningPatch(object, plan, resolve(plan))).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

function member({ operation }: Manifest): object {
  return operation !== undefined && 'sync' in operation && typeof operation.sync === 'object'
    ? { ...operation.sync }
    : {};
}
