import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matches, matchesPart, readIdentity, type TextPattern } from '../../src/cosign/identity.ts';

const ISSUER = 'https://issuer.test';

function expression(subjectRegExp: string): TextPattern {
  const read = readIdentity({ issuer: ISSUER, subjectRegExp });
  if ('problem' in read) throw new Error(JSON.stringify(read.problem));
  return read.identity.subject;
}

describe('an identity', () => {
  test.each([
    ['no issuer', { subject: 'a' }],
    ['no subject', { issuer: ISSUER }],
    ['both forms of the subject', { issuer: ISSUER, subject: 'a', subjectRegExp: 'a' }],
    ['both forms of the issuer', { issuer: ISSUER, issuerRegExp: '.*', subject: 'a' }],
    ['an empty subject', { issuer: ISSUER, subject: '' }],
    ['an empty expression', { issuer: ISSUER, subjectRegExp: '' }],
    ['a subject that is too long', { issuer: ISSUER, subject: 'a'.repeat(2049) }],
    ['an expression that is too long', { issuer: ISSUER, subjectRegExp: 'a'.repeat(2049) }],
    ['an unbalanced expression', { issuer: ISSUER, subjectRegExp: 'a)|(?:b' }],
    ['an expression that is not linear', { issuer: ISSUER, subjectRegExp: String.raw`(a)\1` }],
    ['a look-ahead', { issuer: ISSUER, subjectRegExp: 'a(?=b)' }],
    ['repetition that explodes', { issuer: ISSUER, subjectRegExp: '((a{100}){100}){100}' }],
  ])('with %s is refused', (_, written) => {
    expect(readIdentity(written)).toMatchObject({ problem: { code: 'identity-invalid' } });
  });

  test('with exact texts matches these alone', () => {
    const exact: TextPattern = { text: 'https://ci/acme' };
    expect(matches(exact, 'https://ci/acme')).toBe(true);
    for (const text of ['https://ci/acme/', 'HTTPS://ci/acme', 'https://ci/acm', ' https://ci/acme', '']) {
      expect(matches(exact, text)).toBe(false);
    }
  });

  test.each([
    ['a|ab', 'ab', true],
    ['ci/ac', 'https://ci/acme', false],
    ['^release@acme\\.test$', 'release@acme.test', true],
    ['release@acme.test', 'release@acme.test.evil', false],
    ['(?m)^good$', 'evil\ngood', false],
    ['good\n?', 'good\n', true],
    ['good', 'good\n', false],
    ['(?i)RELEASE@acme\\.test', 'release@acme.test', true],
    [String.raw`\Qa.b\E`, 'axb', false],
    ['', 'anything', false],
  ])('%j on %j: %s', (written, text, matched) => {
    const read = readIdentity({ issuer: ISSUER, subjectRegExp: written });
    expect('identity' in read && matches(read.identity.subject, text)).toBe(matched);
  });

  test('says where cosign would have matched a part', () => {
    expect(matchesPart(expression('lease@ac'), 'release@acme.test')).toBe(true);
    expect(matchesPart(expression('release@acme.test'), 'release@acme.test')).toBe(false);
    expect(matchesPart(expression('nobody'), 'release@acme.test')).toBe(false);
    expect(matchesPart({ text: 'lease' }, 'release')).toBe(false);
  });

  test('matches as the same expression does in JavaScript between ^ and $', () => {
    const piece = fc.constantFrom('a', 'b', '.', 'a*', '(a|b)', '(a|ab)', 'b?', '[ab]', '\\.', '^', '$');
    const pattern = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
    const text = fc.array(fc.constantFrom('a', 'b', '.'), { maxLength: 6 }).map((letters) => letters.join(''));
    fc.assert(
      fc.property(pattern, text, (pattern, text) => {
        expect(matches(expression(pattern), text)).toBe(new RegExp(`^(?:${pattern})$`, 'u').test(text));
      }),
      { numRuns: 500 },
    );
  });

  test('that was never checked and is not RE2 matches nothing', () => {
    expect(matches({ regExp: '(' }, '(')).toBe(false);
    expect(matchesPart({ regExp: '(' }, '(')).toBe(false);
  });

  test('takes no longer for an expression that would take others for ever', () => {
    const started = performance.now();
    expect(matches(expression('(a|a?)+(a+)+$'), `${'a'.repeat(2000)}!`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test.each(['((a|b)*){1000}'.repeat(2), '\\pL{1000}'.repeat(6)])(
    'is refused for an expression of few characters that counts to very many steps: %s',
    (subjectRegExp) => {
      expect(readIdentity({ issuer: 'https://issuer.test', subjectRegExp })).toMatchObject({
        problem: {
          code: 'identity-invalid',
          params: { reason: 'has a subjectRegExp that takes more than 5000 steps' },
        },
      });
      expect(matches({ regExp: subjectRegExp }, 'a')).toBe(false);
    },
  );

  test('may have an expression that repeats what names of hosts and paths repeat', () => {
    const host = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
    expect(matches(expression(`https://${host}(?:\\.${host}){1,8}/.{1,255}`), 'https://git.acme.test/ci')).toBe(true);
  });
});
