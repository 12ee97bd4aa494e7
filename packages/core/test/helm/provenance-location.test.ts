import { describe, expect, it } from 'vitest';
import {
  chartTarget,
  credentialsFor,
  fileNameOf,
  indexTarget,
  provenanceTargets,
  shownUrl,
  type Target,
} from '../../src/helm/provenance-location.ts';

const repo = 'https://charts.example.com/stable';

function urlOf(target: Target | { problem: { code: string } }): string {
  return 'problem' in target ? target.problem.code : target.url;
}

describe('the index', () => {
  it.each([
    [repo, 'https://charts.example.com/stable/index.yaml'],
    [`${repo}/`, 'https://charts.example.com/stable/index.yaml'],
    ['https://charts.example.com', 'https://charts.example.com/index.yaml'],
    [`${repo}?sig=1`, 'https://charts.example.com/stable/index.yaml?sig=1'],
    ['oci://charts.example.com/x', 'chart-url-invalid'],
    ['charts.example.com/x', 'chart-url-invalid'],
  ])('of %s is at %s', (repoURL, url) => expect(urlOf(indexTarget(repoURL))).toBe(url));
});

describe('a chart', () => {
  it.each([
    ['payments-1.0.0.tgz', `${repo}/payments-1.0.0.tgz`],
    ['charts/payments-1.0.0.tgz', `${repo}/charts/payments-1.0.0.tgz`],
    ['../other/payments-1.0.0.tgz', 'https://charts.example.com/other/payments-1.0.0.tgz'],
    ['/payments-1.0.0.tgz', 'https://charts.example.com/payments-1.0.0.tgz'],
    ['//cdn.example.com/payments.tgz', 'https://cdn.example.com/payments.tgz'],
    ['https://cdn.example.com/payments.tgz?key=v', 'https://cdn.example.com/payments.tgz?key=v'],
    ['http://cdn.example.com/payments.tgz#part', 'http://cdn.example.com/payments.tgz'],
    ['oci://ghcr.io/acme/payments:1.0.0', 'chart-url-unsupported'],
    ['file:///etc/passwd', 'chart-url-unsupported'],
    ['https://', 'chart-url-invalid'],
    ['https://cdn.example.com/a/../b.tgz', 'chart-url-invalid'],
    ['https://cdn.example.com/a/%2E%2e/b.tgz', 'chart-url-invalid'],
    ['a/%2e%2e/b.tgz', 'chart-url-invalid'],
    ['a b.tgz', 'chart-url-invalid'],
    ['a\\b.tgz', 'chart-url-invalid'],
    ['ht\ntps://cdn.example.com/b.tgz', 'chart-url-invalid'],
  ])('that the index gives as %j is at %s', (reference, url) => expect(urlOf(chartTarget(repo, reference))).toBe(url));

  it('below a repository URL with a query keeps that query, and not its own', () => {
    expect(urlOf(chartTarget(`${repo}?sig=1`, 'payments.tgz?own=2'))).toBe(`${repo}/payments.tgz?sig=1`);
  });

  it('has a file name as Helm would store it', () => {
    expect(fileNameOf({ url: `${repo}/payments-1.0.0%2Bb.tgz?x=/y`, shown: '' })).toBe('payments-1.0.0+b.tgz');
    expect(fileNameOf({ url: `${repo}/payments%ff.tgz`, shown: '' })).toBe('payments%ff.tgz');
  });
});

describe('a provenance file', () => {
  it('is beside the chart', () => {
    const [first, ...others] = provenanceTargets({ url: `${repo}/payments.tgz`, shown: '' });
    expect(first).toEqual({ url: `${repo}/payments.tgz.prov`, shown: `${repo}/payments.tgz.prov` });
    expect(others).toEqual([]);
  });

  it('is looked for behind a query, as Helm does, and with the query kept', () => {
    expect(provenanceTargets({ url: `${repo}/payments.tgz?key=v`, shown: '' })).toEqual([
      { url: `${repo}/payments.tgz?key=v.prov`, shown: `${repo}/payments.tgz?key=…` },
      { url: `${repo}/payments.tgz.prov?key=v`, shown: `${repo}/payments.tgz.prov?key=…` },
    ]);
  });
});

describe('credentials', () => {
  it.each([
    ['https://charts.example.com/elsewhere/x.tgz', 'send'],
    ['https://charts.example.com:443/x.tgz', 'send'],
    ['https://charts.example.com.evil.net/x.tgz', 'withhold'],
    ['https://cdn.example.com/x.tgz', 'withhold'],
    ['http://charts.example.com/x.tgz', 'withhold'],
    ['https://charts.example.com:8443/x.tgz', 'withhold'],
    ['nonsense', 'withhold'],
  ] as const)('for %s: %s', (url, expected) => {
    expect(credentialsFor(url, repo, false)).toBe(expected);
    expect(credentialsFor(url, repo, true)).toBe('send');
  });
});

it('shows URLs without secrets', () => {
  expect(shownUrl('https://me:secret@charts.example.com/x?token=secret&b#secret')).toBe(
    'https://charts.example.com/x?token=…&b=…',
  );
  expect(shownUrl('//me:secret@nowhere/x?token=secret')).toBe('//nowhere/x');
});
