/** A kind of object, as the API server's paths name it. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

/** Everything that this server reads or writes; what it may do with each is in docs/operations.md. */
export const RESOURCES = {
  applications: { group: 'argoproj.io', version: 'v1alpha1', plural: 'applications' },
  projects: { group: 'argoproj.io', version: 'v1alpha1', plural: 'appprojects' },
  configMaps: { group: '', version: 'v1', plural: 'configmaps' },
  secrets: { group: '', version: 'v1', plural: 'secrets' },
  events: { group: '', version: 'v1', plural: 'events' },
  validatingWebhooks: {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'validatingwebhookconfigurations',
  },
  mutatingWebhooks: { group: 'admissionregistration.k8s.io', version: 'v1', plural: 'mutatingwebhookconfigurations' },
  tokenReviews: { group: 'authentication.k8s.io', version: 'v1', plural: 'tokenreviews' },
} as const satisfies Readonly<Record<string, Resource>>;

/** Objects of one kind: in a namespace; or in all of them, or of a kind without namespaces (null). */
export interface Collection {
  readonly resource: Resource;
  readonly namespace: string | null;
}

/** As the API server takes them; in particular nothing that leads to another path. */
const NAME = /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/;

export function collectionPath({ resource: { group, version, plural }, namespace }: Collection): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === null ? `${root}/${plural}` : `${root}/namespaces/${checked(namespace)}/${plural}`;
}

export function objectPath(collection: Collection, name: string): string {
  return `${collectionPath(collection)}/${checked(name)}`;
}

/** `secrets in namespace argocd`, `configmap argocd-cm in namespace argocd`. */
export function describeCollection({ resource: { plural }, namespace }: Collection, name?: string): string {
  const what = name === undefined ? plural : `${plural.replace(/s$/, '')} ${name}`;
  return `${what} in ${namespace === null ? 'all namespaces' : `namespace ${namespace}`}`;
}

function checked(name: string): string {
  if (!NAME.test(name)) throw new TypeError('this is not the name of an object of Kubernetes');
  return name;
}
