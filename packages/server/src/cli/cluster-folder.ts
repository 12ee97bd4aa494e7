import { openManifestCluster } from '../cluster/manifests/manifest-cluster.ts';
import type { ClusterView } from '../cluster/cluster.ts';
import { type OptionsConfig, type OptionValues, required, text } from './command.ts';
import { requireFolder } from './input-files.ts';

/** Options of the commands that read Argo CD's objects. */
export const CLUSTER_OPTIONS = {
  'cluster-dir': { type: 'string' },
  namespace: { type: 'string', default: 'argocd' },
} as const satisfies OptionsConfig;

export const CLUSTER_USAGE = [
  '--cluster-dir <folder>   manifests of Argo CD: AppProjects, ConfigMaps, repository Secrets',
  "--namespace <name>       Argo CD's namespace (default argocd)",
];

/** The objects in `--cluster-dir` as they are now. */
export async function readClusterFolder(options: OptionValues): Promise<ClusterView> {
  const folder = required(options, 'cluster-dir');
  await requireFolder('The folder', folder);
  return openManifestCluster({ folder, controllerNamespace: text(options, 'namespace') ?? 'argocd' }).view();
}
