/** Argo CD's objects, as short as the API server takes them. */

export interface ApplicationOptions {
  readonly name: string;
  readonly namespace?: string;
  readonly project?: string;
  readonly spec: object;
  readonly [more: string]: unknown;
}

export interface Manifest {
  readonly metadata: {
    readonly name?: string;
    readonly namespace: string;
    readonly uid?: string;
    readonly labels?: object;
  };
  readonly spec?: object;
  readonly operation?: object;
  readonly [more: string]: unknown;
}

export function application({
  name,
  namespace = 'argocd',
  project = 'shop',
  spec,
  ...more
}: ApplicationOptions): Manifest {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace, uid: `uid-of-${namespace}-${name}` },
    spec: { project, destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' }, ...spec },
    ...more,
  };
}

export function project(name: string, spec: object): Manifest {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name, namespace: 'argocd' },
    spec: { destinations: [{ server: '*', namespace: 'shop' }], ...spec },
  };
}

export function configMap(name: string, data: Readonly<Record<string, string>>): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'argocd', labels: { 'app.kubernetes.io/part-of': 'argocd' } },
    data,
  };
}

export function repositorySecret(name: string, stringData: Readonly<Record<string, string>>): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
    type: 'Opaque',
    stringData,
  };
}
