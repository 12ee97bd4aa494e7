import type { Report } from '@source-integrity/core/contract';
import { describe, expect, it } from 'vitest';
import type { CommitCheck } from '../../src/git/commit-check.ts';
import { commitKey } from '../../src/git/commit.ts';
import type { GitState } from '../../src/git/git-results.ts';
import { headline } from '../../src/sentence/headline.ts';
import { bannerStanding } from '../../src/sentence/standing.ts';
import { gitSource, report, source, verified } from '../../stories/reports.ts';
import { states } from '../../stories/states.ts';

const revision = '8c1f2e7a90b18c1f2e7a90b18c1f2e7a90b18c1f';

/** Argo CD's answers for the sources in their order; a source without one is no Git source. */
function answered(...checks: (CommitCheck | null)[]): GitState {
  return {
    known: { target: checks.map(() => revision), deployed: null },
    checks: new Map(
      checks.flatMap((check, index) =>
        check === null ? [] : [[commitKey({ source: index, revision, version: null }), check] as const],
      ),
    ),
  };
}

const passed: CommitCheck = { state: 'passed', checks: ['GIT/GPG'] };
const unallowed: CommitCheck = {
  state: 'failed',
  reasons: ["Failed verifying revision 8c1f2e7 by 'x': y': unallowed key."],
};
const unsigned: CommitCheck = { state: 'unsigned', reasons: [] };
const away: CommitCheck = { state: 'unreadable', why: 'session', detail: '' };
const unasked: CommitCheck = { state: 'no-policy' };
const chartAndValues = report([source(verified()), gitSource()]);

describe('an Application of Git sources alone', () => {
  it.each<[CommitCheck, string, RegExp]>([
    [passed, 'verified', /^Verified: Argo CD itself has verified the commit of Git source values$/],
    [
      unallowed,
      'failed',
      /^Sync is blocked by Argo CD itself: commit 8c1f2e7 of Git source values does not pass its GPG check: unallowed key$/,
    ],
    [unsigned, 'unsigned', /^Sync is blocked by Argo CD itself: commit 8c1f2e7 of Git source values is not signed$/],
    [unasked, 'not-required', /^Not required: no Git policy of project payments asks/],
    [away, 'indeterminate', /^Could not check: what Argo CD says of the commit .* could not be read$/],
    [{ state: 'signed', said: 'Good signature from RSA key 1' }, 'partially-verified', /^Partially verified: /],
    [{ state: 'asking' }, 'checking', /^Not required here: the commit of Git source values is Argo CD’s own/],
  ])('is told by Argo CD’s answer %j', (check, standing, sentence) => {
    const gitOnly = report([gitSource()]);
    expect(headline(gitOnly, answered(check))).toMatch(sentence);
    expect(bannerStanding(gitOnly, answered(check))).toBe(standing);
  });

  it('is left to Argo CD until it has answered', () => {
    expect(bannerStanding(report([gitSource()]))).toBe('not-required');
    expect(headline(report([gitSource()]))).toMatch(/^Not required here: /);
  });

  it('counts them where they are several, the worst first', () => {
    const two = report([gitSource(), gitSource({ name: 'routes' })]);
    expect(headline(two, answered(passed, passed))).toBe(
      'Verified: Argo CD itself has verified the commit of 2 Git sources',
    );
    expect(bannerStanding(two, answered(passed, unasked))).toBe('partially-verified');
    expect(headline(two, answered(passed, unsigned))).toMatch(/^Sync is blocked by Argo CD itself: .* routes is not/);
  });
});

describe('an Application of charts and Git sources', () => {
  it('is green only as far as both are', () => {
    expect(headline(chartAndValues, answered(null, passed))).toMatch(
      /^Verified: chart payments 1\.4\.2 is signed by Acme .*; Argo CD itself has verified the commit of Git source values$/,
    );
    expect(bannerStanding(chartAndValues, answered(null, passed))).toBe('verified');
    expect(bannerStanding(chartAndValues, answered(null, away))).toBe('partially-verified');
  });

  it.each([unallowed, unsigned])('is never green while Argo CD refuses the commit: %j', (check) => {
    expect(['failed', 'unsigned']).toContain(bannerStanding(chartAndValues, answered(null, check)));
    expect(headline(chartAndValues, answered(null, check))).toMatch(/^Sync is blocked by Argo CD itself/);
  });

  it('names its own refusal before Argo CD’s', () => {
    const both: Report = { ...states.otherSigner, sources: [...states.otherSigner.sources, gitSource({ index: 1 })] };
    expect(headline(both, answered(null, unsigned))).toMatch(/^Sync is blocked: chart payments/);
  });

  it('takes no commit’s word for a chart', () => {
    expect(bannerStanding(states.verified, answered(unsigned))).toBe('verified');
  });
});
