import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import type { HelmPolicy } from '../../src/policy/policy-set.ts';
import { selectRequirements } from '../../src/policy/requirements.ts';
import type { PolicySource } from '../../src/policy/source-forms.ts';
import { proposedPolicy } from '../../src/report/proposed-policy.ts';
import type { PgpSigner } from '../../src/verdict/verdict.ts';

const FINGERPRINT = 'AB'.repeat(20);
const signer = (userId = 'Release <release@example.com>'): PgpSigner => ({
  kind: 'pgp',
  fingerprint: FINGERPRINT,
  keyId: FINGERPRINT.slice(-16),
  signingFingerprint: FINGERPRINT,
  signingKeyId: FINGERPRINT.slice(-16),
  userIds: [userId],
  algorithm: 'Ed25519',
  hash: 'SHA-512',
  signedAt: '2026-01-01T00:00:00.000Z',
  expiresAt: null,
});

const chart = (repoURL: string, name = 'payments'): PolicySource => ({ kind: 'helm-http', repoURL, chart: name });

/** The entries that a proposal consists of, by name, each as it would stand in the ConfigMap. */
function entriesOf(proposal: string | null): Record<string, string> {
  const blocks = (proposal ?? '').split(/^(?=\S)/m).filter((block) => block !== '');
  return Object.fromEntries(
    blocks.map((block) => {
      const [name = '', ...lines] = block.split('\n');
      expect(name).toMatch(/^[-._a-zA-Z0-9]+: \|$/);
      return [name.replace(': |', ''), lines.join('\n')];
    }),
  );
}

function requiring(data: Record<string, string>, source: PolicySource): readonly HelmPolicy[] {
  return selectRequirements(parsePolicy(data), 'shop', source).requirements.flatMap(({ policy }) =>
    policy.list === 'helm' ? [policy] : [],
  );
}

/** The keys that the proposal trusts for a source; null: it does not match. */
function trusted(proposal: string | null, source: PolicySource): readonly string[] | null {
  const data = entriesOf(proposal);
  const policy = parsePolicy(data);
  expect(policy.problems).toEqual([]);
  expect([...policy.projects.values()].flatMap(({ problems }) => problems)).toEqual([]);
  const [first] = requiring(data, source);
  return first?.keys ?? null;
}

describe('the proposed policy', () => {
  it.each([
    'https://charts.example.com/stable',
    'HTTPS://Charts.Example.com:443/stable/',
    'https://charts.example.com/stable.git',
    "https://charts.example.com/a*b[c]$&'(x),!=+",
    'http://127.0.0.1:8879/charts',
  ])('accepts exactly the chart of %s', (repoURL) => {
    const proposal = proposedPolicy({
      project: 'shop',
      source: chart(repoURL),
      signer: signer(),
      requiring: [],
      policy: { baseline: null },
    });
    if (!repoURL.includes('[')) {
      expect(trusted(proposal, chart(repoURL))).toEqual([FINGERPRINT]);
      expect(trusted(proposal, chart(repoURL, 'payments2'))).toBeNull();
      expect(trusted(proposal, chart('https://charts.example.com/other'))).toBeNull();
    }
  });

  it('takes no glob character of a URL for a glob', () => {
    const source = chart('https://charts.example.com/a*b');
    const proposal = proposedPolicy({
      project: 'shop',
      source,
      signer: signer(),
      requiring: [],
      policy: { baseline: null },
    });
    expect(trusted(proposal, source)).toEqual([FINGERPRINT]);
    expect(trusted(proposal, chart('https://charts.example.com/a/evil/b'))).toBeNull();
  });

  it('is not made for a URL that can be read in two ways, nor for a project that could not be a key', () => {
    const accepted = { signer: signer(), requiring: [], policy: { baseline: null } };
    expect(proposedPolicy({ ...accepted, project: 'shop', source: chart('https://a@b.example/') })).toBeNull();
    expect(proposedPolicy({ ...accepted, project: 'shop', source: chart('https://b.example/', '../x') })).toBeNull();
    expect(
      proposedPolicy({ ...accepted, project: 'a: |\n  x\nall-projects', source: chart('https://b.example/') }),
    ).toBeNull();
  });

  it('adds the signer to the keys of the entry that does not trust it, and to no other', () => {
    const source = chart('https://charts.example.com/stable');
    const entry = (key: string): string =>
      `helm: {policies: [{repos: [{url: "*"}], gpg: {mode: provenance, keys: ["${key}"]}}]}`;
    const other = 'CD'.repeat(20);
    const data = { 'all-projects': `{unmatched: deny, ${entry(other)}}`, 'project.shop': entry(FINGERPRINT) };
    const policy = parsePolicy(data);
    const proposal = proposedPolicy({
      project: 'shop',
      source,
      signer: signer(),
      requiring: requiring(data, source),
      policy,
    });
    expect(proposal).toMatchInlineSnapshot(`
      "all-projects: |
        unmatched: deny
        helm:
          policies:
            - repos:
                - url: "https://charts.example.com/stable"
              charts: ["payments"]
              gpg:
                mode: provenance
                keys:
                  - "CDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCD"
                  - "ABABABABABABABABABABABABABABABABABABABAB" # Release <release@example.com>
      "
    `);
    expect(parsePolicy(entriesOf(proposal)).baseline?.unmatched).toBe('deny');
    expect(trusted(proposal, source)).toEqual([other, FINGERPRINT]);
  });

  it('proposes nothing where every entry trusts the signer already', () => {
    const source = chart('https://charts.example.com/stable');
    const data = {
      'project.shop': `helm: {policies: [{repos: [{url: "*"}], gpg: {mode: provenance, keys: ["${FINGERPRINT}"]}}]}`,
    };
    expect(
      proposedPolicy({
        project: 'shop',
        source,
        signer: signer(),
        requiring: requiring(data, source),
        policy: parsePolicy(data),
      }),
    ).toBeNull();
  });

  it('means the same whatever a user ID says', () => {
    const source = chart('https://charts.example.com/stable');
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('x\n            - "EVIL"', 'x\r  unmatched: allow', 'x\u2028- "EVIL"', 'x\u0085- y', '# # : | {'),
    );
    fc.assert(
      fc.property(hostile, (userId) => {
        const proposal = proposedPolicy({
          project: 'shop',
          source,
          signer: signer(userId),
          requiring: [],
          policy: { baseline: null },
        });
        expect(trusted(proposal, source)).toEqual([FINGERPRINT]);
      }),
      { numRuns: 300 },
    );
  });
});
