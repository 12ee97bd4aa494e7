import { describe, expect, it } from 'vitest';
import { sourceKind, sourceName, withoutUserInfo } from '../../src/application/source.ts';
import { noOCI } from './fixture.ts';

const none = { repoURL: '', chart: '', path: '', ref: '' };

describe('the kind of a source', () => {
  it.each([
    ['oci', { repoURL: 'oci://ghcr.io/acme/app' }],
    ['oci', { repoURL: 'oci://ghcr.io/acme', chart: 'app' }],
    ['oci', { repoURL: 'oci://ghcr.io/acme', ref: 'values' }],
    ['helm-http', { repoURL: 'https://charts.example.com', chart: 'app' }],
    ['helm-http', { repoURL: 'https://charts.example.com', chart: 'app', ref: 'values', path: 'x' }],
    ['helm-oci', { repoURL: 'ghcr.io/acme', chart: 'app' }],
    ['helm-oci', { repoURL: 'localhost:5000/charts', chart: 'app' }],
    ['git', { repoURL: 'https://git.example.com/x', path: 'prod' }],
    ['git', { repoURL: 'https://git.example.com/x', path: 'prod', ref: 'values' }],
    ['git', { repoURL: 'https://git.example.com/x' }],
    ['git', { repoURL: 'OCI://ghcr.io/acme/app', path: '.' }],
    ['ref', { repoURL: 'https://git.example.com/x', ref: 'values' }],
  ])('is %s for %j', (kind, fields) => {
    expect(sourceKind({ ...none, ...fields }, noOCI)).toBe(kind);
  });

  it('is Helm in a registry where the repository enables OCI, though its URL has a scheme', () => {
    const fields = { ...none, repoURL: 'https://ghcr.io/acme', chart: 'app' };
    expect(sourceKind(fields, (url) => url === 'https://ghcr.io/acme')).toBe('helm-oci');
    expect(sourceKind(fields, noOCI)).toBe('helm-http');
  });
});

describe('the name of a source', () => {
  it.each([
    ['payments', { chart: 'payments', repoURL: 'https://charts.example.com/x' }],
    ['storefront-deploy', { chart: null, repoURL: 'https://git.example.com/acme/storefront-deploy.git' }],
    ['app', { chart: null, repoURL: 'oci://ghcr.io/acme/app/' }],
    ['x', { chart: null, repoURL: 'git@github.com:acme/x.git' }],
    ['git.example.com', { chart: null, repoURL: 'https://user:password@git.example.com/' }],
    ['', { chart: null, repoURL: '' }],
  ])('is %j for %j', (name, source) => {
    expect(sourceName(source)).toBe(name);
  });
});

describe('a repository URL that is shown', () => {
  it('carries no credentials', () => {
    expect(withoutUserInfo('https://user:pa@ss@charts.example.com/a@b')).toBe('https://charts.example.com/a@b');
    expect(withoutUserInfo('git@github.com:acme/x.git')).toBe('git@github.com:acme/x.git');
  });
});
