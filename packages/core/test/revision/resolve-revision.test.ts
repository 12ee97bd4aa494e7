import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isConstraint, resolveRevision, versionOfTag } from '../../src/revision/resolve-revision.ts';

const rows = readFileSync(new URL('../vectors/argocd/version.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => line.split('\t'));

function answer(revision: string, versions: readonly string[]): string {
  const resolved = resolveRevision(revision, versions);
  return 'problem' in resolved ? `problem ${resolved.problem.code}` : resolved.revision;
}

describe("Argo CD's vectors", () => {
  it.each(rows)('%s among %s is %s', (revision, tags, result) => {
    const actual = answer(revision ?? '', (tags ?? '').split(' '));
    if (result === 'error') expect(actual).toMatch(/^problem revision-/);
    else expect(actual).toBe(result);
  });

  it('are all there', () => expect(rows.length).toBe(322));
});

describe('a target revision', () => {
  const versions = ['1.0.0', '1.2.0', '1.2.4', '2.0.0-rc.1', '1.10.0'];

  it('that is a version is taken as it is, without a look at the list', () => {
    expect(resolveRevision('9.9.9', [])).toEqual({ revision: '9.9.9', kind: 'version' });
    expect(resolveRevision('1.2', versions)).toEqual({ revision: '1.2', kind: 'version' });
  });

  it('that is a range means the highest version within it', () => {
    expect(resolveRevision('^1.2', versions)).toEqual({ revision: '1.10.0', kind: 'constraint' });
  });

  it('that is neither counts only if the list has this very text', () => {
    expect(resolveRevision('latest', ['latest'])).toEqual({ revision: 'latest', kind: 'literal' });
    expect(answer('latest', versions)).toBe('problem revision-not-understood');
  });

  it.each([
    ['prereleases stay out of a range that names none', '>=1', '1.10.0'],
    ['prereleases are in a range that names one', '>=1.0.0-0', '2.0.0-rc.1'],
    ['each alternative decides on prereleases for itself', '^1.2.0-0 || >=2', '1.10.0'],
    ['a hyphen range includes its ends', '1.0.0 - 1.2.0', '1.2.0'],
    ['a hyphen range with a partial end includes all of it', '1.0 - 1.2', '1.2.4'],
    ['=> and =< are the same as >= and <=', '=>1.2.0, =<1.2.4', '1.2.4'],
    ['!= with x excludes the whole minor', '!=1.10.x', '1.2.4'],
    ['> with a partial version begins after all of it', '>1.2', '1.10.0'],
  ])('obeys that %s', (_rule, revision, expected) => expect(answer(revision, versions)).toBe(expected));

  it('that no version satisfies names the newest ones', () => {
    expect(resolveRevision('^3', versions)).toEqual({
      problem: {
        code: 'revision-no-match',
        params: { revision: '^3', versions: 5, newest: ['2.0.0-rc.1', '1.10.0', '1.2.4'] },
      },
    });
  });

  it('resolves to nothing while the list holds a version that stops Argo CD', () => {
    expect(answer('^1', ['1.2.3', 'not a version'])).toBe('1.2.3');
    expect(answer('^1', ['1.2.3', '1.2.4-01'])).toBe('problem revision-list-invalid');
    expect(answer('^1', ['1.2.3', '99999999999999999999.0.0'])).toBe('problem revision-list-invalid');
  });

  it('is refused when empty, too long or too complex', () => {
    expect(answer('', versions)).toBe('problem revision-empty');
    expect(answer('1'.repeat(257), versions)).toBe('problem revision-too-long');
    expect(answer(Array.from({ length: 65 }, () => '>0').join(' '), versions)).toBe('problem revision-not-understood');
    expect(
      answer(
        '^1',
        Array.from({ length: 100_001 }, () => '1.0.0'),
      ),
    ).toBe('problem revision-list-too-long');
  });

  it('is read in linear time', () => {
    const spaces = Array.from({ length: 40 }, () => '1').join('     ');
    const start = performance.now();
    for (const hostile of [`${spaces} !`, `1${' '.repeat(250)}!`, `1.1.1-${'a.'.repeat(120)}`, '-'.repeat(256)]) {
      answer(hostile.slice(0, 256), versions);
    }
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it('never crashes, and never names a version that is not in the list unless it is one itself', () => {
    const part = fc.constantFrom('1', '0', '2', 'x', '*', '10', '01');
    const text = fc
      .array(
        fc.oneof(
          part,
          fc.constantFrom('.', '.', '-', '+', 'v', ' ', ',', '||', '>', '<', '=', '!', '~', '^', ' - ', 'rc', '|'),
        ),
        { maxLength: 14 },
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 6 }), (revision, list) => {
        const resolved = resolveRevision(revision, list);
        if ('problem' in resolved) return;
        expect(resolved.kind === 'version' ? [revision] : list).toContain(resolved.revision);
      }),
    );
  });
});

describe('what counts as a range', () => {
  it.each(['^1', '*', '1.x', '>=1.2.0 <2', '1.2 - 1.4'])('%s is one', (text) => expect(isConstraint(text)).toBe(true));
  it.each(['1', '1.2', 'v1.2.3', 'HEAD', '', '^1 foo'])('%s is none', (text) => expect(isConstraint(text)).toBe(false));
});

it('reads the underscore of a tag as the plus that registries forbid', () => {
  expect(versionOfTag('1.2.3_build.5')).toBe('1.2.3+build.5');
});
