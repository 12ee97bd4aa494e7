import { createHash, randomBytes } from 'node:crypto';
import type { Cluster, ClusterView } from '../cluster.ts';
import { isPlainObject, own } from '../json-object.ts';
import { type ArgocdObjects, clusterView, type Json, readApplication } from '../view.ts';
import { openManifestFolder } from './folder.ts';
import { type Inventory, takeInventory } from './inventory.ts';
import type { Manifest } from './manifest.ts';

export interface ManifestClusterOptions {
  /** The folder of YAML files. */
  readonly folder: string;
  /** Argo CD's namespace; default `argocd`. */
  readonly controllerNamespace?: string;
  /** See {@link AccessSettings}; default: made for this process. */
  readonly identityKey?: Uint8Array;
}

/** A cluster that is a folder of manifests, as one would apply them; nothing is in it that a cluster would refuse. */
export function openManifestCluster(options: ManifestClusterOptions): Cluster {
  const folder = openManifestFolder(options.folder);
  const identityKey = options.identityKey ?? randomBytes(32);
  const controllerNamespace = options.controllerNamespace ?? 'argocd';
  let manifests: readonly Manifest[] | undefined;
  let view: ClusterView | undefined;
  return {
    async view() {
      const current = await folder.read();
      if (view === undefined || current !== manifests) {
        manifests = current;
        const objects = objectsOf(takeInventory(current), controllerNamespace);
        view = clusterView(objects, { controllerNamespace, identityKey });
      }
      return view;
    },
    health: () => ({ ready: true, notes: [] }),
    onApplicationChange: () => undefined,
    onSettingsChange: () => undefined,
    close: () => Promise.resolve(),
  };
}

function objectsOf(inventory: Inventory, namespace: string): ArgocdObjects {
  return {
    application(of, name) {
      const found = inventory.get('Application', of, name);
      return found.status === 'found' ? readApplication(withUid(found.value)) : found;
    },
    applications: () =>
      inventory.all('Application', null).flatMap((object) => {
        const read = readApplication(withUid(object));
        return read.status === 'found' ? [read.value] : [];
      }),
    project: (name) => inventory.get('AppProject', namespace, name),
    projects: inventory.all('AppProject', namespace),
    configMap: (name) => inventory.get('ConfigMap', namespace, name),
    optionalConfigMap: (name) => inventory.find('ConfigMap', namespace, name),
    secrets: inventory.all('Secret', namespace),
    faults: inventory.faults,
  };
}

/** The API server gives every object a UID; here it follows from the object's name, so that it stays. */
function withUid(object: Json): Json {
  const metadata = own(object, 'metadata');
  if (!isPlainObject(metadata) || (typeof metadata['uid'] === 'string' && metadata['uid'] !== '')) return object;
  const digest = createHash('sha256')
    .update(`Application/${String(metadata['namespace'])}/${String(metadata['name'])}`)
    .digest('hex');
  const uid = digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-5$3-8$4-$5');
  return { ...object, metadata: { ...metadata, uid } };
}
