import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseChartMetadata } from '../../src/helm/chart-metadata.ts';
import { readLaxYaml } from '../../src/helm/lax-yaml.ts';

function parse(text: string): unknown {
  const outcome = parseChartMetadata(text);
  return 'metadata' in outcome ? outcome.metadata : outcome.problem.code;
}

const plain = { name: 'a', version: '1.2.3', appVersion: null, dependencies: [] };

describe('the metadata of a chart', () => {
  test.each([
    ['as Helm writes it', 'apiVersion: v2\nname: a\nversion: 1.2.3\n'],
    ['in JSON', '{"name": "a", "version": "1.2.3"}'],
    ['with fields in another case', 'Name: a\nVERSION: 1.2.3'],
    ['with a byte order mark', '\ufeffname: a\nversion: 1.2.3'],
    ['with duplicates, of which the last counts', 'name: b\nversion: 0.0.1\nname: a\nversion: 1.2.3'],
    ['with two spellings of a field, of which the later in byte order counts', 'name: a\nNAME: b\nversion: 1.2.3'],
    ['with merged fields', 'x: &x {name: a}\n<<: *x\nversion: 1.2.3'],
    ['with null for fields that need not be', 'name: a\nversion: 1.2.3\nappVersion: ~\ndependencies:'],
    ['before other documents', 'name: a\nversion: 1.2.3\n---\n{[ nonsense'],
    ['with a field of a prototype', 'name: a\nversion: 1.2.3\n__proto__: {appVersion: x}'],
  ])('%s is read', (_, text) => {
    expect(parse(text)).toEqual(plain);
  });

  test('has dependencies and an app version', () => {
    const text =
      'name: a\nversion: 1.2.3\nappVersion: "9"\ndependencies:\n- {name: b, version: ^1.0, repository: "https://x"}\n- name: c\n';
    expect(parse(text)).toEqual({
      ...plain,
      appVersion: '9',
      dependencies: [
        { name: 'b', version: '^1.0', repository: 'https://x' },
        { name: 'c', version: '', repository: '' },
      ],
    });
  });

  test.each([
    ['1.10', '1.1'],
    ['1e3', '1000'],
    ['2024.0801', '2024.0801'],
    ['16777217.5', '1.6777218e+07'],
    ['0.00001', '1e-05'],
    ['1e20', '1e+20'],
    ['0x1F', '31'],
    ['010', '8'],
    ['0o17', '15'],
    ['-0', '0'],
    ['1_000', '1000'],
    ['1.2.3', '1.2.3'],
    ['"1.10"', '1.10'],
    ['v1', 'v1'],
  ])('takes the unquoted %s for what Go prints', (written, read) => {
    expect(parse(`name: a\nversion: ${written}`)).toMatchObject({ version: read });
  });

  test.each([
    ['nothing', ''],
    ['a list', '- name: a'],
    ['text', 'hello'],
    ['no name', 'version: 1.2.3'],
    ['no version', 'name: a'],
    ['an empty name', 'name: ""\nversion: 1.2.3'],
    ['a list for a name', 'name: [a]\nversion: 1.2.3'],
    ['a map of dependencies', 'name: a\nversion: 1.2.3\ndependencies: {b: c}'],
    ['a dependency without a name', 'name: a\nversion: 1.2.3\ndependencies: [{version: 1}]'],
    ['broken YAML', 'name: [unterminated'],
    ['tabs', 'name: a\n\tversion: 1.2.3'],
    ['more than 1 MiB', `name: a\nversion: 1.2.3\nx: ${'x'.repeat(1024 * 1024)}`],
    ['a YAML of the future', '%YAML 1.2\n---\nname: a\nversion: 1.2.3'],
  ])('is not %s', (_, text) => {
    expect(parse(text)).toBe('chart-metadata-unreadable');
  });

  test('says where it is broken', () => {
    const outcome = parseChartMetadata('name: a\nversion: [1.2.3\nx: y');
    expect(outcome).toMatchObject({ problem: { params: { line: 3 } } });
  });

  test('is not hurt by aliases that multiply, by depth or by cycles', () => {
    const bomb = ['x: &a0 [y]', ...Array.from({ length: 12 }, (_, i) => `x${i}: &a${i + 1} [${`*a${i},`.repeat(9)}]`)];
    const started = performance.now();
    expect(parse(`name: a\nversion: 1.2.3\n${bomb.join('\n')}`)).toBe('chart-metadata-unreadable');
    expect(parse(`name: a\nversion: 1.2.3\nx: ${'['.repeat(5_000)}`)).toBe('chart-metadata-unreadable');
    expect(parse(`name: a\nversion: 1.2.3\nx: &x [*x]`)).toBe('chart-metadata-unreadable');
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test('of any text is read or refused', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'name',
        'version',
        ': ',
        '\n',
        '- ',
        '&a ',
        '*a',
        '{',
        '}',
        '[',
        ']',
        '"',
        "'",
        '|',
        '>',
        '---\n',
        '...',
        '<<',
        '!!',
        '%YAML',
        '\t',
        '#',
        '1e9',
        '? ',
      ),
      fc.string({ unit: 'binary', maxLength: 10 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const outcome = readLaxYaml(pieces.join(''));
        expect('value' in outcome || outcome.fault.reason.length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
