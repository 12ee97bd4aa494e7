import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from './json.ts';
import { at, compared, kubernetes, kubernetesAs, listAt, path, textAt, until } from './proof.ts';

/** Who may write Applications in two namespaces, and nothing else. */
export const tenant = kubernetesAs('tenant');

/** Gives the tenant what it may; again is the same as once. */
export async function permitTenant(): Promise<void> {
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const name = 'tenant-applications';
  await kubernetes.apply(`${rbac}/clusterroles/${name}`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name },
    rules: [{ apiGroups: ['argoproj.io'], resources: ['applications'], verbs: ['*'] }],
  });
  for (const namespace of ['argocd', 'team-a']) {
    await kubernetes.apply(`${rbac}/namespaces/${namespace}/rolebindings/${name}`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'tenants' }],
    });
  }
}

export async function createNamespace(name: string): Promise<void> {
  await kubernetes.apply(path.namespace(name), { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

/** ConfigMaps in a namespace that nobody has signed, by their names: see `FORGED` and `forgedChart`. */
export async function forgeries(namespace: string): Promise<readonly string[]> {
  const all = await kubernetes.list(path.configMap('', namespace));
  return all.map((each) => textAt(each, 'metadata', 'name')).filter((name) => /(?:^|-)forged$/.test(name));
}

/** Lets a Deployment be healthy in a while, of which there is no controller here; again is the same as once. */
export async function becomesHealthy(name: string, namespace: string): Promise<void> {
  const deployment = path.deployment(name, namespace);
  if ((await kubernetes.get(deployment)) === null) return;
  // The application controller has seen by then what was written before.
  await sleep(3000);
  const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
  await kubernetes.patch(`${deployment}/status`, { status: { observedGeneration: 1, ...counts } });
}

/** Until Argo CD has nothing to do for the Application any more: no operation, and compared anew. */
export async function settled(name: string, namespace = 'argocd'): Promise<void> {
  if ((await kubernetes.get(path.application(name, namespace))) === null) return;
  await compared(name, 'normal', namespace);
  // A comparison ends after it has written the operation of an automated sync.
  await until(
    `${name} is settled`,
    async () => at(await kubernetes.get(path.application(name, namespace)), 'operation') === undefined,
  );
}

/** Until the first attempt of its operation has failed, and the next one is waited for. Answers the Application. */
export async function retrying(name: string, namespace = 'argocd'): Promise<JsonObject> {
  return until(`${name} waits to be tried again`, async () => {
    const found = await kubernetes.get(path.application(name, namespace));
    const state = at(found, 'status', 'operationState');
    const waits = textAt(state, 'phase') === 'Running' && textAt(state, 'message').includes('Retrying attempt');
    return waits && listAt(state, 'syncResult', 'resources').length > 0 ? found : null;
  });
}
