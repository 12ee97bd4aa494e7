import { describe, expect, it } from 'vitest';
import { commitsOf, knownRevisions } from '../../src/git/commit.ts';

const commit = '8c1f2e7a90b18c1f2e7a90b18c1f2e7a90b18c1f';
const older = '1111111a90b18c1f2e7a90b18c1f2e7a90b18c1f';
const application = (status: unknown): object => ({ status });

describe('the commits of a Git source', () => {
  it('are what Argo CD compared with last, and what it deployed last', () => {
    const known = knownRevisions(
      application({
        sync: { revisions: ['1.4.2', commit] },
        history: [
          { id: 3, revisions: ['1', '2'] },
          { id: 7, revisions: ['1.4.1', older] },
        ],
      }),
    );
    expect(commitsOf({ index: 1 }, known)).toEqual({
      target: { source: 1, revision: commit, version: null },
      deployed: { source: 1, revision: older, version: 7 },
    });
  });

  it('is one where the target runs already', () => {
    const known = knownRevisions(
      application({ sync: { revision: commit }, history: [{ id: 0, revision: commit.toUpperCase() }] }),
    );
    expect(commitsOf({ index: 0 }, known)).toEqual({
      target: { source: 0, revision: commit, version: null },
      deployed: null,
    });
  });

  it.each([
    ['a branch', { sync: { revision: 'main' } }],
    ['a path', { sync: { revision: '../../../../settings' } }],
    ['nothing', {}],
    ['no text', { sync: { revisions: [7, {}] }, history: 'long' }],
    ['no status', null],
    ['an entry without a number', { history: [{ id: '1', revision: commit }] }],
  ])('is none where the status holds %s', (_, status) => {
    expect(commitsOf({ index: 0 }, knownRevisions(application(status)))).toEqual({ target: null, deployed: null });
  });
});
