import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { missingPolicy, parsePolicy, unreadablePolicy } from '../../src/policy/parse-policy.ts';
import type { Problem } from '../../src/verdict/problem.ts';
import { wording } from '../../src/verdict/catalogue.ts';
import { DEFAULT_STRICT_RULES } from '../../src/verdict/strict-rules.ts';

const FINGERPRINT = '5E615389B53CA37F0EE60BD3843BBF981FC18762';

const WHOLE = {
  enforcement: 'warn',
  guardUnavailable: 'allowVerified',
  verifiedPull: 'everywhere',
  freshness: '1m30s',
  strictRules: '{sha1: accept, dsa: reject, rsaBelow2048: reject, metadata: reject}',
  exemptions: '- {application: argocd/payments, reason: "INC-1234", until: 2026-12-01T00:00:00Z}\n',
  'all-projects': `
unmatched: deny
helm: {policies: []}
`,
  'project.payments': `
enforcement: enforce
helm:
  policies:
    - repos:
        - url: "https://charts.example.com/*"
        - url: "!https://charts.example.com/legacy/*"
      charts: ["payments", "lib-*"]
      gpg:
        mode: provenance
        keys: ["${FINGERPRINT}", "0x5e61 5389 b53c a37f", "${FINGERPRINT.toLowerCase()}"]
    - repos: [{url: "https://labs.example.com/*"}]
      gpg: {mode: none}
oci:
  policies:
    - repos:
        - url: "oci://ghcr.io/acme/*"
      cosign:
        mode: signature
        keys: ["release-2026"]
        identities:
          - issuer: "https://token.actions.githubusercontent.com"
            subject: "https://github.com/acme/charts/.github/workflows/release.yaml@refs/heads/main"
          - issuer: "https://token.actions.githubusercontent.com"
            subjectRegExp: "https://github\\\\.com/acme/[^/]+/.*"
        transparencyLog: optional
        certificateTransparency: optional
        digestAlgorithm: sha512
        trustRoot: acme
        annotations: {repository: "{repository}", tag: "v{tag}"}
        signatureRepository: "ghcr.io/acme/signatures"
    - repos: [{url: "oci://ghcr.io/*"}]
      cosign: {mode: signature}
`,
};

/** Problems of one entry, as `line:column code field-or-glob`. */
function problemsOf(entry: string, value: string): string[] {
  const policy = parsePolicy({ [entry]: value });
  const problems = entry.startsWith('project.') ? policy.projects.get(entry.slice(8))?.problems : policy.problems;
  return (problems ?? []).map(({ code, params }) => {
    const about = params['field'] ?? params['glob'] ?? params['key'] ?? params['actual'] ?? '';
    return `${String(params['line'])}:${String(params['column'])} ${code} ${String(about)}`.trim();
  });
}

function helmPolicy(body: string): string {
  return `helm:\n  policies:\n    - ${body.trim().replaceAll('\n', '\n      ')}\n`;
}

function onlyProblem(problems: readonly Problem[] | undefined): Problem {
  const [problem, ...others] = problems ?? [];
  if (problem === undefined || others.length > 0) throw new Error(`${problems?.length} problems`);
  return problem;
}

describe('a policy', () => {
  it('is read whole', () => {
    const policy = parsePolicy(WHOLE);
    expect(policy).toMatchObject({
      enforcement: 'warn',
      guardUnavailable: 'allowVerified',
      verifiedPull: 'everywhere',
      freshnessMs: 90_000,
      strictRules: { sha1: 'accept', dsa: 'reject', rsaBelow2048: 'reject', metadata: 'reject' },
      exemptions: [
        { namespace: 'argocd', name: 'payments', reason: 'INC-1234', until: new Date('2026-12-01T00:00:00Z') },
      ],
      baseline: { entry: 'all-projects', unmatched: 'deny', helm: [], oci: [] },
      problems: [],
    });
    const payments = policy.projects.get('payments');
    expect(payments).toMatchObject({ enforcement: 'enforce', problems: [] });
    expect(payments?.helm).toMatchObject([
      {
        ref: { entry: 'project.payments', list: 'helm', index: 1 },
        place: { entry: 'project.payments', line: 5, column: 7 },
        include: [{ pattern: 'https://charts.example.com/*' }],
        exclude: [{ pattern: 'https://charts.example.com/legacy/*' }],
        charts: [{ pattern: 'payments' }, { pattern: 'lib-*' }],
        mode: 'provenance',
        keys: [FINGERPRINT, '5E615389B53CA37F'],
      },
      { ref: { index: 2 }, charts: null, mode: 'none', keys: [] },
    ]);
    expect(payments?.oci).toMatchObject([
      {
        ref: { entry: 'project.payments', list: 'oci', index: 1 },
        mode: 'signature',
        keys: ['release-2026'],
        identities: [
          { issuer: { text: 'https://token.actions.githubusercontent.com' } },
          { subject: { regExp: String.raw`https://github\.com/acme/[^/]+/.*` } },
        ],
        transparencyLog: 'optional',
        certificateTransparency: 'optional',
        digestAlgorithm: 'sha512',
        trustRoot: 'acme',
        annotations: new Map([
          ['repository', '{repository}'],
          ['tag', 'v{tag}'],
        ]),
        signatureRepository: 'ghcr.io/acme/signatures',
      },
      {
        keys: [],
        identities: [],
        transparencyLog: 'required',
        certificateTransparency: 'required',
        digestAlgorithm: 'sha256',
        trustRoot: null,
        signatureRepository: null,
      },
    ]);
  });

  it('without any entry is valid, asks for nothing, and has the strict defaults', () => {
    expect(parsePolicy({})).toEqual({
      enforcement: null,
      guardUnavailable: 'refuse',
      verifiedPull: 'partly',
      freshnessMs: 60_000,
      strictRules: DEFAULT_STRICT_RULES,
      exemptions: [],
      baseline: null,
      projects: new Map(),
      problems: [],
    });
  });

  it('that does not exist, or cannot be read, is a problem of every source', () => {
    expect(missingPolicy().problems).toEqual([{ code: 'policy-missing', params: {} }]);
    expect(unreadablePolicy('the server is gone').problems).toMatchObject([{ code: 'policy-unreadable' }]);
  });

  it('without keys trusts nothing, and is valid', () => {
    expect(problemsOf('project.x', helmPolicy('repos: [{url: "*"}]\ngpg: {mode: provenance, keys: []}'))).toEqual([]);
    expect(problemsOf('project.x', helmPolicy('repos: [{url: "*"}]\ngpg: {mode: provenance}'))).toEqual([]);
  });

  it('may use an anchor', () => {
    const value = `helm:
  policies:
    - repos: [{url: "https://a.example/*"}]
      gpg: &release {mode: provenance, keys: ["${FINGERPRINT}"]}
    - repos: [{url: "https://b.example/*"}]
      gpg: *release
`;
    expect(problemsOf('project.x', value)).toEqual([]);
    expect(parsePolicy({ 'project.x': value }).projects.get('x')?.helm[1]?.keys).toEqual([FINGERPRINT]);
  });
});

describe('an error in a policy', () => {
  it.each([
    ['an unknown field', 'helm:\n  polices: []\n', '2:3 policy-field-unknown polices'],
    ['an unknown field at the top', 'hlem: {}\n', '1:1 policy-field-unknown hlem'],
    ['a merge key', 'helm: &a {}\noci:\n  <<: *a\n', '3:3 policy-field-unknown <<'],
    ['unmatched outside of the baseline', 'unmatched: deny\n', '1:1 policy-field-unknown unmatched'],
    ['a mapping instead of a list', 'helm:\n  policies: {}\n', '2:13 policy-value-invalid policies'],
    ['a list instead of a mapping', '- helm\n', '1:1 policy-value-invalid project.x'],
    ['nothing where a mapping belongs', 'helm:\n', '1:6 policy-value-invalid helm'],
    ['an empty entry', '', '1:1 policy-value-invalid project.x'],
    ['a text instead of a mapping', 'helm\n', '1:1 policy-value-invalid project.x'],
    ['an enforcement that is none', 'enforcement: enforced\n', '1:14 policy-value-invalid enforcement'],
    ['a tab', 'helm:\n\tpolicies: []\n', '2:1 policy-yaml-invalid'],
    ['a field twice', 'helm: {}\nhelm: {}\n', '2:1 policy-yaml-invalid'],
    ['a second document', 'helm: {}\n---\noci: {}\n', '2:1 policy-yaml-invalid'],
    ['a quote that is not closed', 'helm: {policies: [{repos: [{url: "x}]}]}\n', '2:1 policy-yaml-invalid'],
    ['an unknown tag', 'helm: !secret {}\n', '1:7 policy-yaml-invalid'],
    ['an unknown anchor', 'helm: *nothing\n', '1:7 policy-yaml-invalid'],
    ['a number as a field', '1: {}\n', '1:1 policy-value-invalid project.x'],
  ])('says where there is %s', (_, value, expected) => {
    const [first = ''] = problemsOf('project.x', value);
    expect(first).toBe(expected);
  });

  it.each([
    ['a mode that is none', 'repos: [{url: "*"}]\ngpg: {mode: provenence, keys: []}', '4:19 policy-value-invalid mode'],
    ['no mode', 'repos: [{url: "*"}]\ngpg: {keys: []}', '4:12 policy-field-missing mode'],
    ['no gpg', 'repos: [{url: "*"}]', '3:7 policy-field-missing gpg'],
    ['no repos', 'gpg: {mode: none}', '3:7 policy-field-missing repos'],
    ['a cosign block', 'repos: [{url: "*"}]\ngpg: {mode: none}\ncosign: {}', '5:7 policy-field-unknown cosign'],
    [
      'keys beside mode none',
      `repos: [{url: "*"}]\ngpg: {mode: none, keys: ["${FINGERPRINT}"]}`,
      '4:25 policy-contradiction',
    ],
    ['an empty list of repos', 'repos: []\ngpg: {mode: none}', '3:14 policy-value-invalid repos'],
    ['only exclusions', 'repos: [{url: "!*"}]\ngpg: {mode: none}', '3:14 policy-value-invalid repos'],
    ['a plain text as repo', 'repos: ["*"]\ngpg: {mode: none}', '3:15 policy-value-invalid repos'],
    ['a repo without url', 'repos: [{}]\ngpg: {mode: none}', '3:15 policy-field-missing url'],
    ['an empty url', 'repos: [{url: ""}]\ngpg: {mode: none}', '3:21 policy-value-invalid url'],
    ['an invalid glob', 'repos: [{url: "https://x/{a"}]\ngpg: {mode: none}', '3:21 glob-invalid https://x/{a'],
    ['an invalid exclusion', 'repos: [{url: "*"}, {url: "![]"}]\ngpg: {mode: none}', '3:33 glob-invalid ![]'],
    [
      'a glob that gobwas misreads',
      'repos: [{url: "*{a,bc}*?"}]\ngpg: {mode: none}',
      '3:21 glob-unsupported *{a,bc}*?',
    ],
    ['no chart in the list', 'repos: [{url: "*"}]\ncharts: []\ngpg: {mode: none}', '4:15 policy-value-invalid charts'],
    ['an excluded chart', 'repos: [{url: "*"}]\ncharts: ["!x"]\ngpg: {mode: none}', '4:16 policy-contradiction'],
    [
      'a chart that cannot be',
      'repos: [{url: "*"}]\ncharts: ["a b"]\ngpg: {mode: none}',
      '4:16 glob-matches-nothing a b',
    ],
    [
      'a key without quotes',
      'repos: [{url: "*"}]\ngpg: {mode: provenance, keys: [1234567812345678]}',
      '4:38 policy-value-invalid keys',
    ],
    [
      'a hex key without quotes',
      'repos: [{url: "*"}]\ngpg: {mode: provenance, keys: [0x1234567812345678]}',
      '4:38 policy-value-invalid keys',
    ],
    [
      'a key that is read as a power',
      'repos: [{url: "*"}]\ngpg: {mode: provenance, keys: [12345678e1234567]}',
      '4:38 policy-value-invalid keys',
    ],
    [
      'a short key',
      'repos: [{url: "*"}]\ngpg: {mode: provenance, keys: ["1FC18762"]}',
      '4:38 policy-key-invalid 1FC18762',
    ],
    [
      'a user ID as key',
      'repos: [{url: "*"}]\ngpg: {mode: provenance, keys: ["a@b.example"]}',
      '4:38 policy-key-invalid a@b.example',
    ],
    [
      'one key instead of a list',
      'repos: [{url: "*"}]\ngpg: {mode: provenance, keys: "1FC18762"}',
      '4:37 policy-value-invalid keys',
    ],
  ])('of Helm says where there is %s', (_, body, expected) => {
    expect(problemsOf('project.x', helmPolicy(body))).toEqual([expected]);
  });

  it.each([
    ['an upper-case host', 'https://Charts.example.com/*', 'https://charts.example.com/*'],
    ['an upper-case scheme', 'HTTPS://charts.example.com/*', 'https://charts.example.com/*'],
    ['an upper-case host after a star', '*://GHCR.io/*', '*://ghcr.io/*'],
    ['an upper-case host in braces', 'https://{A,b}.example/*', 'https://{a,b}.example/*'],
    ['an upper-case registry', 'GHCR.io/acme/*', 'ghcr.io/acme/*'],
    ['the default port', 'https://charts.example.com:443/*', 'https://charts.example.com/*'],
    ['the default port of http', 'http://charts.example.com:80', 'http://charts.example.com'],
    ['.git at the end', 'https://charts.example.com/x.git', 'https://charts.example.com/x'],
    ['.git/ at the end', 'https://charts.example.com/*.git/', 'https://charts.example.com/*'],
    ['user information', 'https://me@charts.example.com/*', 'https://charts.example.com/*'],
    ['a lower-case escape', 'https://g.example/a%2fb/*', 'https://g.example/a%2Fb/*'],
    ['an exclusion', '!https://Charts.example.com/*', '!https://charts.example.com/*'],
  ])('is a glob that other spellings would step around: %s', (_, url, write) => {
    const body = `repos: [{url: "https://x.example/*"}, {url: "${url}"}]\ngpg: {mode: none}`;
    const { code, params } = onlyProblem(parsePolicy({ 'project.x': helmPolicy(body) }).projects.get('x')?.problems);
    expect([code, params['expected']]).toEqual(['glob-not-normal', write]);
    expect(problemsOf('project.x', helmPolicy(body.replace(url, write)))).toEqual([]);
  });

  it.each([
    'https://x.example//*',
    'https://x.example/a/../*',
    'https://x.example/ü*',
    'https://x .example',
    'https://x/a#b',
  ])('is a glob that no clear URL meets: %s', (url) => {
    const body = `repos: [{url: "${url}"}]\ngpg: {mode: none}`;
    expect(problemsOf('project.x', helmPolicy(body))).toEqual([`3:21 glob-matches-nothing ${url}`]);
  });

  it.each([
    '*',
    '*Charts*',
    '*://ghcr.io/*',
    '{https,oci}://ghcr.io/*',
    'https://*.example.com/Stable/*',
    'https://charts.example.com:8443/*/',
    'oci://[!a-c]*/acme',
    String.raw`https://charts.example.com/\*`,
    'https://charts.example.com/.*',
  ])('is not the glob %s', (url) => {
    expect(problemsOf('project.x', helmPolicy(`repos: [{url: '${url}'}]\ngpg: {mode: none}`))).toEqual([]);
  });

  it.each([
    ['mode: signature, keys: ["a/b"]', 'policy-value-invalid keys'],
    ['mode: signature, keys: [7]', 'policy-value-invalid keys'],
    ['mode: provenance', 'policy-value-invalid mode'],
    ['mode: none, trustRoot: acme', 'policy-contradiction'],
    ['mode: signature, identities: [{issuer: a}]', 'policy-field-missing subject'],
    ['mode: signature, identities: [{issuer: a, issuerRegExp: b, subject: c}]', 'policy-contradiction'],
    ['mode: signature, identities: [{issuer: a, subject: b, email: c}]', 'policy-field-unknown email'],
    [
      `mode: signature, identities: [{issuer: a, subjectRegExp: ${'x'.repeat(513)}}]`,
      'policy-value-invalid subjectRegExp',
    ],
    ['mode: signature, transparencyLog: off', 'policy-value-invalid transparencyLog'],
    ['mode: signature, certificateTransparency: none', 'policy-value-invalid certificateTransparency'],
    ['mode: signature, digestAlgorithm: sha1', 'policy-value-invalid digestAlgorithm'],
    ['mode: signature, trustRoot: ""', 'policy-value-invalid trustRoot'],
    ['mode: signature, annotations: {tag: "{version}"}', 'policy-value-invalid tag'],
    ['mode: signature, annotations: {tag: 1}', 'policy-value-invalid tag'],
    ['mode: signature, signatureRepository: "https://ghcr.io/acme"', 'policy-value-invalid signatureRepository'],
    ['keys: []', 'policy-field-missing mode'],
  ])('of OCI is found in {%s}', (cosign, expected) => {
    const value = `oci:\n  policies:\n    - repos: [{url: "oci://ghcr.io/*"}]\n      cosign: {${cosign}}\n`;
    expect(problemsOf('project.x', value).map((found) => found.replace(/^\d+:\d+ /, ''))).toEqual([expected]);
    expect(problemsOf('project.x', value.replace(`{${cosign}}`, '{mode: signature}'))).toEqual([]);
  });

  it('is a glob under oci that no registry meets', () => {
    const value = 'oci:\n  policies:\n    - repos: [{url: "https://ghcr.io/*"}]\n      cosign: {mode: none}\n';
    expect(problemsOf('project.x', value)).toEqual(['3:21 glob-matches-nothing https://ghcr.io/*']);
    expect(problemsOf('project.x', value.replace('https', 'oci'))).toEqual([]);
  });

  it('of charts under oci policies says that they belong to Helm', () => {
    const value = 'oci:\n  policies:\n    - repos: [{url: "*"}]\n      charts: [x]\n      cosign: {mode: none}\n';
    expect(problemsOf('project.x', value)).toEqual(['4:7 policy-field-unknown charts']);
  });

  it.each([
    ['enforcement', 'on', 'enforce'],
    ['enforcement', 'Warn', 'warn'],
    ['enforcement', '', null],
    ['guardUnavailable', 'allow', null],
    ['verifiedPull', 'required', null],
    ['freshness', '60', null],
    ['freshness', '-1s', null],
    ['freshness', '24h1ms', null],
    ['freshness', '1d', null],
    ['freshness', '', null],
  ])('of a setting is found in %s: %j', (entry, value, meant) => {
    const { code, params } = onlyProblem(parsePolicy({ [entry]: value }).problems);
    expect([code, params['field'], params['line'], params['column']]).toEqual(['policy-value-invalid', entry, 1, 1]);
    if (meant === 'warn') expect(params['meant']).toBe(meant);
  });

  it.each([
    ['0', 0],
    ['0s', 0],
    ['24h', 86_400_000],
    ['1m30s\n', 90_000],
    ['1.5m', 90_000],
    ['500ms', 500],
  ])('is not the duration %j', (freshness, milliseconds) => {
    expect(parsePolicy({ freshness })).toMatchObject({ freshnessMs: milliseconds, problems: [] });
  });

  it('in a setting leaves the strict defaults in force', () => {
    const policy = parsePolicy({
      enforcement: 'wran',
      strictRules: '{sha1: ignore}',
      freshness: 'soon',
      guardUnavailable: '?',
    });
    expect(policy.problems).toHaveLength(4);
    expect(policy).toMatchObject({ enforcement: null, strictRules: DEFAULT_STRICT_RULES, freshnessMs: 60_000 });
    expect(policy.guardUnavailable).toBe('refuse');
  });

  it.each([
    ['{sha-1: accept}', 'policy-field-unknown'],
    ['{sha1: no}', 'policy-value-invalid'],
    ['sha1', 'policy-value-invalid'],
    ['[', 'policy-yaml-invalid'],
  ])('of the strict rules is found in %j', (strictRules, code) => {
    expect(onlyProblem(parsePolicy({ strictRules }).problems).code).toBe(code);
  });

  it.each([
    ['- {application: payments, reason: x, until: 2026-12-01T00:00:00Z}', 'policy-value-invalid'],
    ['- {application: argocd/payments, reason: x, until: 2026-12-01}', 'policy-value-invalid'],
    ['- {application: argocd/payments, reason: x, until: 2026-12-01T00:00:00}', 'policy-value-invalid'],
    ['- {application: argocd/payments, reason: x, until: 2026-02-30T00:00:00Z}', 'policy-value-invalid'],
    ['- {application: argocd/payments, reason: x, until: never}', 'policy-value-invalid'],
    ['- {application: argocd/payments, reason: "", until: 2026-12-01T00:00:00Z}', 'policy-value-invalid'],
    ['- {application: argocd/payments, until: 2026-12-01T00:00:00Z}', 'policy-field-missing'],
    ['- {application: "argocd/*", reason: x, until: 2026-12-01T00:00:00Z}', 'policy-value-invalid'],
    ['{application: argocd/payments}', 'policy-value-invalid'],
  ])('of an exemption is found in %j', (exemptions, code) => {
    const policy = parsePolicy({ exemptions });
    expect(onlyProblem(policy.problems).code).toBe(code);
    expect(policy.exemptions).toEqual([]);
  });

  it.each([
    ['enforcment', 'enforcement'],
    ['all-project', 'all-projects'],
    ['projects.payments', 'project.payments'],
    ['project.Payments', 'project.payments'],
    ['project.', null],
    ['project.a_b', 'project.a_b'],
    ['README', null],
    ['__proto__', null],
  ])('of an entry that means nothing, %s, concerns everything', (entry, meant) => {
    const { code, params } = onlyProblem(parsePolicy(Object.fromEntries([[entry, '{}']])).problems);
    expect([code, params['entry']]).toEqual(['policy-entry-unknown', entry]);
    if (entry !== 'project.a_b') expect(params['meant']).toBe(meant);
  });

  it('is told of with all the others at once, in the order of the text', () => {
    const value = `helm:
  policies:
    - repos: [{url: "[]"}, {uri: "*"}]
      gpg: {mode: provenence}
    - gpg: {mode: none}
hlem: {}
`;
    expect(problemsOf('project.x', value)).toEqual([
      '3:21 glob-invalid []',
      '3:28 policy-field-missing url',
      '3:29 policy-field-unknown uri',
      '4:19 policy-value-invalid mode',
      '5:7 policy-field-missing repos',
      '6:1 policy-field-unknown hlem',
    ]);
  });

  it('says what was meant, in words', () => {
    const value = helmPolicy('repos: [{url: "*"}]\ngpg: {mode: provenence}');
    const found = onlyProblem(parsePolicy({ 'project.x': value }).projects.get('x')?.problems);
    expect(wording(found, 'Chart payments 1.4.2')).toMatchObject({
      sentence:
        'Chart payments 1.4.2 cannot be judged, because "mode" at line 4, column 19 of project.x in argocd-source-integrity-cm must be "none" or "provenance", and is "provenence".',
      remedy:
        'Edit line 4, column 19 of project.x in argocd-source-integrity-cm: write "none" or "provenance". Did you mean provenance?',
    });
  });

  it('in one project leaves the others alone; in the baseline it does not', () => {
    const broken = 'helm: {policies: nothing}\n';
    const policy = parsePolicy({ 'project.a': broken, 'project.b': 'helm: {policies: []}\n' });
    expect([policy.problems.length, policy.projects.get('a')?.problems.length]).toEqual([0, 1]);
    expect(policy.projects.get('b')?.problems).toEqual([]);
    expect(parsePolicy({ 'all-projects': `unmatched: allow\n${broken}` }).problems).toHaveLength(1);
    expect(parsePolicy({ 'all-projects': 'helm: {policies: []}\n' }).problems).toMatchObject([
      { code: 'policy-field-missing', params: { field: 'unmatched' } },
    ]);
  });
});

describe('a hostile policy', () => {
  it.each([
    ['too long', `# ${'x'.repeat(128 * 1024)}`, 'policy-entry-too-large'],
    ['nested without end', '['.repeat(60_000), 'policy-yaml-invalid'],
    ['nested without end, in braces', '{a: '.repeat(30_000), 'policy-yaml-invalid'],
    ['a list without end', `helm: {policies: [${'{},'.repeat(300)}]}`, 'policy-value-invalid'],
    [
      'an anchor used without end',
      `helm:\n  policies:\n    - &a {repos: [{url: "*"}], gpg: {mode: none}}\n${'    - *a\n'.repeat(20)}`,
      'policy-yaml-invalid',
    ],
    ['an anchor that holds itself', 'helm: &a {policies: [*a]}', 'policy-field-missing'],
  ])('that is %s is a problem like any other', (_, value, code) => {
    const problems = parsePolicy({ 'project.x': value }).projects.get('x')?.problems ?? [];
    expect(problems.map((found) => found.code)).toContain(code);
    expect(problems.length).toBeLessThanOrEqual(50);
  });

  it('never throws, and never passes a mutated word as a valid one', () => {
    const whole = WHOLE['project.payments'];
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.string({ minLength: 1, maxLength: 3 }), (at, text) => {
        const value = whole.slice(0, at) + text + whole.slice(at + 1);
        expect(() => parsePolicy({ 'project.x': value, strictRules: value, exemptions: value })).not.toThrow();
      }),
      { numRuns: 100 },
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (data) => {
        expect(() => parsePolicy(data)).not.toThrow();
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom('provenance', 'policies', 'repos', 'gpg', 'keys', 'helm'), fc.nat(3), (word, at) => {
        const value = `helm: {policies: [{repos: [{url: "*"}], gpg: {mode: provenance, keys: []}}]}`;
        const mutated = value.replace(word, word.slice(0, at % word.length) + word.slice((at % word.length) + 1));
        expect(parsePolicy({ 'project.x': value }).projects.get('x')?.problems).toEqual([]);
        expect(parsePolicy({ 'project.x': mutated }).projects.get('x')?.problems).not.toEqual([]);
      }),
    );
  });
});
