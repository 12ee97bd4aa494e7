import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PolicyExplanation } from '../../src/policy/explanation.ts';
import { missingPolicy, parsePolicy } from '../../src/policy/parse-policy.ts';
import { findExemption, selectRequirements } from '../../src/policy/requirements.ts';
import type { PolicySource } from '../../src/policy/source-forms.ts';

const A = 'AAAAAAAAAAAAAAAA';

const http = (repoURL: string, chart = 'payments'): PolicySource => ({ kind: 'helm-http', repoURL, chart });
const registry = (repoURL: string, chart = 'payments'): PolicySource => ({ kind: 'helm-oci', repoURL, chart });
const oci = (repoURL: string): PolicySource => ({ kind: 'oci', repoURL, chart: null });
const git = (repoURL: string): PolicySource => ({ kind: 'git', repoURL, chart: null });

interface Entry {
  readonly urls: readonly string[];
  readonly charts?: readonly string[];
  readonly mode?: string;
}

function repos({ urls }: Entry): { url: string }[] {
  return urls.map((url) => ({ url }));
}

function helmEntry(entry: Entry): object {
  const gpg = entry.mode === 'none' ? { mode: 'none' } : { mode: 'provenance', keys: [A] };
  return { repos: repos(entry), ...(entry.charts === undefined ? {} : { charts: entry.charts }), gpg };
}

function ociEntry(entry: Entry): object {
  const identities = [{ issuer: 'i', subjectRegExp: 's' }];
  const cosign = entry.mode === 'none' ? { mode: 'none' } : { mode: 'signature', keys: ['release'], identities };
  return { repos: repos(entry), cosign };
}

/** JSON is YAML. */
function document(fields: { helm?: readonly Entry[]; oci?: readonly Entry[]; [field: string]: unknown }): string {
  const { helm = [], oci = [], ...others } = fields;
  return JSON.stringify({ ...others, helm: { policies: helm.map(helmEntry) }, oci: { policies: oci.map(ociEntry) } });
}

/** The entries that apply, as `entry/list/index form`. */
function applying(data: Record<string, string>, source: PolicySource, project = 'payments'): string[] {
  const { explanation, requirements } = selectRequirements(parsePolicy(data), project, source);
  expect(explanation.problems).toEqual([]);
  expect(requirements.map(({ policy }) => policy.ref)).toEqual(explanation.requirements.map(({ ref }) => ref));
  return explanation.requirements.map(({ ref, matched }) => `${ref.entry}/${ref.list}/${ref.index} ${matched.form}`);
}

function helm(...entries: Entry[]): Record<string, string> {
  return { 'project.payments': document({ helm: entries }) };
}

function ref(index: number): object {
  return { entry: 'project.payments', list: 'helm', index };
}

function enforcement(data: Record<string, string>): unknown {
  return selectRequirements(parsePolicy(data), 'payments', http('https://a.example')).explanation.enforcement;
}

function spell(text: string, upper: (at: number) => boolean): string {
  return Array.from(text, (character, at) => (upper(at) ? character.toUpperCase() : character)).join('');
}

describe('the requirements of a source', () => {
  it('are explained, and the explanation travels as it is', () => {
    const data = {
      enforcement: 'warn',
      'all-projects': document({ unmatched: 'deny', helm: [{ urls: ['https://charts.example.com/*'] }] }),
      'project.payments': document({
        enforcement: 'enforce',
        helm: [
          { urls: ['https://other.example.com/*'] },
          { urls: ['*', '!https://charts.example.com/stable/*'] },
          { urls: ['*'], charts: ['lib-*'] },
          { urls: ['https://charts.example.com/stable', '*'], charts: ['pay*'] },
          { urls: ['*'], mode: 'none' },
        ],
      }),
    };
    const { explanation } = selectRequirements(
      parsePolicy(data),
      'payments',
      http('https://Charts.example.com/stable/'),
    );
    expect(explanation).toEqual({
      project: 'payments',
      enforcement: { value: 'enforce', from: 'project.payments' },
      requirements: [
        {
          ref: { entry: 'all-projects', list: 'helm', index: 1 },
          mode: 'provenance',
          keys: [A],
          matched: {
            glob: 'https://charts.example.com/*',
            form: 'normal',
            text: 'https://charts.example.com/stable',
          },
          shadows: [],
        },
        {
          ref: ref(4),
          mode: 'provenance',
          keys: [A],
          matched: {
            glob: 'https://charts.example.com/stable',
            form: 'normal',
            text: 'https://charts.example.com/stable',
          },
          shadows: [ref(5)],
        },
      ],
      notMatched: [
        { ref: ref(1), because: 'no-glob', glob: null },
        { ref: ref(2), because: 'excluded', glob: '!https://charts.example.com/stable/*' },
        { ref: ref(3), because: 'chart', glob: '*' },
      ],
      unmatched: null,
      problems: [],
    });
    expect(PolicyExplanation.parse(JSON.parse(JSON.stringify(explanation)))).toEqual(explanation);
  });

  it('are the first entry that matches in each list', () => {
    const entries = [
      { urls: ['https://a.example/x'] },
      { urls: ['https://a.example/*'], mode: 'none' },
      { urls: ['*'] },
    ];
    expect(applying(helm(...entries), http('https://a.example/x'))).toEqual(['project.payments/helm/1 normal']);
    expect(applying(helm(...entries), http('https://a.example/y'))).toEqual(['project.payments/helm/2 normal']);
    expect(applying(helm(...entries), http('https://b.example'))).toEqual(['project.payments/helm/3 normal']);
  });

  it('are those of the baseline and those of the project', () => {
    const data = {
      'all-projects': document({ unmatched: 'allow', helm: [{ urls: ['*'] }] }),
      ...helm({ urls: ['*'] }),
    };
    const both = ['all-projects/helm/1 normal', 'project.payments/helm/1 normal'];
    expect(applying(data, http('https://a.example'))).toEqual(both);
    expect(applying(data, http('https://a.example'), 'other')).toEqual(['all-projects/helm/1 normal']);
  });

  it('of a project cannot take away what the baseline asks', () => {
    const data = {
      'all-projects': document({ unmatched: 'allow', helm: [{ urls: ['*'] }] }),
      ...helm({ urls: ['*'], mode: 'none' }),
    };
    const { explanation } = selectRequirements(parsePolicy(data), 'payments', http('https://a.example'));
    expect(explanation.requirements.map(({ mode }) => mode)).toEqual(['provenance', 'none']);
  });

  it('are those of the project default where none is named', () => {
    const data = { 'project.default': document({ helm: [{ urls: ['*'] }] }) };
    expect(applying(data, http('https://a.example'), '')).toEqual(['project.default/helm/1 normal']);
    expect(selectRequirements(parsePolicy(data), '', http('https://a.example')).explanation.project).toBe('default');
  });

  it('of a chart in a registry are those of Helm and those of OCI', () => {
    const data = {
      'project.payments': document({
        helm: [{ urls: ['oci://ghcr.io/*'] }],
        oci: [{ urls: ['oci://ghcr.io/acme/*'] }],
      }),
    };
    expect(applying(data, registry('ghcr.io/acme'))).toEqual([
      'project.payments/helm/1 normal',
      'project.payments/oci/1 normal-slash',
    ]);
    expect(applying(data, http('https://ghcr.io/acme'))).toEqual([]);
    const { explanation } = selectRequirements(parsePolicy(data), 'payments', registry('ghcr.io/acme'));
    expect(explanation.requirements[1]).toMatchObject({ mode: 'signature', keys: ['release', 's (i)'] });
  });

  it('of a plain OCI source are those of OCI, and those of Helm if it proves to be a chart', () => {
    const data = { 'project.payments': document({ helm: [{ urls: ['*'] }], oci: [{ urls: ['*'] }] }) };
    const { requirements } = selectRequirements(parsePolicy(data), 'payments', oci('oci://ghcr.io/acme/payments'));
    expect(requirements.map(({ policy, condition }) => [policy.list, condition])).toEqual([
      ['helm', 'if-helm-chart'],
      ['oci', 'always'],
    ]);
  });

  it('of a Git source are none, whatever its URL and whatever is wrong with the policy', () => {
    for (const source of [
      git('https://me@git.example.com/x.git'),
      { ...git('https://git.example.com'), kind: 'ref' as const },
    ]) {
      expect(selectRequirements(missingPolicy(), 'payments', source)).toMatchObject({
        requirements: [],
        explanation: { requirements: [], problems: [], unmatched: null },
      });
    }
  });
});

describe('what is matched', () => {
  it.each([
    ['the normal form', 'https://a.example/charts', http('https://a.example/charts'), 'normal'],
    [
      'the normal form of another spelling',
      'https://a.example/charts',
      http('HTTPS://A.example:443/charts.git/'),
      'normal',
    ],
    ['the normal form with a slash', 'https://a.example/charts/', http('https://a.example/charts'), 'normal-slash'],
    ['everything below', 'https://a.example/charts/*', http('https://a.example/charts'), 'normal-slash'],
    ['the chart', 'https://a.example/charts/payments', http('https://a.example/charts'), 'artifact'],
    ['the raw URL', '*EXAMPLE*', http('https://A.EXAMPLE/charts'), 'raw'],
    ['a registry', 'oci://ghcr.io/acme', registry('ghcr.io/acme'), 'normal'],
    ['a registry without its scheme', 'ghcr.io/acme', registry('GHCR.io/acme'), 'normal'],
    ['a chart in a registry', 'oci://ghcr.io/acme/payments', registry('ghcr.io/acme'), 'artifact'],
    [
      'a chart with a path',
      'oci://ghcr.io/acme/charts/payments',
      registry('ghcr.io', 'acme/charts/payments'),
      'artifact',
    ],
    [
      'a repository that is all path',
      'oci://ghcr.io/acme/charts/payments',
      registry('ghcr.io/acme/charts'),
      'artifact',
    ],
    ['an escaped slash', 'https://a.example/x/*', http('https://a.example/x%2Fy'), 'decoded'],
  ])('by an entry that requires a signature: %s', (_, url, source, form) => {
    expect(applying(helm({ urls: [url] }), source)).toEqual([`project.payments/helm/1 ${form}`]);
  });

  it('by an entry that requires a plain OCI artifact: its repository', () => {
    const data = { 'project.payments': document({ oci: [{ urls: ['oci://ghcr.io/acme/app'] }] }) };
    expect(applying(data, oci('oci://GHCR.io:443/acme/app/'))).toEqual(['project.payments/oci/1 normal']);
    expect(applying(data, oci('oci://ghcr.io/acme/apps'))).toEqual([]);
  });

  it.each([
    ['the raw URL', '*EXAMPLE*', http('https://A.EXAMPLE/x')],
    ['an escaped slash', 'https://a.example/x/*', http('https://a.example/x%2Fy')],
  ])('only by an entry that requires, not by mode none or "!": %s', (_, url, source) => {
    expect(applying(helm({ urls: [url], mode: 'none' }, { urls: ['*'] }), source)).toEqual([
      'project.payments/helm/2 normal',
    ]);
    expect(applying(helm({ urls: ['*', `!${url}`] }), source)).toEqual(['project.payments/helm/1 normal']);
    expect(applying(helm({ urls: [url] }), source)).toHaveLength(1);
  });

  it.each([
    ['the normal form', 'https://a.example/legacy', http('https://A.example:443/legacy/')],
    ['the normal form with a slash', 'https://a.example/legacy/*', http('https://a.example/legacy')],
    ['the chart', 'https://a.example/legacy/payments', http('https://a.example/legacy')],
    [
      'a chart in a registry, wherever its path begins',
      'oci://ghcr.io/acme/x/payments',
      registry('ghcr.io/acme', 'x/payments'),
    ],
  ])('also by mode none and "!": %s', (_, url, source) => {
    const { explanation } = selectRequirements(
      parsePolicy(helm({ urls: [url], mode: 'none' }, { urls: ['*'] })),
      'payments',
      source,
    );
    expect(explanation.requirements.map(({ mode }) => mode)).toEqual(['none']);
    expect(applying(helm({ urls: ['*', `!${url}`] }), source)).toEqual([]);
  });

  it('by a "!" under mode none in any form, since it brings the later entries back', () => {
    const entries = [{ urls: ['*', '!*LEGACY*'], mode: 'none' }, { urls: ['*'] }];
    expect(applying(helm(...entries), http('https://LEGACY.example'))).toEqual(['project.payments/helm/2 normal']);
    expect(applying(helm(...entries), http('https://a.example'))).toEqual(['project.payments/helm/1 normal']);
  });

  it('of a chart is its name, and in a registry also the path before it', () => {
    const named = helm({ urls: ['*'], charts: ['payments'] });
    expect(applying(named, http('https://a.example'))).toHaveLength(1);
    expect(applying(named, http('https://a.example', 'Payments'))).toHaveLength(0);
    expect(applying(named, registry('ghcr.io/acme', 'charts/payments'))).toHaveLength(1);
    const withPath = helm({ urls: ['*'], charts: ['charts/payments'] });
    expect(applying(withPath, registry('ghcr.io/acme/charts', 'payments'))).toHaveLength(1);
    expect(applying(withPath, registry('ghcr.io/acme', 'payments'))).toHaveLength(0);
  });

  it('of a chart under mode none is its last name alone', () => {
    const entries = [{ urls: ['*'], charts: ['lib-*'], mode: 'none' }, { urls: ['*'] }];
    expect(applying(helm(...entries), registry('ghcr.io', 'acme/lib-x'))).toEqual(['project.payments/helm/1 normal']);
    expect(applying(helm(...entries), registry('ghcr.io', 'lib-x/payments'))).toEqual([
      'project.payments/helm/2 normal',
    ]);
  });

  it('in every spelling of a URL, or the source is unclear', () => {
    const data = parsePolicy(helm({ urls: ['https://charts.example.com/stable/*', 'oci://ghcr.io/acme/*'] }));
    const spelling = fc.record({
      upper: fc.func(fc.boolean()),
      port: fc.constantFrom('', ':443', ':0443', ':'),
      end: fc.array(fc.constantFrom('/', '.git', '/', '//', '?', '#', '/.', '/%2e', ' ', ';a'), { maxLength: 4 }),
      user: fc.constantFrom('', '', 'a@', 'a:b@'),
      dot: fc.constantFrom('', '', '.'),
    });
    fc.assert(
      fc.property(spelling, fc.boolean(), ({ upper, port, end, user, dot }, isRegistry) => {
        const host = `${user}${spell(isRegistry ? 'ghcr.io' : 'charts.example.com', upper)}${dot}${port}`;
        const source = isRegistry
          ? registry(`${host}/acme${end.join('')}`)
          : http(`${spell('https', upper)}://${host}/stable${end.join('')}`);
        const { explanation } = selectRequirements(data, 'payments', source);
        const isUnclear = explanation.problems.some(({ code }) => code === 'source-url-unclear');
        expect(isUnclear || explanation.requirements.length === 1).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a source that can be read in two ways', () => {
  const unclear = http('https://user:secret@charts.example.com/stable?token=secret');

  it.each([
    ['the project has a policy', helm({ urls: ['https://other.example.com/*'] })],
    ['the baseline has one', { 'all-projects': document({ unmatched: 'allow', helm: [{ urls: ['x'] }] }) }],
    ['there is one for OCI', { 'project.payments': document({ oci: [{ urls: ['oci://ghcr.io/*'] }] }) }],
    ['the baseline denies what is unmatched', { 'all-projects': document({ unmatched: 'deny' }) }],
  ])('is indeterminate where %s, and no secret of it is told', (_, data) => {
    const { explanation, requirements } = selectRequirements(parsePolicy(data), 'payments', unclear);
    expect(requirements).toEqual([]);
    expect(explanation.problems).toMatchObject([
      { code: 'source-url-unclear', params: { url: 'https://…@charts.example.com/stable' } },
    ]);
    expect(JSON.stringify(explanation)).not.toContain('secret');
  });

  it('is left alone where no policy is', () => {
    const { explanation } = selectRequirements(
      parsePolicy({
        'project.other': document({ helm: [{ urls: ['*'] }] }),
        'all-projects': document({ unmatched: 'allow' }),
      }),
      'payments',
      unclear,
    );
    expect(explanation).toMatchObject({ problems: [], requirements: [], unmatched: 'allow' });
  });
});

describe('what no entry matches', () => {
  const source = http('https://a.example');
  const unmatchedOf = (data: Record<string, string>, of: PolicySource = source): unknown =>
    selectRequirements(parsePolicy(data), 'payments', of).explanation.unmatched;

  it('is as the baseline says, and allowed where there is none', () => {
    expect(unmatchedOf({ 'all-projects': document({ unmatched: 'allow' }) })).toBe('allow');
    expect(unmatchedOf({ 'all-projects': document({ unmatched: 'deny' }) })).toBe('deny');
    expect(unmatchedOf({})).toBeNull();
    expect(unmatchedOf(helm({ urls: ['https://b.example'] }))).toBeNull();
  });

  it('is nothing that an entry of either kind matches, be it by mode none', () => {
    const baseline = { 'all-projects': document({ unmatched: 'deny' }) };
    expect(unmatchedOf({ ...baseline, ...helm({ urls: ['*'], mode: 'none' }) })).toBeNull();
    expect(unmatchedOf({ ...baseline, ...helm({ urls: ['https://b.example'] }) })).toBe('deny');
    const ofOci = { ...baseline, 'project.payments': document({ oci: [{ urls: ['*'], mode: 'none' }] }) };
    expect(unmatchedOf(ofOci, registry('ghcr.io/acme'))).toBeNull();
    expect(unmatchedOf(ofOci, oci('oci://ghcr.io/acme/app'))).toBeNull();
    expect(unmatchedOf(ofOci, source)).toBe('deny');
  });

  it('is also a plain OCI source that only an entry for charts matches', () => {
    const data = { 'all-projects': document({ unmatched: 'deny' }), ...helm({ urls: ['*'] }) };
    expect(unmatchedOf(data, oci('oci://ghcr.io/acme/app'))).toBe('deny');
    expect(unmatchedOf(data, git('https://git.example.com'))).toBeNull();
  });
});

describe('an error in the policy', () => {
  const source = http('https://a.example');
  const codes = (data: Record<string, string>, project: string): string[] =>
    selectRequirements(parsePolicy(data), project, source).explanation.problems.map(({ code }) => code);
  const good = document({ helm: [{ urls: ['*'] }] });

  it('of one project concerns that project alone', () => {
    const data = { 'project.payments': 'helm: {policy: []}', 'project.other': good };
    expect(codes(data, 'payments')).toEqual(['policy-field-unknown']);
    expect(codes(data, 'other')).toEqual([]);
  });

  it.each([
    ['in the baseline', { 'all-projects': 'unmatched: perhaps' }],
    ['in a setting', { freshness: 'soon' }],
    ['in an exemption', { exemptions: '- {}' }],
    ['in the name of an entry', { 'projects.payments': '{}' }],
  ])('%s concerns every project', (_, broken: Record<string, string>) => {
    expect(codes({ ...broken, 'project.other': good }, 'other').length).toBeGreaterThan(0);
    expect(codes({ ...broken, 'project.other': good }, 'payments').length).toBeGreaterThan(0);
  });

  it('selects nothing, so that no half of a policy is mistaken for the whole', () => {
    const data = { 'all-projects': document({ unmatched: 'allow', helm: [{ urls: ['*'] }] }), 'project.payments': 'x' };
    const selection = selectRequirements(parsePolicy(data), 'payments', source);
    expect(selection.requirements).toEqual([]);
    expect(selection.explanation).toMatchObject({ requirements: [], unmatched: null });
  });

  it('is also a ConfigMap that does not exist', () => {
    const { explanation } = selectRequirements(missingPolicy(), 'payments', source);
    expect(explanation).toMatchObject({
      problems: [{ code: 'policy-missing' }],
      enforcement: { value: 'enforce', from: 'default' },
    });
  });
});

describe('enforcement', () => {
  it('is the project’s, else the ConfigMap’s, else enforce', () => {
    expect(enforcement({ enforcement: 'off', 'project.payments': 'enforcement: warn' })).toEqual({
      value: 'warn',
      from: 'project.payments',
    });
    expect(enforcement({ enforcement: 'off', 'project.other': 'enforcement: warn' })).toEqual({
      value: 'off',
      from: 'enforcement',
    });
    expect(enforcement({})).toEqual({ value: 'enforce', from: 'default' });
  });

  it('is not let off by a typing error', () => {
    expect(enforcement({ enforcement: 'wran' })).toMatchObject({ value: 'enforce' });
    expect(enforcement({ enforcement: 'warn', 'project.payments': 'enforcement: enforced' })).toMatchObject({
      value: 'enforce',
    });
    expect(enforcement({ enforcement: 'warn', 'project.payments': 'enforcment: enforce' })).toMatchObject({
      value: 'enforce',
    });
  });
});

describe('an exemption', () => {
  const now = new Date('2026-11-15T12:00:00Z');
  const exemption = (until: string, application = 'argocd/payments'): ReturnType<typeof findExemption> =>
    findExemption(
      parsePolicy({ exemptions: JSON.stringify([{ application, reason: 'INC-1', until }]) }),
      { namespace: 'argocd', name: 'payments' },
      now,
    );

  it('holds until its time has come', () => {
    expect(exemption('2026-11-15T12:00:01Z')).toMatchObject({ exemption: { reason: 'INC-1' }, expired: [] });
    expect(exemption('2026-11-15T14:00:01+02:00')).toMatchObject({ exemption: { reason: 'INC-1' } });
  });

  it('that is over does not count, and is told of', () => {
    expect(exemption('2026-11-15T12:00:00Z')).toEqual({
      exemption: null,
      expired: [
        {
          code: 'exemption-expired',
          params: { application: 'argocd/payments', reason: 'INC-1', until: '2026-11-15T12:00:00.000Z' },
        },
      ],
    });
  });

  it('is for one Application in one namespace', () => {
    expect(exemption('2027-01-01T00:00:00Z', 'team-a/payments')).toEqual({ exemption: null, expired: [] });
    expect(exemption('2027-01-01T00:00:00Z', 'argocd/payment')).toEqual({ exemption: null, expired: [] });
  });
});
