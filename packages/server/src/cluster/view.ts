import {
  type Application,
  parseApplication,
  parseGlobalProjects,
  parseProject,
  type Problem,
  type Project,
  undermines,
  virtualProject,
} from '@source-integrity/core';
import { LRUCache } from 'lru-cache';
import {
  type ClusterView,
  CONFIG_MAPS,
  type ConfigEntries,
  type Lookup,
  type ObjectFault,
  PART_OF_LABEL,
  SECRET_TYPE_LABEL,
  type Unreadable,
} from './cluster.ts';
import { isPlainObject, own } from './json-object.ts';
import type { RepositorySecret } from './repository-secret.ts';
import { type AccessOutcome, resolveAccess } from './resolve-access.ts';
import { unreadableBecause } from './unreadable.ts';

export type Json = Readonly<Record<string, unknown>>;

/** Argo CD's objects however they are come by: parsed JSON of the form that the API server takes, otherwise hostile. */
export interface ArgocdObjects {
  readonly application: ClusterView['application'];
  readonly applications: ClusterView['applications'];
  /** Of Argo CD's namespace, as are all that follow. */
  readonly project: (name: string) => Lookup<Json>;
  readonly projects: readonly Json[];
  readonly configMap: (name: string) => Lookup<Json>;
  /** Like `configMap`, for one that need not be there: only what is known to be it keeps it from being "missing". */
  readonly optionalConfigMap: (name: string) => Lookup<Json>;
  /** Those with the label of a repository or a template among them. */
  readonly secrets: readonly Json[] | Unreadable;
  readonly faults: readonly ObjectFault[];
}

export interface ViewOptions {
  readonly controllerNamespace: string;
  /** See {@link AccessSettings}. */
  readonly identityKey: Uint8Array;
}

/** Repositories whose access is remembered, each as one project has it. */
const MAX_RESOLVED = 1000;
/** Projects that are remembered: whoever may write Applications chooses the names. */
const MAX_JUDGED = 1000;

/** What Argo CD makes of its objects. */
export function clusterView(objects: ArgocdObjects, { controllerNamespace, identityKey }: ViewOptions): ClusterView {
  const config = (name: string): Lookup<ConfigEntries> => labelled(objects.configMap(name));
  const certificates = labelled(objects.optionalConfigMap(CONFIG_MAPS.certificates));
  const argocd = labelled(objects.optionalConfigMap(CONFIG_MAPS.argocd));
  const hidden = 'status' in objects.secrets ? objects.secrets : null;
  const secrets = 'status' in objects.secrets ? [] : objects.secrets.flatMap(repositorySecret);
  const settings = { secrets, certificates: entriesOf(certificates), identityKey };
  const projects = new Map(objects.projects.flatMap(namedProject));
  const globalProjects = parseGlobalProjects(entriesOf(argocd).get('globalProjects') ?? '');
  let undermining: readonly string[] | null = null;
  // Whoever is asked about is asked about several times for each verdict; these objects never change.
  const judged = new LRUCache<string, Lookup<Project>>({ max: MAX_JUDGED });
  const resolved = new LRUCache<string, AccessOutcome>({ max: MAX_RESOLVED });
  const access: ClusterView['access'] = (repoURL, project) => {
    if (hidden !== null) return hidden;
    if (certificates.status === 'unreadable') return certificates;
    const key = JSON.stringify([repoURL, project]);
    const known = resolved.get(key);
    if (known !== undefined) return known;
    const outcome = resolveAccess(settings, repoURL, project);
    resolved.set(key, outcome);
    return outcome;
  };
  const readVirtual = (name: string): Lookup<Project> => {
    const found = readProject(objects.project(name), name);
    if (found.status !== 'found') return found;
    // A project's own repositories are permitted by their Secrets, and which of them are registries stands there.
    if (hidden !== null) return hidden;
    const repositories = secrets
      .filter(({ type, data }) => type === 'repository' && data.get('project') === name)
      .flatMap(({ data }) => data.get('url') ?? []);
    return { status: 'found', value: virtualProject(found.value, { repositories, globalProjects, projects }) };
  };
  return {
    controllerNamespace,
    application: objects.application,
    applications: objects.applications,
    project(name) {
      const project = judged.get(name) ?? readVirtual(name);
      judged.set(name, project);
      return project;
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
    undermining() {
      undermining ??= objects.projects
        .filter((project) => undermines(project, controllerNamespace))
        .map((project) => String(own(project, 'metadata', 'name')));
      return undermining;
    },
    faults: objects.faults,
  };
}

/** An Application as it is known here, or what is wrong with it. */
export function readApplication(object: Json): Lookup<Application> {
  const parsed = parseApplication(object);
  return 'problem' in parsed ? malformed(parsed.problem) : { status: 'found', value: parsed.application };
}

function readProject(found: Lookup<Json>, name: string): Lookup<Project> {
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

function namedProject(object: Json): readonly [string, Project][] {
  const parsed = parseProject(object, '');
  return 'problem' in parsed ? [] : [[parsed.project.name, parsed.project]];
}

/** A ConfigMap as Argo CD's informer sees it: without its label it is not there, which nobody expects. */
function labelled(found: Lookup<Json>): Lookup<ConfigEntries> {
  if (found.status !== 'found') return found;
  const fault = labelFault(found.value);
  if (fault !== null) return unreadableBecause(`ConfigMap ${String(own(found.value, 'metadata', 'name'))} ${fault}`);
  return { status: 'found', value: texts(own(found.value, 'data')) };
}

/** Completes "ConfigMap argocd-cm …"; null where the label is there. */
function labelFault(configMap: Json): string | null {
  const { key, value } = PART_OF_LABEL;
  if (own(configMap, 'metadata', 'labels', key) === value) return null;
  return `lacks the label ${key}: ${value}, without which Argo CD does not see it`;
}

/** What an administrator should know of settings that the API server takes, and that cannot be used all the same. */
export function settingFaults(configMaps: readonly Json[], projects: readonly Json[]): readonly ObjectFault[] {
  const place = (kind: string, object: Json): string =>
    `${kind} ${String(own(object, 'metadata', 'namespace'))}/${String(own(object, 'metadata', 'name'))}`;
  return [
    ...configMaps.flatMap((object) => {
      const reason = labelFault(object);
      return reason === null ? [] : [{ place: place('ConfigMap', object), reason: `it ${reason}` }];
    }),
    ...projects.flatMap((object) => {
      const read = readProject({ status: 'found', value: object }, '');
      return read.status === 'unreadable' ? [{ place: place('AppProject', object), reason: read.reason }] : [];
    }),
  ];
}

function entriesOf(found: Lookup<ConfigEntries>): ConfigEntries {
  return found.status === 'found' ? found.value : new Map();
}

function repositorySecret(object: Json): readonly RepositorySecret[] {
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
