import { describe, expect, it } from 'vitest';
import { undermines } from '../../src/index.ts';

const here = 'https://kubernetes.default.svc';
const all = [{ group: '*', kind: '*' }];
const anywhere = [{ server: '*', namespace: '*' }];
const project = (spec: object): object => ({ metadata: { name: 'team' }, spec });

describe('a project undermines what enforces', () => {
  it.each<[string, object]>([
    ['the unrestricted default project', { destinations: anywhere, clusterResourceWhitelist: all }],
    ['one that may deploy to every namespace', { destinations: anywhere }],
    ["one that may deploy to Argo CD's", { destinations: [{ server: here, namespace: 'argocd' }] }],
    ['one that names the cluster', { destinations: [{ name: 'in-cluster', namespace: 'argo*' }] }],
    ['one that may deploy everywhere but', { destinations: [{ server: here, namespace: '!kube-system' }] }],
    [
      'one that may deploy a few kinds there, workloads among them',
      { destinations: anywhere, namespaceResourceWhitelist: [{ group: 'apps', kind: 'Deployment' }] },
    ],
    [
      'one that may deploy webhook configurations from another namespace',
      {
        destinations: [{ server: here, namespace: 'team' }],
        clusterResourceWhitelist: [{ group: 'admissionregistration.k8s.io', kind: '*' }],
      },
    ],
    [
      'one that may give rights in the cluster',
      {
        destinations: [{ server: here, namespace: 'team' }],
        clusterResourceWhitelist: [{ group: '*', kind: 'ClusterRole*' }],
      },
    ],
    [
      'one from which single objects are kept',
      {
        destinations: [{ server: here, namespace: 'team' }],
        clusterResourceWhitelist: all,
        clusterResourceBlacklist: [{ group: '*', kind: '*', name: 'other' }],
      },
    ],
    ['one that cannot be read', { destinations: 'everywhere' }],
    ['one whose pattern cannot be read', { destinations: [{ server: here, namespace: '[' }] }],
  ])('as %s does', (_, spec) => {
    expect(undermines(project(spec), 'argocd')).toBe(true);
  });

  it.each<[string, object]>([
    ['one without destinations', { clusterResourceWhitelist: all }],
    ['one of another namespace', { destinations: [{ server: here, namespace: 'team' }] }],
    ['one of another cluster', { destinations: [{ server: 'https://other.example.com', namespace: '*' }] }],
    [
      'one of another cluster with every right there',
      { destinations: [{ server: 'https://other.example.com', namespace: '*' }], clusterResourceWhitelist: all },
    ],
    [
      "one that is kept from Argo CD's namespace",
      {
        destinations: [
          { server: '*', namespace: '*' },
          { server: here, namespace: '!argocd' },
        ],
      },
    ],
    ['one of its own clusters alone', { destinations: anywhere, permitOnlyProjectScopedClusters: true }],
    [
      'one that may deploy there what is harmless',
      { destinations: anywhere, namespaceResourceWhitelist: [{ group: 'example.com', kind: 'Dashboard' }] },
    ],
    ['one that may deploy nothing there', { destinations: anywhere, namespaceResourceBlacklist: all }],
    [
      'one that may deploy harmless kinds into the cluster',
      {
        destinations: [{ server: here, namespace: 'team' }],
        clusterResourceWhitelist: [{ group: '', kind: 'Namespace' }],
      },
    ],
    [
      'one from which the kinds are kept again',
      {
        destinations: [{ server: here, namespace: 'team' }],
        clusterResourceWhitelist: all,
        clusterResourceBlacklist: all,
      },
    ],
  ])('and %s does not', (_, spec) => {
    expect(undermines(project(spec), 'argocd')).toBe(false);
  });
});
