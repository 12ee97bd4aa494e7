import { describe, expect, it } from 'vitest';
import { deployedByHelm, partialRevision, sortLikeHelm } from '../../src/revision/deployed-by-helm.ts';
import { isFullVersion } from '../../src/revision/version.ts';

function entries(...versions: string[]): { version: string; file: number }[] {
  return versions.map((version, file) => ({ version, file }));
}

describe('the entry that Helm deploys', () => {
  it('is the one with the very text', () => {
    expect(deployedByHelm('1.2.3', entries('v1.2.3', '1.2.3', '1.2.4'))).toEqual({
      entry: { version: '1.2.3', file: 1 },
      by: 'exact',
      rivals: [],
    });
  });

  it('is the highest within the text as a range if no entry has that text', () => {
    expect(deployedByHelm('1.2', entries('1.2.0', '1.2.10', '1.2.9', '1.3.0'))).toMatchObject({
      entry: { version: '1.2.10' },
      by: 'constraint',
    });
    expect(deployedByHelm('1.2.3', entries('v1.2.3'))).toMatchObject({ entry: { version: 'v1.2.3' } });
  });

  it('is the exact one even for a partial version', () => {
    expect(deployedByHelm('1.2', entries('1.2.5', '1.2'))).toMatchObject({ entry: { version: '1.2' }, by: 'exact' });
  });

  it('is none for a text that Helm does not take for a constraint, even if an entry has it', () => {
    expect(deployedByHelm('latest', entries('latest', '1.2.3'))).toEqual({ none: 'not-a-constraint' });
    expect(deployedByHelm('3.0.0', entries('1.2.3'))).toEqual({ none: 'no-match' });
  });

  it('has rivals where Helm could have taken another', () => {
    expect(deployedByHelm('1.2.3', entries('1.2.3', '1.2.3'))).toMatchObject({
      rivals: [{ version: '1.2.3', file: 1 }],
    });
    expect(deployedByHelm('1.2', entries('1.2.3+a', '1.2.3+b', '1.2.2'))).toMatchObject({
      rivals: [{ version: '1.2.3+b' }],
    });
  });

  it('is never one whose version is none', () => {
    expect(deployedByHelm('1', entries('1.2.3-01', 'one', '1.0.0'))).toMatchObject({ entry: { version: '1.0.0' } });
    expect(sortLikeHelm(entries('1.0.0', 'x', '2.0.0-rc.1', '2.0.0')).map(({ version }) => version)).toEqual([
      '2.0.0',
      '2.0.0-rc.1',
      '1.0.0',
    ]);
  });
});

describe('a partial version', () => {
  it.each(['1', '1.2', 'v1', 'v1.2', '1.2-rc.1', '1+build'])('%s is answered with the full one to write', (text) => {
    expect(isFullVersion(text)).toBe(false);
    expect(partialRevision(text, '1.2.4')).toEqual({
      code: 'revision-partial',
      params: { revision: text, full: '1.2.4' },
    });
  });

  it.each(['1.2.3', 'v1.2.3', '1.2.3-rc.1', '1.2.3+build', '01.2.3'])('is not what %s is', (text) => {
    expect(isFullVersion(text)).toBe(true);
    expect(partialRevision(text, '1.2.4')).toBeNull();
  });

  it.each(['^1.2', '1.2.3.4', '1.x', '1.2.3-01', ''])('is not what %s is, which is no version', (text) => {
    expect(isFullVersion(text)).toBe(false);
    expect(partialRevision(text, '1.2.4')).toBeNull();
  });
});
