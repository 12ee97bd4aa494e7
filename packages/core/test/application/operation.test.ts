import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseApplication } from '../../src/application/application.ts';
import { specDeployment, whatWouldDeploy, type ApplicationReview } from '../../src/application/operation.ts';
import { application, chart, create, evil, git, hydrator, noOCI, range, sync, update, type Parts } from './fixture.ts';

/** The deployments in short: via, `repo chart@revision` of each source, and the codes of all concerns. */
function deployed(review: ApplicationReview) {
  const answer = whatWouldDeploy(review, noOCI);
  if (answer.kind !== 'deploys') return answer.kind;
  return answer.deployments.map(({ via, sources, concerns, ambiguity }) => ({
    via,
    sources: sources.map(
      ({ source, revision }) => `${source.repoURL} ${source.chart ?? source.path ?? ''}@${revision}`,
    ),
    concerns: [...concerns, ...sources.flatMap((source) => source.concerns)].map(({ code }) => code),
    ambiguity: ambiguity?.params['fields'],
  }));
}

const payments = 'https://charts.example.com payments@';
const bad = 'https://charts.evil.example payments@6.6.6';
const operationOf = (operation: object, spec: object = { source: chart }) =>
  deployed(update({ spec }, { spec, operation }));

/** A status in which the good operation runs. */
const running = (parts: object = {}) => ({
  operationState: { phase: 'Running', operation: sync(chart, '1.4.2'), ...parts },
});

/** A status in which another operation runs. */
const state = (parts: object) => ({ operationState: { phase: 'Running', operation: sync(evil, '6.6.6'), ...parts } });

function target(spec: object) {
  const parsed = parseApplication(application({ spec }));
  if ('problem' in parsed) throw new Error(parsed.problem.code);
  return specDeployment(parsed.application, noOCI);
}

describe('an operation that appears', () => {
  it('deploys its own source at its own revision', () => {
    expect(operationOf(sync(range, '1.4.9'), { source: range })).toEqual([
      { via: 'operation', sources: [`${payments}1.4.9`], concerns: [] },
    ]);
  });

  it('deploys its own source, not the one of the spec (a rollback)', () => {
    expect(operationOf(sync({ ...chart, targetRevision: '1.0.0' }, '1.0.0'))).toEqual([
      { via: 'operation', sources: [`${payments}1.0.0`], concerns: [] },
    ]);
    expect(operationOf(sync(evil, '6.6.6'))).toEqual([{ via: 'operation', sources: [bad], concerns: [] }]);
  });

  it('deploys its own sources, each at its own revision', () => {
    const operation = { sync: { sources: [chart, git], revisions: ['1.4.2', 'a'.repeat(40)] } };
    expect(operationOf(operation)).toEqual([
      {
        via: 'operation',
        sources: [`${payments}1.4.2`, `${git.repoURL} prod@${'a'.repeat(40)}`],
        concerns: [],
      },
    ]);
  });

  it('takes source before the sources of the spec, and ignores an empty list of sources', () => {
    expect(operationOf({ sync: { source: chart, sources: [], revision: '1.4.2' } }, { sources: [evil] })).toEqual([
      { via: 'operation', sources: [`${payments}1.4.2`], concerns: [] },
    ]);
  });

  it('falls back to the target revision where the operation names none', () => {
    expect(operationOf({ sync: { source: chart } })).toEqual([
      { via: 'operation', sources: [`${payments}1.4.2`], concerns: [] },
    ]);
  });

  it('falls back for one source alone when only its entry is empty', () => {
    const sources = [range, { ...chart, chart: 'other' }];
    expect(operationOf({ sync: { sources, revisions: ['1.4.9', ''] } })).toEqual([
      { via: 'operation', sources: [`${payments}1.4.9`, 'https://charts.example.com other@1.4.2'], concerns: [] },
    ]);
  });

  it('falls back for every source when the lists have different lengths', () => {
    expect(operationOf({ sync: { sources: [range, chart], revisions: ['1.4.9'] } })).toEqual([
      {
        via: 'operation',
        sources: [`${payments}^1.4`, `${payments}1.4.2`],
        concerns: ['operation-revisions-mismatch', 'revision-not-pinned'],
      },
    ]);
  });

  it('ignores the revision of a list and the revisions of one source', () => {
    expect(operationOf({ sync: { sources: [chart], revision: '9.9.9' } })).toEqual([
      { via: 'operation', sources: [`${payments}1.4.2`], concerns: [] },
    ]);
    expect(operationOf({ sync: { source: chart, revisions: ['9.9.9'] } })).toEqual([
      { via: 'operation', sources: [`${payments}1.4.2`], concerns: [] },
    ]);
  });

  it.each(['^1.4', '*', '1.4', '1', 'v1.4', '1.4.x', 'latest', '', 'HEAD', '1.4.2 || 2.0.0'])(
    'does not take the Helm revision %j for pinned',
    (revision) => {
      const source = { ...chart, targetRevision: revision };
      expect(operationOf(sync(source, revision))).toMatchObject([{ concerns: ['revision-not-pinned'] }]);
    },
  );

  it.each(['1.4.2', 'v1.4.2', '1.4.2-rc.1', '1.4.2+build.7'])('takes the Helm revision %j for pinned', (revision) => {
    expect(operationOf(sync(chart, revision))).toMatchObject([{ concerns: [] }]);
  });

  it('wants a digest of an OCI source, and nothing of a Git source', () => {
    const oci = { repoURL: 'oci://ghcr.io/acme/app', targetRevision: '1.0.0', chart: 'ignored' };
    expect(operationOf(sync(oci, '1.0.0'))).toMatchObject([{ concerns: ['revision-not-pinned'] }]);
    expect(operationOf(sync(oci, `sha256:${'0'.repeat(64)}`))).toMatchObject([{ concerns: [] }]);
    expect(operationOf(sync(git, 'main'))).toMatchObject([{ concerns: [] }]);
  });

  it('without a source deploys what the spec says by then', () => {
    expect(operationOf({ sync: {} })).toEqual([
      { via: 'operation', sources: [`${payments}1.4.2`], concerns: ['operation-without-source'] },
    ]);
    expect(deployed(create({ operation: { sync: {} }, spec: { source: range } }))).toEqual([
      {
        via: 'operation',
        sources: [`${payments}^1.4`],
        concerns: ['operation-without-source', 'revision-not-pinned'],
      },
    ]);
  });

  it('without a source and with a revision deploys the source of the spec at that revision', () => {
    expect(operationOf({ sync: { revision: '1.0.0' } })).toEqual([
      { via: 'operation', sources: [`${payments}1.0.0`], concerns: ['operation-without-source'] },
    ]);
  });

  it('where nothing names a source has nothing to verify and says so', () => {
    expect(operationOf({ sync: {} }, {})).toEqual([
      { via: 'operation', sources: [], concerns: ['source-missing', 'operation-without-source'] },
    ]);
  });

  it('that brings manifests along is named, with the sources that it steps around', () => {
    expect(operationOf(sync(chart, '', { manifests: ['{}'] }))).toEqual([
      { via: 'operation', sources: [`${payments}1.4.2`], concerns: ['operation-local-manifests'] },
    ]);
    expect(operationOf(sync(chart, '', { manifests: [] }))).toMatchObject([{ concerns: [] }]);
  });

  it('that refreshes on retry is named', () => {
    expect(operationOf({ ...sync(range, '1.4.9'), retry: { limit: 2, refresh: true } })).toMatchObject([
      { concerns: ['operation-refresh'] },
    ]);
    expect(operationOf({ ...sync(range, '1.4.9'), retry: { limit: 2 } })).toMatchObject([{ concerns: [] }]);
  });

  it('tells whether automated sync started it', () => {
    const review = update({}, { operation: { ...sync(chart, '1.4.2'), initiatedBy: { automated: true } } });
    expect(whatWouldDeploy(review, noOCI)).toMatchObject({ project: 'storefront', deployments: [{ automated: true }] });
    expect(whatWouldDeploy(create({ operation: sync(chart, '1.4.2') }), noOCI)).toMatchObject({
      deployments: [{ automated: false }],
    });
  });

  it('without a sync does nothing, as in Argo CD', () => {
    expect(operationOf({ initiatedBy: {} })).toBe('nothing');
  });
});

describe('an object that names its sources more than once', () => {
  const both = { sources: [evil], source: chart };

  it('is ambiguous in the operation, and every candidate is to be verified', () => {
    expect(operationOf({ sync: { ...both, revision: '1.4.2', revisions: ['6.6.6'] } })).toEqual([
      {
        via: 'operation',
        sources: [bad, `${payments}1.4.2`],
        concerns: [],
        ambiguity: ['operation.sync.sources', 'operation.sync.source'],
      },
    ]);
  });

  it('is ambiguous in the spec only where the operation has no source', () => {
    expect(operationOf(sync(chart, '1.4.2'), both)).toEqual([
      { via: 'operation', sources: [`${payments}1.4.2`], concerns: [] },
    ]);
    expect(operationOf({ sync: {} }, both)).toMatchObject([{ ambiguity: ['spec.sources', 'spec.source'] }]);
  });

  it('executes the sources of the spec although a hydrator stands beside them', () => {
    expect(operationOf({ sync: {} }, { sourceHydrator: hydrator, sources: [evil] })).toEqual([
      {
        via: 'operation',
        sources: [bad, 'https://git.example.com/dry app@env/prod'],
        concerns: ['operation-without-source'],
        ambiguity: ['spec.sources', 'spec.sourceHydrator'],
      },
    ]);
  });

  it('executes the hydrator before the source of the spec', () => {
    expect(operationOf({ sync: {} }, { sourceHydrator: hydrator, source: evil })).toMatchObject([
      { ambiguity: ['spec.sourceHydrator', 'spec.source'] },
    ]);
  });

  it('is found in what automated sync makes of hydrator and sources', () => {
    const hydrated = { repoURL: 'https://git.example.com/dry', path: 'app', targetRevision: 'env/prod' };
    expect(operationOf({ sync: { source: hydrated, sources: [evil], revisions: ['6.6.6'] } })).toMatchObject([
      { ambiguity: ['operation.sync.sources', 'operation.sync.source'] },
    ]);
  });

  it('numbers all candidates in one row', () => {
    const answer = whatWouldDeploy(create({ operation: { sync: {} }, spec: both }), noOCI);
    expect(answer).toMatchObject({ deployments: [{ sources: [{ source: { index: 0 } }, { source: { index: 1 } }] }] });
  });
});

describe('a write that deploys nothing new', () => {
  const operation = sync(chart, '1.4.2');

  it.each<[string, Parts, Parts]>([
    ['has no operation', {}, { spec: { source: evil } }],
    ['has an operation of null', {}, { operation: null }],
    ['leaves the operation as it was', { operation }, { operation, status: { sync: { status: 'Synced' } } }],
    ['takes the operation up', { operation }, { operation, status: running() }],
    [
      'records the result',
      { operation, status: running() },
      { operation, status: running({ syncResult: { revision: '1.4.2', source: chart } }) },
    ],
    ['terminates', { operation, status: running() }, { operation, status: running({ phase: 'Terminating' }) }],
    ['completes', { operation, status: running() }, { status: running({ phase: 'Succeeded' }) }],
    [
      'retries',
      { operation, status: running({ syncResult: { revision: '1.4.2', source: chart }, retryCount: 1 }) },
      { operation, status: running({ retryCount: 1 }) },
    ],
    [
      'changes the spec under an operation that has its own source',
      { operation },
      { operation, spec: { source: evil } },
    ],
  ])('%s', (_, before, after) => {
    expect(deployed(update(before, after))).toBe('nothing');
  });

  it('records the commit that a Git revision was resolved to', () => {
    const operation = { sync: { sources: [chart, git], revisions: ['1.4.2', 'main'] } };
    const state = { phase: 'Running', operation };
    const syncResult = { sources: [chart, git], revisions: ['1.4.2', 'b'.repeat(40)], source: {}, revision: '' };
    const write = update(
      { operation, status: { operationState: state } },
      { operation, status: { operationState: { ...state, syncResult } } },
    );
    expect(deployed(write)).toBe('nothing');
  });

  it('is the same whatever the order of keys in the operation', () => {
    const reordered = Object.fromEntries(Object.entries(operation).toReversed());
    expect(deployed(update({ operation }, { operation: reordered }))).toBe('nothing');
  });
});

describe('a write under an operation', () => {
  const operation = sync(chart, '1.4.2');

  it('that changes the operation deploys it', () => {
    expect(deployed(update({ operation }, { operation: sync(evil, '6.6.6') }))).toMatchObject([{ sources: [bad] }]);
  });

  it('that changes the spec under an operation without a source deploys the spec', () => {
    const empty = { sync: {} };
    expect(deployed(update({ operation: empty }, { operation: empty, spec: { source: evil } }))).toMatchObject([
      { via: 'operation', sources: [bad] },
    ]);
  });

  it('that moves the Application to another project deploys it there', () => {
    const review = update({ operation }, { operation, spec: { source: chart, project: 'sandbox' } });
    expect(whatWouldDeploy(review, noOCI)).toMatchObject({ kind: 'deploys', project: 'sandbox' });
  });
});

describe('a running operation state that was smuggled in', () => {
  const operation = sync(chart, '1.4.2');
  const smuggled = { via: 'operationState', sources: [bad], concerns: ['operation-state-smuggled'] };
  const good = { via: 'operation', sources: [`${payments}1.4.2`], concerns: [] };

  it('is judged at the creation of an Application, beside its good operation', () => {
    expect(deployed(create({ operation, status: state({}) }))).toEqual([good, smuggled]);
  });

  it('is judged at the creation even without an operation', () => {
    expect(deployed(create({ status: state({}) }))).toEqual([smuggled]);
  });

  it('is judged when the operation appears, even if the status was there before', () => {
    expect(deployed(update({ status: state({}) }, { operation, status: state({}) }))).toEqual([good, smuggled]);
    expect(deployed(update({ status: state({}) }, { operation: {}, status: state({}) }))).toEqual([smuggled]);
  });

  it('is named even if it names nothing to deploy', () => {
    expect(deployed(create({ operation, status: { operationState: {} } }))).toEqual([
      good,
      { via: 'operationState', sources: [], concerns: ['operation-state-smuggled'] },
    ]);
  });

  it.each(['Running', '', 'Unheard-of', undefined])('counts as running in phase %j', (phase) => {
    expect(deployed(create({ operation, status: state({ phase }) }))).toEqual([good, smuggled]);
  });

  it.each(['Succeeded', 'Failed', 'Error'])('is history in phase %j', (phase) => {
    expect(deployed(create({ operation, status: state({ phase }) }))).toEqual([good]);
  });

  it('is verified like an operation when it differs from the operation', () => {
    expect(deployed(update({ operation }, { operation, status: state({}) }))).toEqual([
      { via: 'operationState', sources: [bad], concerns: [] },
    ]);
  });

  it('is verified when only its result differs, which is what Argo CD executes', () => {
    const honest = { phase: 'Running', operation };
    const write = update(
      { operation, status: { operationState: { ...honest, syncResult: { revision: '1.4.2', source: chart } } } },
      { operation, status: { operationState: { ...honest, syncResult: { revision: '6.6.6', source: evil } } } },
    );
    expect(deployed(write)).toEqual([{ via: 'operationState', sources: [bad], concerns: [] }]);
  });

  it('is verified when only the revision in its result differs', () => {
    const honest = { phase: 'Running', operation };
    const write = update(
      { operation, status: { operationState: honest } },
      { operation, status: { operationState: { ...honest, syncResult: { revision: '1.0.0', source: chart } } } },
    );
    expect(deployed(write)).toEqual([{ via: 'operationState', sources: [`${payments}1.0.0`], concerns: [] }]);
  });

  it('is verified when it loses the source that the operation names', () => {
    const status = { operationState: { phase: 'Running', operation: { sync: { revision: '1.4.2' } } } };
    expect(deployed(update({ operation }, { operation, status }))).toEqual([
      { via: 'operationState', sources: [`${payments}1.4.2`], concerns: ['operation-without-source'] },
    ]);
  });

  it('is verified when it is woken after it was terminating', () => {
    const asleep = state({ phase: 'Terminating' });
    expect(deployed(update({ operation }, { operation, status: asleep }))).toBe('nothing');
    expect(deployed(update({ operation, status: asleep }, { operation, status: state({}) }))).toMatchObject([
      { sources: [bad] },
    ]);
  });

  it('is judged once, when it is written', () => {
    const status = state({});
    expect(deployed(update({ operation, status }, { operation, status: { ...status, sync: {} } }))).toBe('nothing');
  });
});

describe('an object that has not the form of an Application', () => {
  it.each<[string, Parts, string]>([
    ['a revision that is a number', { operation: sync(chart, '1', { revision: 1.1 }) }, 'operation.sync.revision'],
    [
      'a target that is a number',
      { operation: {}, spec: { source: { targetRevision: 1 } } },
      'spec.source.targetRevision',
    ],
    ['sources that are no list', { operation: { sync: { sources: chart } } }, 'operation.sync.sources'],
    ['a source that is a text', { operation: { sync: { sources: ['x'] } } }, 'operation.sync.sources.0'],
    ['a sync that is a list', { operation: { sync: [] } }, 'operation.sync'],
    ['a state that is a text', { operation: {}, status: { operationState: 'Running' } }, 'status.operationState'],
    ['a flag that is a text', { operation: { retry: { refresh: 'yes' }, sync: {} } }, 'operation.retry.refresh'],
    [
      'too many sources',
      { operation: { sync: { sources: Array.from({ length: 300 }, () => chart) } } },
      'operation.sync.sources',
    ],
  ])('is unreadable: %s', (_, parts, path) => {
    expect(whatWouldDeploy(create(parts), noOCI)).toMatchObject({
      kind: 'unreadable',
      problem: { code: 'application-malformed', params: { path } },
    });
  });

  it('never makes the decision crash, nor lets an operation with a sync through as nothing', () => {
    const junk = fc.jsonValue();
    fc.assert(
      fc.property(junk, junk, junk, (spec, status, source) => {
        const object = { ...application(), spec, status, operation: { sync: { source } } };
        expect(whatWouldDeploy({ operation: 'CREATE', object, oldObject: null }, noOCI).kind).not.toBe('nothing');
      }),
    );
  });

  it('is not believed about what it was before', () => {
    const object = application({ operation: sync(chart, '1.4.2') });
    const oldObject = { ...object, spec: 'unreadable' };
    expect(deployed({ operation: 'UPDATE', object, oldObject })).toMatchObject([{ via: 'operation' }]);
  });

  it('has no member by inheritance', () => {
    const object: unknown = JSON.parse('{"__proto__": {"operation": {"sync": {}}}, "metadata": {}}');
    expect(whatWouldDeploy({ operation: 'CREATE', object, oldObject: null }, noOCI)).toEqual({ kind: 'nothing' });
  });
});

describe('the target of the spec', () => {
  it('is what the spec names, at its target revisions', () => {
    expect(target({ sources: [range, git] })).toMatchObject({
      via: 'spec',
      sources: [
        { source: { chart: 'payments', index: 0 }, revision: '^1.4', pinned: false },
        { source: { kind: 'git', index: 1 }, revision: 'main' },
      ],
      ambiguity: null,
    });
  });

  it('is ambiguous where the spec names its sources more than once', () => {
    expect(target({ sources: [chart], source: evil }).ambiguity).toMatchObject({ code: 'source-ambiguous' });
  });

  it('of a hydrated Application is what was hydrated, from its own repository or from the dry one', () => {
    expect(target({ sourceHydrator: hydrator }).sources).toMatchObject([
      { source: { kind: 'git', repoURL: 'https://git.example.com/dry', path: 'app' }, revision: 'env/prod' },
    ]);
    const elsewhere = { ...hydrator, syncSource: { ...hydrator.syncSource, repoURL: 'https://git.example.com/wet' } };
    expect(target({ sourceHydrator: elsewhere }).sources).toMatchObject([
      { source: { repoURL: 'https://git.example.com/wet' } },
    ]);
  });
});
