import { whatWouldDeploy } from '@source-integrity/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GATE_CONDITION, PIN_CONDITION } from '../../src/admission/match-conditions.ts';
import { compile } from './cel.ts';

const asksGate = compile(GATE_CONDITION.expression);
const asksPin = compile(PIN_CONDITION.expression);

interface Write {
  readonly request: { readonly operation: 'CREATE' | 'UPDATE' };
  readonly object: object;
  readonly oldObject: object | null;
}

const update = (object: object, oldObject: object): Write & Readonly<Record<string, unknown>> => ({
  request: { operation: 'UPDATE' },
  object,
  oldObject,
});
const asked = (write: Write): { pin: boolean; gate: boolean } => ({
  pin: asksPin({ ...write }),
  gate: asksGate({ ...write }),
});
const NOBODY = { pin: false, gate: false };

const SOURCE = { repoURL: 'https://charts.example', chart: 'payments', targetRevision: '1.4.2' };
const SPEC = { project: 'shop', source: SOURCE };
const OPERATION = { retry: {}, sync: { revision: '1.4.2', source: SOURCE } };
const RESULT = { revision: '1.4.2', source: SOURCE };

function running(more: object = {}): object {
  return { operationState: { phase: 'Running', operation: OPERATION, syncResult: RESULT, ...more } };
}

const idle = { metadata: { name: 'payments' }, spec: SPEC, status: running({ phase: 'Succeeded' }) };
const busy = { metadata: { name: 'payments' }, spec: SPEC, operation: OPERATION, status: running() };

describe('the webhooks are asked', () => {
  it('about an operation that appears or changes, and about a new Application with one', () => {
    expect(asked(update({ ...idle, operation: OPERATION }, idle))).toEqual({ pin: true, gate: true });
    expect(asked(update({ ...busy, operation: { sync: {} } }, busy))).toEqual({ pin: true, gate: true });
    const created = { request: { operation: 'CREATE' as const }, oldObject: null };
    expect(asked({ ...created, object: { spec: SPEC, operation: OPERATION } })).toEqual({ pin: true, gate: true });
    expect(asked({ ...created, object: { spec: SPEC, status: running() } })).toEqual({ pin: true, gate: true });
    expect(asked({ ...created, object: { spec: SPEC } })).toEqual(NOBODY);
  });

  it('the gate alone about a spec that changes under an operation', () => {
    expect(asked(update({ ...busy, spec: { ...SPEC, project: 'other' } }, busy))).toEqual({ pin: false, gate: true });
  });

  it.each([
    ['another operation', { operation: { sync: {} } }],
    ['another source', { syncResult: { ...RESULT, source: { ...SOURCE, chart: 'evil' } } }],
    ['another revision', { syncResult: { ...RESULT, revision: '9.9.9' } }],
    ['a list in front', { syncResult: { ...RESULT, sources: [{ ...SOURCE, chart: 'evil' }], revisions: ['1.4.2'] } }],
  ])('the gate alone about a running state with %s, also where it was there before it ran', (_, more) => {
    const wrong = { ...busy, status: running(more) };
    expect(asked(update(wrong, busy))).toEqual({ pin: false, gate: true });
    for (const phase of ['Succeeded', 'Failed', 'Error', 'Terminating']) {
      const parked = { ...busy, status: running({ ...more, phase }) };
      expect(asked(update(parked, busy))).toEqual(NOBODY);
      expect(asked(update(wrong, parked))).toEqual({ pin: false, gate: true });
    }
  });
});

describe('nobody is asked', () => {
  const { operation: _, ...over } = busy;
  const started = { ...busy, status: { operationState: { phase: 'Running', operation: OPERATION } } };
  it.each<[string, object, object]>([
    ['when the controller takes an operation up', started, { ...busy, status: {} }],
    ['when it notes what it executes', busy, started],
    [
      'about progress',
      { ...busy, status: { ...running({ message: 'waiting' }), sync: { status: 'OutOfSync' } } },
      busy,
    ],
    ['about a retry', { ...busy, status: running({ retryCount: 2 }) }, busy],
    ['about a termination', { ...busy, status: running({ phase: 'Terminating' }) }, busy],
    ['about the end', { ...over, status: running({ phase: 'Succeeded' }) }, busy],
    ['about a failed end whose operation stays', { ...busy, status: running({ phase: 'Failed' }) }, busy],
    ['about a refresh', { ...idle, metadata: { annotations: { 'argocd.argoproj.io/refresh': 'hard' } } }, idle],
    ['about metadata while it runs', { ...busy, metadata: { labels: { a: 'b' } } }, busy],
    ['about a spec without an operation', { ...idle, spec: { ...SPEC, source: { ...SOURCE, chart: 'other' } } }, idle],
    [
      'about the state of comparison and health',
      { ...idle, status: { ...idle.status, health: { status: 'Degraded' } } },
      idle,
    ],
  ])('%s', (_name, object, oldObject) => {
    expect(asked(update(object, oldObject))).toEqual(NOBODY);
  });

  it('about an operation by kubectl, to whose copy the controller adds what nobody wrote, in each of its attempts', () => {
    const written = { ...busy, operation: { sync: OPERATION.sync } };
    const noted = { phase: 'Running', operation: { initiatedBy: {}, retry: {}, sync: OPERATION.sync } };
    const began = { ...written, status: { operationState: noted } };
    const failed = { ...written, status: { operationState: { ...noted, syncResult: RESULT } } };
    expect(asked(update(began, { ...written, status: {} }))).toEqual(NOBODY);
    expect(asked(update(failed, began))).toEqual(NOBODY);
    expect(asked(update(began, failed))).toEqual(NOBODY);
    const refreshing = { ...noted, operation: { ...noted.operation, retry: { refresh: true } } };
    const again = { ...written, status: { operationState: refreshing } };
    expect(asked(update(again, failed))).toEqual({ pin: false, gate: true });
  });

  it('about the progress of an operation that is noted otherwise than it was written, once it was judged', () => {
    const normalized = { sync: { revision: '1.4.2', source: SOURCE, prune: true } };
    const taken = { ...busy, status: running({ operation: normalized }) };
    expect(asked(update(taken, started))).toEqual({ pin: false, gate: true });
    expect(asked(update({ ...taken, metadata: { generation: 2 } }, taken))).toEqual(NOBODY);
  });

  it('about several sources, of which the controller notes an empty one beside the list', () => {
    const sync = { sources: [SOURCE, SOURCE], revisions: ['1.4.2', ''] };
    const several = { spec: SPEC, operation: { sync } };
    const state = { phase: 'Running', operation: several.operation, syncResult: { ...sync, source: { repoURL: '' } } };
    expect(asked(update({ ...several, status: { operationState: state } }, several))).toEqual(NOBODY);
  });
});

const source = fc.constantFrom(
  SOURCE,
  { ...SOURCE, targetRevision: '2.0.0' },
  { repoURL: 'oci://registry.example/app' },
  { repoURL: '' },
);
const revision = fc.constantFrom('1.4.2', '2.0.0', '');
const declared = {
  source: fc.option(source),
  sources: fc.oneof(fc.constant(null), fc.array(source, { maxLength: 2 })),
  revision,
  revisions: fc.array(revision, { maxLength: 2 }),
};
const sync = fc.record(declared, { requiredKeys: [] });
const operation = fc.option(fc.record({ sync, retry: fc.constant({}) }, { requiredKeys: [] }));
const phase = fc.constantFrom('Running', 'Running', 'Failed', 'Terminating', '');
const state = fc.option(fc.record({ phase, operation, syncResult: sync }, { requiredKeys: ['phase'] }));

/** An Application before a write, and after it: mostly the same, as it mostly is. */
const write = fc
  .record({
    create: fc.integer({ min: 0, max: 9 }),
    before: fc.record({ operation, state }),
    after: fc.record({ operation: fc.option(operation), state: fc.option(state), phase: fc.option(phase) }),
    copies: fc.record({ operation: fc.boolean(), result: fc.boolean() }),
    project: fc.constantFrom('shop', 'shop', 'shop', 'other'),
  })
  .map(({ create, before, after, copies, project }): Write => {
    const asks = after.operation ?? before.operation;
    const now = after.state ?? before.state;
    const copied = {
      ...(copies.operation ? { operation: asks } : {}),
      ...(copies.result && asks?.sync !== undefined ? { syncResult: asks.sync } : {}),
      ...(after.phase === null ? {} : { phase: after.phase }),
    };
    const object = (name: string, of: unknown, operationState: object | null): object => ({
      spec: { project: name, source: SOURCE },
      operation: of,
      status: { operationState },
    });
    return {
      request: { operation: create === 0 ? 'CREATE' : 'UPDATE' },
      object: object(project, asks, now === null ? null : { ...now, ...copied }),
      oldObject: create === 0 ? null : object('shop', before.operation, before.state),
    };
  });

it('the gate is asked about everything that it would judge', () => {
  let judged = 0;
  fc.assert(
    fc.property(write, ({ request, object, oldObject }) => {
      const would = whatWouldDeploy({ operation: request.operation, object, oldObject }, () => false);
      if (would.kind === 'nothing' || asksGate({ request, object, oldObject })) return;
      judged += 1;
      // Left out is only the result of an operation that names its sources twice: all of them were judged as it began.
      const before = whatWouldDeploy({ operation: 'CREATE', object, oldObject: null }, () => false);
      const [begun, ...more] = before.kind === 'deploys' && would.kind === 'deploys' ? before.deployments : [];
      expect(begun).toMatchObject({ via: 'operation', ambiguity: { code: 'source-ambiguous' } });
      const known = new Set(
        begun?.sources.map(({ source: of, revision: at }) => JSON.stringify([of.repoURL, of.chart, at])),
      );
      for (const { source: of, revision: at } of more.flatMap(({ sources }) => sources)) {
        expect(known).toContain(JSON.stringify([of.repoURL, of.chart, at]));
      }
    }),
    { numRuns: 5000 },
  );
  expect(judged).toBeLessThan(100);
});
