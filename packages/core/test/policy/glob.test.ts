import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob, isGlobFault, MAX_GLOB_LENGTH } from '../../src/policy/glob.ts';
import { rowsOf } from './vectors.ts';

function answer(pattern: string, text: string): string {
  const glob = compileGlob(pattern);
  return isGlobFault(glob) ? glob.fault : String(glob.matches(text));
}

describe('a glob', () => {
  it("answers every row of Argo CD's own table as Argo CD does", () => {
    const disagreements = rowsOf('glob.tsv').filter(
      ([pattern = '', text = '', result]) => answer(pattern, text) !== result,
    );
    expect(disagreements).toEqual([]);
  });

  it.each([
    ['*', '', 'true'],
    ['', '', 'true'],
    ['', 'a', 'false'],
    ['.', '.', 'true'],
    ['*', '..', 'true'],
    ['*', '.hidden', 'true'],
    ['a/**', 'a/', 'true'],
    ['a/**/b', 'a/b', 'false'],
    ['a//b', 'a/b', 'false'],
    ['a/', 'a', 'false'],
    ['?', '/', 'true'],
    ['?', '😀', 'true'],
    ['?', '', 'false'],
    ['#a', '#a', 'true'],
    ['!a', '!a', 'true'],
    ['!a', 'b', 'false'],
    ['!(a)', 'b', 'false'],
    ['@(a|b)', 'a', 'false'],
    ['@(a|b)', '@(a|b)', 'true'],
    ['+(a)', 'aa', 'false'],
    ['?(a)', 'x(a)', 'true'],
    ['*(a)', '(a)', 'true'],
    ['{1..3}', '2', 'false'],
    ['{1..3}', '1..3', 'true'],
    ['{a}', 'a', 'true'],
    ['{}', '', 'true'],
    ['{a,}b', 'b', 'true'],
    ['{a,{b,c*}}', 'cx/y', 'true'],
    ['a}', 'a}', 'true'],
    ['a,b', 'a,b', 'true'],
    ['[^a]', '^', 'true'],
    ['[^a]', 'b', 'false'],
    ['[!a]', 'b', 'true'],
    ['[!a]', '/', 'true'],
    ['[!!]', '!', 'false'],
    ['[--9]', '/', 'true'],
    ['[\\-a]', ']', 'true'],
    ['[\\-a]', '-', 'false'],
    ['[]-a]', '^', 'true'],
    ['[[:alpha:]]', 'a]', 'true'],
    ['[[:alpha:]]', 'b]', 'false'],
    ['[a-ü]', 'z', 'true'],
    ['[a-ü]', 'A', 'false'],
    ['[ü-😀]', 'a', 'false'],
    ['[!ü-😀]', 'a', 'true'],
    ['\\*', '*', 'true'],
    ['\\*', 'a', 'false'],
    ['A', 'a', 'false'],
    ['a\nb*', 'a\nb\n', 'true'],
  ])('%j against %j answers %s, as gobwas/glob 1.0.0 does', (pattern, text, result) => {
    expect(answer(pattern, text)).toBe(result);
  });

  it.each(['[]', '[!]', '[]a]', '[a', '[a-]', '[a-bc]', '[b-a]', '{a', '{a,{b}', 'a\\', '[\\', 'a\uD800'])(
    '%j does not compile',
    (pattern) => {
      expect(compileGlob(pattern)).toMatchObject({ fault: 'invalid' });
    },
  );

  it.each(['*{abbc,b}*[c]c', '{*{*b,a}*{,}}b', 'x{*a,b}*?'])(
    '%j, for which gobwas/glob itself answers wrongly, is a named fault',
    (pattern) => {
      expect(compileGlob(pattern)).toMatchObject({ fault: 'unsupported' });
    },
  );

  it.each([
    'oci://*/{acme,globex-corporation}/*',
    'https://*.{example.com,example.org}/charts/*',
    'https://{charts.example.com,*.example.org}/*',
    '*/{ab,cd}/*/x?',
    '*a*b*c?',
  ])('%j, whose stars do not stand around choices of different length, is answered', (pattern) => {
    expect(isGlobFault(compileGlob(pattern))).toBe(false);
  });

  it('has a largest size', () => {
    expect(isGlobFault(compileGlob('a'.repeat(MAX_GLOB_LENGTH)))).toBe(false);
    expect(compileGlob('a'.repeat(MAX_GLOB_LENGTH + 1))).toMatchObject({ fault: 'unsupported' });
    expect(compileGlob('*a'.repeat(33))).toMatchObject({ fault: 'unsupported' });
    expect(compileGlob('{a}'.repeat(33))).toMatchObject({ fault: 'unsupported' });
  });

  it('does not look at a text that is too long', () => {
    expect(answer('*', 'a'.repeat(2048))).toBe('true');
    expect(answer('*', 'a'.repeat(2049))).toBe('false');
  });

  it.each([
    ['*a'.repeat(32), `${'a'.repeat(2047)}b`],
    [`${'*a'.repeat(31)}*b`, 'a'.repeat(2048)],
    [`${'{a,aa,aaa,}'.repeat(32)}b`, 'a'.repeat(2048)],
    [`{*a,b}${'?'.repeat(1000)}c`, 'ab'.repeat(1024)],
  ])('of the form %.20s… is matched in time that does not explode', (pattern, text) => {
    const before = performance.now();
    expect(answer(pattern, text)).toBe('false');
    expect(performance.now() - before).toBeLessThan(20_000);
  });

  it('answers or names a fault for any pattern and text', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '/',
      '.',
      '*',
      '?',
      '[',
      ']',
      '!',
      '-',
      '{',
      '}',
      ',',
      '\\',
      '(',
      '|',
      ')',
      'ü',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), fc.string(), (pieces, text) => {
        expect(['true', 'false', 'invalid', 'unsupported']).toContain(answer(pieces.join(''), text));
      }),
    );
  });

  it('of escaped characters matches that text and no other', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.string({ unit: 'grapheme' }), (text, other) => {
        const pattern = text.replaceAll(/[*?[\]{}\\]/g, String.raw`\$&`);
        expect(answer(pattern, text)).toBe('true');
        expect(answer(pattern, other)).toBe(String(text === other));
      }),
    );
  });
});
