import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isHelmOciRepo, sameURL } from '../../src/policy/repository-url.ts';
import { rowsOf } from './vectors.ts';

describe('sameURL', () => {
  it("answers every row of Argo CD's own table as Argo CD does", () => {
    expect(
      rowsOf('same-url.tsv').filter(([left = '', right = '', same]) => String(sameURL(left, right)) !== same),
    ).toEqual([]);
  });

  it.each([
    ['git@github.com:acme/x.git', 'ssh://git@github.com/acme/x', true],
    ['git@github.com:acme/x', 'git@github.com/acme/x', true],
    ['https://h/a%2Fb', 'https://h/a%2fb', true],
    ['https://h/%41', 'https://h/A', false],
    ['https://h/ü', 'https://h/%C3%BC', false],
    ['https://h/Σ', 'https://h/σ', true],
    ['https://h/İ', 'https://h/i', true],
    ['\u0085https://h\u00A0', 'https://h', true],
    ['\uFEFFhttps://h', 'https://h', false],
    ['https://h?', 'https://h', false],
    ['https://h#', 'https://h', true],
    ['https://h:x', 'https://h:x', true],
    ['https://H:x', 'https://h:x', false],
    ['http://[::1]/a', 'http://[::1]/A', true],
    ['', '', false],
  ])('%j and %j: %s, by net/url of Go 1.26', (left, right, same) => {
    expect(sameURL(left, right)).toBe(same);
  });

  it('never fails, and does not depend on the order', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (left, right) => {
        expect(sameURL(left, right)).toBe(sameURL(right, left));
      }),
    );
  });
});

describe('isHelmOciRepo', () => {
  it("answers every row of Argo CD's own table as Argo CD does", () => {
    expect(rowsOf('helm-oci-url.tsv').filter(([url = '', result]) => String(isHelmOciRepo(url)) !== result)).toEqual(
      [],
    );
  });

  it.each([
    ['', false],
    ['/charts', true],
    ['https:///charts', true],
    ['https:charts', true],
    ['//ghcr.io/charts', false],
    ['ghcr.io:x/charts', true],
    ['127.0.0.1:5000/charts', false],
    ['ghcr.io/%zz', false],
    ['ghcr.io/charts\n', false],
    ['https://[::1', false],
  ])('%j: %s, by net/url of Go 1.26', (url, result) => {
    expect(isHelmOciRepo(url)).toBe(result);
  });
});
