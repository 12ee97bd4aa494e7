import type { ApplicationReview } from '../../src/application/operation.ts';

export const noOCI = () => false;

export const chart = { repoURL: 'https://charts.example.com', chart: 'payments', targetRevision: '1.4.2' };
export const range = { ...chart, targetRevision: '^1.4' };
export const git = { repoURL: 'https://git.example.com/deploy.git', path: 'prod', targetRevision: 'main' };
export const evil = { repoURL: 'https://charts.evil.example', chart: 'payments', targetRevision: '6.6.6' };
export const hydrator = {
  drySource: { repoURL: 'https://git.example.com/dry', path: 'app', targetRevision: 'main' },
  syncSource: { targetBranch: 'env/prod', path: 'app' },
};

export interface Parts {
  readonly spec?: object;
  readonly operation?: unknown;
  readonly status?: object;
}

export function application(parts: Parts = {}): Record<string, unknown> {
  const { spec = { source: chart }, ...rest } = parts;
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { namespace: 'argocd', name: 'payments', uid: '7d0d3a6c-0000-4000-8000-000000000001' },
    spec: { project: 'storefront', ...spec },
    ...rest,
  };
}

export function update(before: Parts, after: Parts): ApplicationReview {
  return { operation: 'UPDATE', object: application(after), oldObject: application(before) };
}

export function create(parts: Parts): ApplicationReview {
  return { operation: 'CREATE', object: application(parts), oldObject: null };
}

/** The operation of a sync from Argo CD's page. */
export function sync(source: object, revision: string, more: object = {}): object {
  return { initiatedBy: {}, retry: {}, sync: { revision, source, ...more } };
}
