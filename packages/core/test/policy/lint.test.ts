import { describe, expect, it } from 'vitest';
import { lintPolicy } from '../../src/policy/lint.ts';

const now = new Date('2026-11-15T12:00:00Z');
const KEY = '"5E615389B53CA37F0EE60BD3843BBF981FC18762"';

function warnings(policies: readonly string[]): string[] {
  const value = `helm:\n  policies:\n${policies.map((policy) => `    - ${policy}\n`).join('')}`;
  const { errors, warnings } = lintPolicy({ 'project.x': value }, now);
  expect(errors).toEqual([]);
  return warnings.map(({ code, params }) => `${String(params['line'])} ${code}`);
}

function entry(urls: string, keys = KEY, charts = ''): string {
  const repos = urls.split(' ').map((url) => `{url: "${url}"}`);
  return `{repos: [${repos.join(', ')}], ${charts === '' ? '' : `charts: [${charts}], `}gpg: {mode: provenance, keys: [${keys}]}}`;
}

function exemptions(until: string): string {
  return `[{application: argocd/x, reason: y, until: ${until}}]`;
}

describe('policy lint', () => {
  it('says nothing of a good policy', () => {
    expect(warnings([entry('https://a.example/x'), entry('https://a.example/*'), entry('*', KEY)])).toEqual([]);
    expect(lintPolicy({}, now)).toEqual({ errors: [], warnings: [] });
  });

  it('tells the errors of every project at once', () => {
    const { errors } = lintPolicy(
      { 'project.a': 'x: 1', 'project.b': 'y: 1', 'all-projects': '{}', freshness: 'x' },
      now,
    );
    expect(errors.map(({ code }) => code)).toEqual([
      'policy-value-invalid',
      'policy-field-missing',
      'policy-field-unknown',
      'policy-field-unknown',
    ]);
  });

  it.each([
    ['subjectRegExp', '(https://ci', /^"\(https:\/\/ci", which is not an RE2 expression: .*missing closing \)/],
    ['issuerRegExp', '(?=https)', /^"\(\?=https\)", which is not an RE2 expression: /],
    ['subjectRegExp', '((a|b)*){1000}((a|b)*){1000}', /, which takes more than 5000 steps$/],
  ])('tells of a %s that nobody can be compared with: %s', (field, expression, actual) => {
    const identity =
      field === 'issuerRegExp' ? `${field}: "${expression}", subject: s` : `${field}: "${expression}", issuer: i`;
    const value = (identity: string): string =>
      `oci:\n  policies:\n    - repos: [{url: "oci://ghcr.io/*"}]\n      cosign: {mode: signature, identities: [{${identity}}]}\n`;
    const { errors } = lintPolicy({ 'project.x': value(identity) }, now);
    expect(errors).toMatchObject([{ code: 'policy-value-invalid', params: { entry: 'project.x', line: 3, field } }]);
    expect(errors[0]?.params['actual']).toMatch(actual);
    expect(lintPolicy({ 'project.x': value(identity.replace(expression, '.*')) }, now).errors).toEqual([]);
  });

  it.each([
    ['the same glob', entry('https://a.example/*'), entry('https://a.example/*')],
    ['a wider glob', entry('https://a.example/*'), entry('https://a.example/x/* https://a.example/y')],
    ['everything', entry('*'), entry('oci://{a,b}/* https://x')],
    ['the same charts', entry('*', KEY, '"lib-*"'), entry('https://x/*', KEY, '"lib-a", "lib-b*"')],
  ])('tells an entry that an earlier one always outruns, by %s', (_, first, second) => {
    expect(warnings([first, second])).toEqual(['4 policy-entry-shadowed']);
    expect(warnings([second, first]).length).toBeLessThanOrEqual(first === second ? 1 : 0);
  });

  it.each([
    ['an exclusion', entry('* !https://a.example/*'), entry('https://a.example/*')],
    ['other charts', entry('*', KEY, '"lib-*"'), entry('*')],
    ['a narrower glob', entry('https://a.example/x/*'), entry('https://a.example/*')],
    ['braces, of which one cannot easily tell', entry('*b,c*'), entry('{ab,cd}')],
    ['a single character', entry('?'), entry('*')],
  ])('is silent where the earlier entry has %s', (_, first, second) => {
    expect(warnings([first, second])).toEqual([]);
  });

  it('tells keys by ID, keyless entries and repositories without TLS', () => {
    expect(warnings([entry('https://a.example/*', '"5E615389B53CA37F"')])).toEqual(['3 policy-key-short']);
    expect(warnings([entry('https://a.example/*', '')])).toEqual(['3 policy-trusts-nothing']);
    expect(warnings([entry('http://a.example/*')])).toEqual(['3 policy-url-insecure']);
    expect(warnings([entry('http://127.0.0.1:8879/x'), entry('http://localhost/*')])).toEqual([]);
    expect(warnings([entry('http://localhost.evil.example/*')])).toEqual(['3 policy-url-insecure']);
    expect(warnings([entry('charts.example.com/*')])).toEqual(['3 policy-url-without-scheme']);
    expect(warnings(['{repos: [{url: "https://a.example/*"}], gpg: {mode: none}}'])).toEqual([]);
  });

  it('tells exemptions that are over', () => {
    expect(lintPolicy({ exemptions: exemptions('2026-11-15T12:00:00Z') }, now).warnings).toMatchObject([
      { code: 'exemption-expired' },
    ]);
    expect(lintPolicy({ exemptions: exemptions('2026-11-15T12:00:01Z') }, now).warnings).toEqual([]);
  });
});
