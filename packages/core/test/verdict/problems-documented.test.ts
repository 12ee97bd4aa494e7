import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogue, entryOf, wording } from '../../src/verdict/catalogue.ts';
import { FULL, NEEDS, SPARSE } from './parameters.ts';

const page = readFileSync(new URL('../../../../docs/problems.md', import.meta.url), 'utf8');

/** Rows of the page: code, consequence, cause, what to do, who. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [, code = '', consequence = '', cause = '', remedy = '', responsible = ''] = line
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim());
    return { code: code.replaceAll('`', ''), consequence, cause, remedy, responsible };
  });

describe('docs/problems.md', () => {
  it('has every code of the catalogue once, and no other', () => {
    expect(rows.map(({ code }) => code).sort()).toEqual(Object.keys(catalogue).sort());
  });

  it.each(rows)('says of $code what the catalogue says', ({ code, consequence, cause, remedy, responsible }) => {
    expect({ consequence, responsible }).toEqual({
      consequence: entryOf(code)?.consequence,
      responsible: entryOf(code)?.responsible,
    });
    expect(cause).toMatch(/^\S.*\.$/);
    expect(remedy).toMatch(/^\S.*\.$/);
  });
});

const SUBJECT = 'Chart payments 1.4.2';
const BROKEN = /undefined|null|NaN|\[object|\(\)|""|, *\)|\s\s|\.\.(?!\/)|\s[.,;:](?![a-z])/;

describe.each(Object.keys(catalogue))('%s', (code) => {
  it.each([
    ['all that there is to say', FULL],
    [
      'what may be unknown left out',
      { ...SPARSE, ...(/^(?:policy|glob)-/.test(code) ? { line: 12 } : {}), ...NEEDS[code] },
    ],
  ])('is put in whole sentences, with %s', (_, params) => {
    const entry = entryOf(code);
    const sentence = entry?.sentence(SUBJECT, params) ?? '';
    const remedy = entry?.remedy(params) ?? '';
    expect(sentence.startsWith(`${SUBJECT} `)).toBe(true);
    expect(sentence).not.toMatch(/[.!?]$/);
    expect(remedy).toMatch(/^[A-Z][^]*[.?]$/);
    expect(`${sentence}. ${remedy}`).not.toMatch(BROKEN);
  });
});

describe('every entry that compares', () => {
  it.each(Object.entries(catalogue).flatMap(([code, entry]) => ('compares' in entry ? [code] : [])))(
    '%s says what',
    (code) => {
      expect(wording({ code, params: FULL }, SUBJECT).compares).toMatch(/^[a-z]/);
    },
  );
});
