import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brief, BRIEF_LIMIT } from '../../src/verdict/brief.ts';
import { catalogue, problem, wording } from '../../src/verdict/catalogue.ts';
import type { Parameters } from '../../src/verdict/problem.ts';
import { FULL, NEEDS, SPARSE } from './parameters.ts';

const SUBJECT = 'Chart payments 1.4.2';
const FINGERPRINT = '5E615389B53CA37F0EE60BD3843BBF981FC18762';
const codes = Object.keys(catalogue);

/** The same parameters, with every text as somebody else would like to have it. */
function withTexts(params: Parameters, text: (name: string, value: string) => string): Parameters {
  const changed: Record<string, Parameters[string]> = {};
  for (const [name, value] of Object.entries(params)) {
    if (typeof value === 'string') changed[name] = text(name, value);
    else if (typeof value === 'number') changed[name] = value * 1_000_003;
    else if (typeof value === 'object' && value !== null) {
      changed[name] = [...value, ...value].map((each) => text(name, each));
    } else changed[name] = value;
  }
  return changed;
}

const LONG: readonly (readonly [string, (name: string, value: string) => string])[] = [
  ['one word without end', (_, value) => value + 'x'.repeat(200)],
  ['many words', (_, value) => `${value} ${'and so on '.repeat(30)}`],
  ['an address', (name) => `https://charts.example.com/${name}/${'very/'.repeat(40)}deep.tgz`],
  ['a long host', (name) => `https://${'a.'.repeat(100)}example.com/${name}`],
  ['brackets', (_, value) => `${value} ${'(('.repeat(60)} ${'))'.repeat(30)}`],
  ['a digest', () => `sha256:${'0a'.repeat(32)}`],
];

describe.each(codes)('in short, %s', (code) => {
  it.each<readonly [string, Parameters]>([
    ['all that there is to say', FULL],
    ['what may be unknown left out', { ...SPARSE, ...NEEDS[code] }],
    ...LONG.map(([name, text]): [string, Parameters] => [name, withTexts({ ...FULL, ...NEEDS[code] }, text)]),
  ])('is a whole sentence that fits a line, with %s', (_, params) => {
    const said = brief({ code, params }, SUBJECT);
    expect(said).toMatch(/^Chart payments 1\.4\.2 [^]*[.…]$/);
    expect(said.length).toBeLessThanOrEqual(SUBJECT.length + 1 + BRIEF_LIMIT + 1);
    expect(said).not.toMatch(/undefined|NaN|\[object|cannot put in words/);
  });

  it('fits whatever the parameters are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const params = withTexts({ ...FULL, ...NEEDS[code] }, () => text);
        expect(brief({ code, params }, 'S').length).toBeLessThanOrEqual('S '.length + BRIEF_LIMIT + 1);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a short sentence', () => {
  it('is the sentence itself where that is short', () => {
    const missing = problem('oci-unsigned', {});
    expect(brief(missing, SUBJECT)).toBe(wording(missing, SUBJECT).sentence);
  });

  it('names a signer and the ends of the key', () => {
    const by = { fingerprint: FINGERPRINT, userId: 'Eve <eve@example.com>' };
    expect(
      brief(problem('signer-not-trusted', { ...by, expected: 'A'.repeat(40), actual: FINGERPRINT }), SUBJECT),
    ).toBe(
      'Chart payments 1.4.2 is signed by "Eve <eve@example.com>" (5E61…8762), a key that the policy does not list.',
    );
  });

  it('names the host of an address, and leaves details out', () => {
    const url = `https://charts.example.com/${'stable/'.repeat(12)}index.yaml`;
    expect(
      brief(problem('fetch-unreachable', { url, cause: 'dns', detail: 'ENOTFOUND charts.example.com' }), SUBJECT),
    ).toBe(
      'Chart payments 1.4.2 could not be checked: charts.example.com could not be reached, its host name was not found.',
    );
  });

  it('tells two identities apart that begin alike', () => {
    const workflow = 'https://github.com/acme/charts-of-the-whole-company/.github/workflows/';
    const said = brief(
      problem('identity-mismatch', {
        expected: `${workflow}release.yaml@refs/heads/main`,
        actual: `${workflow}rehearsal.yaml@refs/heads/main`,
      }),
      SUBJECT,
    );
    expect(said).toContain('"…/rehearsal.yaml@refs/heads/main" instead of "…/release.yaml@refs/heads/main"');
  });

  it('tells hosts apart by their names', () => {
    const params = { expected: 'https://token.actions.githubusercontent.com', actual: 'https://gitlab.acme.test' };
    const said = brief(problem('issuer-mismatch', params), 'Chart payments 1.4.2');
    expect(said).toContain('"gitlab.acme.test" vouched for instead of "token.actions.');
  });

  it('says the code of a problem that this version does not know', () => {
    expect(brief({ code: 'of-tomorrow', params: {} }, SUBJECT)).toContain('of-tomorrow');
  });
});
