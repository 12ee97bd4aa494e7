import { problem, type Decision, type Report, type Verdict } from '@source-integrity/core/contract';
import { describe, expect, it } from 'vitest';
import { concerns } from '../../src/sentence/concerns.ts';
import { headline } from '../../src/sentence/headline.ts';
import { bannerStanding } from '../../src/sentence/standing.ts';
import {
  acme,
  allow,
  failed,
  indeterminate,
  notRequired,
  refusal,
  report,
  source,
  unsigned,
  unsupported,
  verified,
} from '../../stories/reports.ts';
import { fiveSources, states } from '../../stories/states.ts';

const unknown = problem('signature-unknown-key', { keyIds: ['5E615389B53CA37F'] });
const verdicts = {
  verified: verified(),
  failed: failed('signer-trusted', unknown),
  unsigned,
  indeterminate,
  unsupported,
  'not-required': notRequired('no-policy', verified()),
} satisfies Record<Verdict['status'], Verdict>;

const decisions = {
  deny: (verdict: Verdict): Decision => refusal('problems' in verdict ? verdict.problems : []),
  warn: (verdict: Verdict): Decision => refusal('problems' in verdict ? verdict.problems : [], 'warn'),
  allow: (): Decision => allow,
};

const said = (verdict: Verdict): string => headline(report([source(verdict)]));

const decided = (verdict: Verdict, action: Decision['action']): Report =>
  report([source(verdict, { decision: decisions[action](verdict) })], {
    enforcement: ({ deny: 'enforce', warn: 'warn', allow: 'off' } as const)[action],
  });

describe('the sentence, for every status and decision', () => {
  const unsignedClause = 'chart payments 1.4.2 has no provenance file';
  const asksMore = 'project.payments › helm › 1 asks for more than chart payments 1.4.2 has';
  it.each([
    ['verified', 'deny', `Sync is blocked: ${asksMore}`],
    ['verified', 'warn', `Sync would be blocked if this project enforced: ${asksMore}`],
    [
      'verified',
      'allow',
      'Verified: chart payments 1.4.2 is signed by Acme Release <release@acme.test>, whom the policy trusts',
    ],
    ['failed', 'deny', 'Sync is blocked: chart payments 1.4.2 is signed by a key that is not in the key ring'],
    ['failed', 'warn', 'Sync would be blocked if this project enforced: chart payments 1.4.2 is signed by a key'],
    ['failed', 'allow', 'Sync is allowed, for nothing is enforced: chart payments 1.4.2 is signed by a key'],
    ['unsigned', 'deny', `Sync is blocked: ${unsignedClause}`],
    ['unsigned', 'warn', `Sync would be blocked if this project enforced: ${unsignedClause}`],
    ['unsigned', 'allow', `Sync is allowed, for nothing is enforced: ${unsignedClause}`],
    ['indeterminate', 'deny', 'Sync is blocked: chart payments 1.4.2 could not be checked'],
    ['indeterminate', 'warn', 'Sync would be blocked if this project enforced: chart payments 1.4.2 could not'],
    ['indeterminate', 'allow', 'Sync is allowed, for nothing is enforced: chart payments 1.4.2 could not'],
    ['unsupported', 'deny', 'Sync is blocked: chart payments 1.4.2 is an index of 3 manifests'],
    ['unsupported', 'warn', 'Sync would be blocked if this project enforced: chart payments 1.4.2 is an index of'],
    ['unsupported', 'allow', 'Sync is allowed, for nothing is enforced: chart payments 1.4.2 is an index of'],
    ['not-required', 'deny', `Sync is blocked: ${asksMore}`],
    ['not-required', 'warn', `Sync would be blocked if this project enforced: ${asksMore}`],
    ['not-required', 'allow', 'Signed by Acme Release <release@acme.test>. No policy requires it.'],
  ] as const)('%s and %s: %s', (status, action, beginning) => {
    const sentence = headline(decided(verdicts[status], action));
    expect(sentence.startsWith(beginning), sentence).toBe(true);
  });

  it('never stands for success while a sync is blocked', () => {
    for (const verdict of Object.values(verdicts)) {
      expect(['failed', 'unsigned', 'indeterminate', 'unsupported']).toContain(
        bannerStanding(decided(verdict, 'deny')),
      );
    }
  });
});

describe('the sentence', () => {
  it('says who signed, or that nobody did, where nothing is required', () => {
    expect(said(notRequired('no-policy', unsigned))).toBe('Chart payments 1.4.2 is not signed. No policy requires it.');
    expect(said(notRequired('no-policy', verdicts.failed))).toMatch(/^Chart payments 1\.4\.2 is signed by a key/);
    expect(said(notRequired('no-policy', null))).toMatch(/was not looked for\. No policy requires it\.$/);
    expect(said(notRequired('mode-none', verified(acme)))).toMatch(/^Signed by .* \(mode none\)\.$/);
    expect(said(notRequired('git', null))).toMatch(/^Not required here/);
  });

  it('counts several sources', () => {
    expect(headline(report([source(verified()), source(verified())]))).toMatch(/^Verified: both charts are/);
    expect(headline(report([1, 2, 3].map(() => source(verified()))))).toMatch(/^Verified: all 3 charts are/);
    expect(headline(states.partiallyVerified)).toBe(
      'Verified where it is required: 1 of 2 charts is signed by whom the policy trusts; the other needs no signature; the commit of Git source values is Argo CD’s own to verify',
    );
    const two = [source(notRequired('no-policy', null)), source(notRequired('no-policy', null), { kind: 'oci' })];
    expect(headline(report(two))).toMatch(/any of the 2 charts and artifacts$/);
  });

  it('names the first reason, and counts the other sources that have one', () => {
    expect(headline(fiveSources)).toMatch(/^Sync is blocked: chart payments 1\.4\.2 .*; 1 more source has a problem$/);
  });

  it('tells an exemption from an enforcement that only warns', () => {
    expect(headline(states.exempted)).toMatch(/^Sync is allowed by an exemption: /);
    expect(headline(states.warned)).toMatch(/^Sync would be blocked/);
  });

  it('gives the reason that decided, also where the verdict is good', () => {
    expect(headline(states.replaced)).toMatch(/^Sync is blocked: chart payments 1\.4\.2 /);
    expect(concerns(states.replaced)[0]?.problem.code).toBe('chart-replaced');
    expect(headline(states.noProject)).toMatch(/^Sync is blocked: application payments /);
    expect(headline(states.uncovered)).toMatch(/^Sync is blocked: /);
  });

  it('puts what decided before all else', () => {
    const first = problem('chart-digest-mismatch', { file: 'a.tgz', expected: 'a', actual: 'b' });
    const verdict = failed('artifact-integrity', unknown, [], [first]);
    const list = concerns(report([source(verdict)], { decision: refusal([first, unknown]) }));
    expect(list.map((each) => each.problem.code)).toEqual(['chart-digest-mismatch', 'signature-unknown-key']);
  });

  it('calls nothing blocked where the API server asks nobody', () => {
    expect(headline({ ...states.otherSigner, gaps: ['gate-missing'] })).toMatch(
      /^Sync would be blocked if the gate were installed: chart payments 1\.4\.2 /,
    );
    expect(headline({ ...states.otherSigner, gaps: ['gate-lets-through', 'pin-missing'] })).toMatch(
      /^Sync is blocked: /,
    );
  });

  it('names a code of another version instead of leaving it out', () => {
    expect(headline(states.unknownCode)).toContain('signature-of-tomorrow');
  });
});
