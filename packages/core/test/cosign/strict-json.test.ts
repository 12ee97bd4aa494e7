import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObject, miscasedName, parseStrictJson } from '../../src/cosign/strict-json.ts';

const parse = (text: string | Uint8Array) => parseStrictJson(typeof text === 'string' ? Buffer.from(text) : text);

describe('strict JSON', () => {
  test('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const read = parse(text);
        expect('value' in read ? JSON.stringify(read.value) : read.fault).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  test('reads nothing that JSON.parse does not', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"',
      '1',
      '-',
      '.',
      'e',
      'true',
      'nul',
      ' ',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        if ('value' in parse(parts.join(''))) JSON.parse(parts.join(''));
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['a byte order mark', '\u{FEFF}{}', 'begins with a byte order mark'],
    ['nothing', ' ', 'is empty'],
    ['a second value', '{} {}', 'has data after the JSON value'],
    ['a name twice', '{"a":1,"a":2}', 'has the name "a" twice'],
    ['a name twice, once escaped', String.raw`{"a":1,"\u0061":2}`, 'has the name "a" twice'],
    ['a name twice deep inside', '[{"b":{"a":1,"a":1}}]', 'has the name "a" twice'],
    ['half a surrogate pair', String.raw`"\ud800"`, 'has half a surrogate pair'],
    ['a raw control character', '"\u0001"', 'is not JSON from character 1 on'],
    ['too many levels', '['.repeat(600), 'nests deeper than 512 levels'],
  ])('refuses %s', (_, text, fault) => {
    expect(parse(text)).toEqual({ fault });
  });

  test('refuses bytes that are not UTF-8', () => {
    expect(parse(Uint8Array.of(0x22, 0xff, 0x22))).toEqual({ fault: 'is not UTF-8' });
  });

  test('keeps __proto__ as a name like any other', () => {
    const read = parse('{"__proto__":{"critical":1}}');
    const value = 'value' in read ? read.value : null;
    expect(isObject(value) && Object.keys(value)).toEqual(['__proto__']);
    expect(isObject(value) && value['critical']).toBeUndefined();
  });

  test.each([
    ['Critical', 'Critical'],
    ['CRITICAL', 'CRITICAL'],
    ['critical', null],
    ['criticals', null],
    ['toString', null],
  ])('finds %s to be another spelling of critical: %s', (name, found) => {
    expect(miscasedName({ [name]: 1 }, ['critical'])).toBe(found);
  });
});
