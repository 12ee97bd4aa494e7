import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseApplication } from '../../src/application/application.ts';
import { application, chart } from './fixture.ts';

function parsed(object: unknown) {
  const answer = parseApplication(object);
  if ('problem' in answer) throw new Error(JSON.stringify(answer.problem));
  return answer.application;
}

const revisions = (status: object) => parsed(application({ status })).deployedRevisions;

describe('reading an Application', () => {
  it('tells who it is', () => {
    expect(parsed(application())).toMatchObject({
      namespace: 'argocd',
      name: 'payments',
      uid: '7d0d3a6c-0000-4000-8000-000000000001',
      project: 'storefront',
      operation: null,
      operationState: null,
    });
  });

  it('takes an empty or absent project for default', () => {
    expect(parsed(application({ spec: { project: '', source: chart } })).project).toBe('default');
    expect(parsed(application({ spec: { project: null, source: chart } })).project).toBe('default');
  });

  it.each([
    ['nothing', null, ''],
    ['no metadata', { ...application(), metadata: undefined }, 'metadata'],
    ['no name', { ...application(), metadata: { namespace: 'argocd' } }, 'metadata.name'],
    ['no spec', { ...application(), spec: undefined }, 'spec'],
    [
      'a number for a revision',
      application({ spec: { source: { ...chart, targetRevision: 1.1 } } }),
      'spec.source.targetRevision',
    ],
  ])('names the place of what is wrong: %s', (_, object, path) => {
    expect(parseApplication(object)).toMatchObject({ problem: { code: 'application-malformed', params: { path } } });
  });

  it('accepts any JSON without crashing, and keeps what it read as text', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (spec, status) => {
        const answer = parseApplication({ ...application(), spec, status });
        expect('problem' in answer || typeof answer.application.project === 'string').toBe(true);
      }),
    );
  });
});

describe('the deployed revisions', () => {
  it('are those of the last sync in the history, not those that were compared with', () => {
    const history = [
      { id: 0, revision: '1.0.0' },
      { id: 1, revision: '1.4.1' },
    ];
    expect(revisions({ history, sync: { status: 'OutOfSync', revision: '1.4.2' } })).toEqual(['1.4.1']);
  });

  it('are one for each source', () => {
    expect(revisions({ history: [{ id: 0, revisions: ['1.4.2', 'abc'] }] })).toEqual(['1.4.2', 'abc']);
  });

  it('are what the live state equals where there is no history', () => {
    expect(revisions({ sync: { status: 'Synced', revision: '1.4.2' } })).toEqual(['1.4.2']);
    expect(revisions({ sync: { status: 'OutOfSync', revision: '1.4.2' } })).toEqual([]);
    expect(revisions({})).toEqual([]);
  });
});
