import { variableOf } from './setting.ts';
import { SETTINGS } from './settings.ts';
import type { Validation } from './validation.ts';

/** Where Argo CD's objects are read. */
export type ClusterSource =
  | { readonly kind: 'manifests'; readonly folder: string }
  | {
      readonly kind: 'kubernetes';
      /** URL of the API server, without a path. */
      readonly server: string;
      readonly tokenFile: string;
      /** Null with plain HTTP, which is for loopback only. */
      readonly caFile: string | null;
    };

/** A folder where one is given, else the API server: the one that is given, or that of the cluster we run in. */
export function clusterSource(
  validation: Validation,
  environment: Readonly<Record<string, string | undefined>>,
): ClusterSource | null {
  const { clusterDir, kubernetesApi } = SETTINGS;
  const folder = validation.value(clusterDir);
  const given = validation.value(kubernetesApi);
  if (folder !== null) {
    if (given !== null) {
      validation.wrong(clusterDir, `is given beside ${validation.nameOf(kubernetesApi)}`, 'one of them');
    }
    if (validation.isFolder(folder)) return { kind: 'manifests', folder };
    validation.wrong(clusterDir, 'is not a folder', 'the path of a folder of Argo CD manifests');
    return null;
  }
  const server = given ?? ownCluster(environment);
  if (server !== null) return apiServer(validation, server);
  // A fault of the URL itself has been told.
  if (!validation.isGiven(kubernetesApi)) {
    const write = `the path of a folder of Argo CD manifests; or ${variableOf(kubernetesApi.flag)}, which a pod need not give`;
    validation.wrong(clusterDir, 'is missing', write);
  }
  return null;
}

function apiServer(validation: Validation, server: string): ClusterSource {
  const { kubernetesTokenFile, kubernetesCaFile } = SETTINGS;
  const tokenFile = validation.value(kubernetesTokenFile);
  const caFile = server.startsWith('http:') ? null : validation.value(kubernetesCaFile);
  validation.readable(kubernetesTokenFile, tokenFile);
  if (caFile !== null) validation.readable(kubernetesCaFile, caFile);
  return { kind: 'kubernetes', server, tokenFile, caFile };
}

/** What kubelet tells every pod. */
function ownCluster(environment: Readonly<Record<string, string | undefined>>): string | null {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = environment;
  if (host === '' || !/^\d{1,5}$/.test(port)) return null;
  return URL.parse(`https://${host.includes(':') ? `[${host}]` : host}:${port}`)?.origin ?? null;
}
