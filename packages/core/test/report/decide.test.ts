import { describe, expect, it } from 'vitest';
import { decideAll, decideProblems, overallStatus } from '../../src/report/decide.ts';
import { problem } from '../../src/verdict/catalogue.ts';
import type { Decision } from '../../src/verdict/decision.ts';
import type { SourceReport } from '../../src/report/report.ts';
import { Digest, type Verdict } from '../../src/verdict/verdict.ts';

const digest = Digest.parse(`sha256:${'a'.repeat(64)}`);
const wrong = problem('keyring-missing', {});
const signer = {
  kind: 'pgp',
  fingerprint: 'A'.repeat(40),
  keyId: 'A'.repeat(16),
  signingFingerprint: 'A'.repeat(40),
  signingKeyId: 'A'.repeat(16),
  userIds: [],
  algorithm: 'Ed25519',
  hash: 'SHA-512',
  signedAt: '2026-01-01T00:00:00Z',
  expiresAt: null,
} as const;

const VERDICTS = {
  verified: { status: 'verified', digest, signers: [{ ...signer, userIds: [] }], checks: [], warnings: [] },
  failed: { status: 'failed', digest, problems: [wrong], signers: [], checks: [], warnings: [] },
  unsigned: {
    status: 'unsigned',
    digest,
    problems: [wrong],
    searched: [{ kind: 'provenance-url', location: 'x', found: 'HTTP 404' }],
    checks: [],
  },
  indeterminate: { status: 'indeterminate', problems: [wrong], checks: [] },
  unsupported: { status: 'unsupported', problems: [wrong], checks: [] },
  git: { status: 'not-required', reason: 'git', observed: null },
  free: { status: 'not-required', reason: 'no-policy', observed: null },
  none: { status: 'not-required', reason: 'mode-none', observed: null },
} satisfies Record<string, Verdict>;

const sources = (...names: (keyof typeof VERDICTS)[]): Pick<SourceReport, 'kind' | 'verdict'>[] =>
  names.map((name) => ({ kind: name === 'git' ? 'git' : 'helm-http', verdict: VERDICTS[name] }));

describe('the status of an Application', () => {
  it.each([
    ['verified', ['verified']],
    ['verified', ['verified', 'git']],
    ['partially-verified', ['verified', 'free']],
    ['partially-verified', ['verified', 'git', 'none']],
    ['not-required', ['free', 'none']],
    ['not-required', ['git']],
    ['not-required', []],
    ['failed', ['verified', 'failed', 'unsigned']],
    ['unsigned', ['verified', 'unsigned', 'indeterminate']],
    ['indeterminate', ['verified', 'indeterminate', 'unsupported']],
    ['unsupported', ['verified', 'unsupported', 'free']],
  ] as const)('is %s for sources that are %j', (status, names) => {
    expect(overallStatus(sources(...names), [])).toBe(status);
  });

  it('is never good with a problem of the Application itself', () => {
    const refused = problem('project-missing', { project: 'x' });
    expect(overallStatus(sources('verified'), [refused])).toBe('failed');
    expect(overallStatus([], [refused])).toBe('failed');
    expect(overallStatus(sources('verified'), [{ code: 'of-another-version', params: {} }])).toBe('failed');
    const unreadable = problem('application-malformed', { path: 'spec', reason: 'is missing' });
    expect(overallStatus(sources('verified'), [unreadable])).toBe('indeterminate');
  });
});

describe('a decision', () => {
  it.each([
    ['enforce', false, 'deny'],
    ['enforce', true, 'warn'],
    ['warn', false, 'warn'],
    ['warn', true, 'warn'],
    ['off', false, 'allow'],
    ['off', true, 'allow'],
  ] as const)('about a problem under %s, exempt: %s, is to %s', (enforcement, exempt, action) => {
    expect(decideProblems([wrong], enforcement, exempt).action).toBe(action);
    expect(decideProblems([], enforcement, exempt)).toEqual({ action: 'allow', policy: null, because: [] });
  });

  it('about several is the worst of them, with the reasons of the first that is', () => {
    const of = (action: Decision['action'], code: string): Decision => ({ action, policy: null, because: [code] });
    expect(decideAll([of('allow', 'a'), of('warn', 'b'), of('deny', 'c'), of('deny', 'd')]).because).toEqual(['c']);
    expect(decideAll([]).action).toBe('allow');
  });
});
