import { onTestFinished } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { KubernetesClient } from '../../../src/cluster/kubernetes/client.ts';
import { openKubernetesCluster } from '../../../src/cluster/kubernetes/kubernetes-cluster.ts';
import type { WatchTiming } from '../../../src/cluster/kubernetes/watched.ts';
import { createLogger } from '../../../src/logger.ts';
import { application, configMap, project } from '../../server/manifests.ts';
import { type FakeApiServer, type FakeObject, startApiServer } from './fake-api-server.ts';

const TIMING: WatchTiming = {
  watchSeconds: 3,
  lostAfter: 60_000,
  backoff: { first: 5, most: 20 },
  resync: { configMaps: 60_000, others: 60_000 },
  pageSize: 3,
};

export interface KubernetesWorld {
  readonly api: FakeApiServer;
  /** Opens the cluster; what is put before is there from the first list on. */
  readonly open: (timing?: Partial<WatchTiming>) => Cluster;
  /** Everything that was logged. */
  readonly log: () => string;
}

/** A fake API server with a project `shop`, a policy, and payments in it. */
export async function startKubernetesWorld(): Promise<KubernetesWorld> {
  const api = await startApiServer();
  const lines: string[] = [];
  const logger = createLogger('trace', { write: (line) => void lines.push(line) });
  api.put('configmaps', named(configMap('argocd-source-integrity-cm', { enforcement: 'enforce' })));
  api.put('appprojects', named(project('shop', { sourceRepos: ['*'] })));
  api.put('applications', payments());
  return {
    api,
    log: () => lines.join(''),
    open(timing = {}) {
      const client = new KubernetesClient({ server: api.url, tokenFile: api.tokenFile, caFile: null });
      const cluster = openKubernetesCluster({
        client,
        controllerNamespace: 'argocd',
        identityKey: Buffer.from('key'),
        logger,
        timing: { ...TIMING, ...timing },
      });
      onTestFinished(async () => {
        await cluster.close();
        await client.close();
      });
      return cluster;
    },
  };
}

export function payments(more: Readonly<Record<string, unknown>> = {}, namespace = 'argocd'): FakeObject {
  const source = { repoURL: 'https://charts.example.com', chart: 'payments', targetRevision: '1.4.2' };
  return named(application({ name: 'payments', namespace, spec: { source }, ...more }));
}

/** A Secret as the API server has it: data in base64. */
export function secret(name: string, type: string, data: Readonly<Record<string, string>>): FakeObject {
  return {
    metadata: { name, namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': type } },
    data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
  };
}

export function named(object: object): FakeObject {
  if (!isNamed(object)) throw new Error('an object has a name');
  return object;
}

function isNamed(object: object): object is FakeObject {
  return 'metadata' in object;
}
