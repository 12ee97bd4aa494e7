import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatReference,
  helmChartRepository,
  ociRepository,
  parseReference,
  tagOfVersion,
} from '../../src/oci/reference.ts';

const HEX = 'a'.repeat(64);

describe('a reference', () => {
  it.each([
    ['ghcr.io/acme/app', 'ghcr.io', 'acme/app', null, null],
    ['oci://ghcr.io/acme/app:1.2.3', 'ghcr.io', 'acme/app', '1.2.3', null],
    [`GHCR.io/acme/app@sha256:${HEX}`, 'ghcr.io', 'acme/app', null, `sha256:${HEX}`],
    [`localhost:5000/a/b__c/d-e.f:v1@sha256:${HEX}`, 'localhost:5000', 'a/b__c/d-e.f', 'v1', `sha256:${HEX}`],
    ['[::1]:5000/x', '[::1]:5000', 'x', null, null],
    ['zot/charts/a---b', 'zot', 'charts/a---b', null, null],
  ])('%s is read', (text, registry, name, tag, digest) => {
    expect(parseReference(text)).toEqual({ reference: { repository: { registry, name }, tag, digest } });
  });

  it.each([
    ['', 'no registry'],
    ['app:1', 'no registry'],
    ['ghcr.io/', 'path segments'],
    ['ghcr.io/Acme/app', 'path segments'],
    ['ghcr.io/acme//app', 'path segments'],
    ['ghcr.io/acme/../app', 'path segments'],
    ['ghcr.io/acme/app/', 'path segments'],
    ['ghcr.io/acme%2fapp', 'path segments'],
    ['user:pw@ghcr.io/acme', 'no registry'],
    ['user@ghcr.io/acme', 'no registry'],
    ['https://ghcr.io/acme/app', 'another scheme than oci://'],
    ['OCI://ghcr.io/acme/app', 'another scheme than oci://'],
    ['https://ghcr.io/acme/app:1.0.0', 'another scheme than oci://'],
    ['ghcr.io:99999/acme', 'registry'],
    ['ghcr.io:/acme', 'registry'],
    ['-x.io/acme', 'registry'],
    ['ghcr.io/acme:1:2', 'more than one tag'],
    ['ghcr.io/acme:', 'a tag that is none'],
    ['ghcr.io/acme:1.0+x', 'a tag that is none: in registries "_" stands for "+"'],
    [`ghcr.io/acme:${'1'.repeat(129)}`, 'a tag that is none'],
    [`ghcr.io/acme@sha256:${'A'.repeat(64)}`, 'a digest that is none'],
    ['ghcr.io/acme@sha256:abc', 'a digest that is none'],
    [`ghcr.io/acme@sha256:${HEX}@sha256:${HEX}`, 'more than one "@"'],
    [`ghcr.io/${'a/'.repeat(200)}a`, 'longer than 255'],
    [`ghcr.io/${'a'.repeat(2000)}`, 'longer than 1024'],
    ['ghcr.io/acme\u0000', 'path segments'],
  ])('%s is refused', (text, reason) => {
    const read = parseReference(text);
    expect(read).toMatchObject({ problem: { code: 'oci-reference-invalid' } });
    expect(JSON.stringify(read)).toContain(reason.replaceAll('"', String.raw`\"`));
  });

  it('is read again as what it was written as', () => {
    const name = fc.stringMatching(/^[a-z0-9]{1,8}(?:[._-][a-z0-9]{1,5}){0,3}(?:\/[a-z0-9]{1,9}){0,3}$/);
    const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/);
    fc.assert(
      fc.property(name, tag, (name, tag) => {
        const repository = { registry: 'r.example.com:5000', name };
        expect(parseReference(formatReference(repository, tag))).toEqual({
          reference: { repository, tag, digest: null },
        });
      }),
    );
  });

  it('of any text is an answer, soon', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        const read = parseReference(text);
        expect('reference' in read || read.problem.code === 'oci-reference-invalid').toBe(true);
      }),
    );
    const started = performance.now();
    parseReference(`r.io/${'a'.repeat(1000)}!`);
    parseReference(`${'a-'.repeat(500)}/x`);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe('the repository of a source', () => {
  it('is the URL of a plain one', () => {
    expect(ociRepository('oci://ghcr.io/acme/config')).toEqual({
      repository: { registry: 'ghcr.io', name: 'acme/config' },
    });
  });

  it.each(['oci://ghcr.io/acme/config:1', `oci://ghcr.io/acme/config@sha256:${HEX}`])('is not %s', (url) => {
    expect(ociRepository(url)).toMatchObject({ problem: { code: 'oci-reference-invalid' } });
  });

  it.each([
    ['ghcr.io/acme', 'payments'],
    ['ghcr.io', 'acme/payments'],
    ['https://ghcr.io/acme', 'payments'],
  ])('of a chart is the chart below the URL: %s and %s', (url, chart) => {
    expect(helmChartRepository(url, chart)).toEqual({ repository: { registry: 'ghcr.io', name: 'acme/payments' } });
  });

  it.each([
    ['ghcr.io/acme', 'payments:1.0.0'],
    ['ghcr.io/acme', '../other/payments'],
    ['ghcr.io/acme/', 'payments'],
    ['http://ghcr.io/acme', 'payments'],
  ])('of a chart is not found by %s and %s', (url, chart) => {
    expect(helmChartRepository(url, chart)).toMatchObject({ problem: { code: 'oci-reference-invalid' } });
  });

  it('has tags with "_" where versions have "+"', () => {
    expect(tagOfVersion('1.2.3+build.5+x')).toBe('1.2.3_build.5_x');
  });
});
