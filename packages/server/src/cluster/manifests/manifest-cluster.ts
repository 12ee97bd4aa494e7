import { createHash, randomBytes } from 'node:crypto';
import {
  type Application,
  parseApplication,
  parseGlobalProjects,
  parseProject,
  type Problem,
  type Project,
  virtualProject,
} from '@source-integrity/core';
import {
  type Cluster,
  type ClusterView,
  CONFIG_MAPS,
  type ConfigEntries,
  type Lookup,
  PART_OF_LABEL,
  SECRET_TYPE_LABEL,
  type Unreadable,
} from '../cluster.ts';
import type { RepositorySecret } from '../repository-secret.ts';
import { resolveAccess } from '../resolve-access.ts';
import { openManifestFolder } from './folder.ts';
import { type Inventory, takeInventory, unreadableBecause } from './inventory.ts';
import { isPlainObject, own } from '../json-object.ts';
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
        view = viewOf(takeInventory(current), controllerNamespace, identityKey);
      }
      return view;
    },
  };
}

function viewOf(inventory: Inventory, controllerNamespace: string, identityKey: Uint8Array): ClusterView {
  const config = (name: string): Lookup<ConfigEntries> =>
    labelled(inventory.get('ConfigMap', controllerNamespace, name));
  const optionalConfig = (name: string): Lookup<ConfigEntries> =>
    labelled(inventory.find('ConfigMap', controllerNamespace, name));
  const secrets = inventory.all('Secret', controllerNamespace).flatMap(repositorySecret);
  const certificates = optionalConfig(CONFIG_MAPS.certificates);
  const settings = { secrets, certificates: entriesOf(certificates), identityKey };
  const projects = new Map(inventory.all('AppProject', controllerNamespace).flatMap(namedProject));
  const globalProjects = parseGlobalProjects(entriesOf(optionalConfig(CONFIG_MAPS.argocd)).get('globalProjects') ?? '');
  const access: ClusterView['access'] = (repoURL, project) =>
    certificates.status === 'unreadable' ? certificates : resolveAccess(settings, repoURL, project);
  return {
    controllerNamespace,
    application: (namespace, name) => readApplication(inventory.get('Application', namespace, name)),
    applications: () =>
      inventory.all('Application', null).flatMap((object) => {
        const parsed = parseApplication(withUid(object));
        return 'problem' in parsed ? [] : [parsed.application];
      }),
    project(name) {
      const found = readProject(inventory.get('AppProject', controllerNamespace, name), name);
      if (found.status !== 'found') return found;
      const repositories = secrets
        .filter(({ type, data }) => type === 'repository' && data.get('project') === name)
        .flatMap(({ data }) => data.get('url') ?? []);
      return { status: 'found', value: virtualProject(found.value, { repositories, globalProjects, projects }) };
    },
    policy: () => config(CONFIG_MAPS.policy),
    keyring: () => config(CONFIG_MAPS.keyring),
    cosignKeys: () => config(CONFIG_MAPS.cosignKeys),
    trustRoots: () => config(CONFIG_MAPS.trustRoots),
    access,
    enablesOCI: (project) => (repoURL) => {
      const outcome = access(repoURL, project);
      return 'access' in outcome && outcome.access.enableOCI;
    },
    faults: inventory.faults,
  };
}

function readApplication(found: Lookup<Readonly<Record<string, unknown>>>): Lookup<Application> {
  if (found.status !== 'found') return found;
  const parsed = parseApplication(withUid(found.value));
  return 'problem' in parsed ? malformed(parsed.problem) : { status: 'found', value: parsed.application };
}

function readProject(found: Lookup<Readonly<Record<string, unknown>>>, name: string): Lookup<Project> {
  if (found.status !== 'found') return found;
  const parsed = parseProject(found.value, name);
  return 'problem' in parsed ? malformed(parsed.problem) : { status: 'found', value: parsed.project };
}

function malformed(problem: Problem): Unreadable {
  return {
    status: 'unreadable',
    reason: `${String(problem.params['path'])} ${String(problem.params['reason'])}`,
    problem,
  };
}

function namedProject(object: Readonly<Record<string, unknown>>): readonly [string, Project][] {
  const parsed = parseProject(object, '');
  return 'problem' in parsed ? [] : [[parsed.project.name, parsed.project]];
}

/** A ConfigMap as Argo CD's informer sees it: without its label it is not there, which nobody expects. */
function labelled(found: Lookup<Readonly<Record<string, unknown>>>): Lookup<ConfigEntries> {
  if (found.status !== 'found') return found;
  const { key, value } = PART_OF_LABEL;
  if (own(found.value, 'metadata', 'labels', key) !== value) {
    const name = String(own(found.value, 'metadata', 'name'));
    const reason = `ConfigMap ${name} lacks the label ${key}: ${value}, without which Argo CD does not see it`;
    return unreadableBecause(reason);
  }
  return { status: 'found', value: texts(own(found.value, 'data')) };
}

function entriesOf(found: Lookup<ConfigEntries>): ConfigEntries {
  return found.status === 'found' ? found.value : new Map();
}

function repositorySecret(object: Readonly<Record<string, unknown>>): readonly RepositorySecret[] {
  const type = own(object, 'metadata', 'labels', SECRET_TYPE_LABEL);
  if (type !== 'repository' && type !== 'repo-creds') return [];
  const data = new Map<string, string>();
  for (const [key, value] of texts(own(object, 'data'))) data.set(key, Buffer.from(value, 'base64').toString('utf8'));
  for (const [key, value] of texts(own(object, 'stringData'))) data.set(key, value);
  return [{ name: String(own(object, 'metadata', 'name')), type, data }];
}

/** The API server decodes null as an empty text. */
function texts(value: unknown): ReadonlyMap<string, string> {
  if (!isPlainObject(value)) return new Map();
  return new Map(Object.entries(value).map(([key, text]) => [key, typeof text === 'string' ? text : '']));
}

/** The API server gives every object a UID; here it follows from the object's name, so that it stays. */
function withUid(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const metadata = own(object, 'metadata');
  if (!isPlainObject(metadata) || (typeof metadata['uid'] === 'string' && metadata['uid'] !== '')) return object;
  const digest = createHash('sha256')
    .update(`Application/${String(metadata['namespace'])}/${String(metadata['name'])}`)
    .digest('hex');
  const uid = digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-5$3-8$4-$5');
  return { ...object, metadata: { ...metadata, uid } };
}
