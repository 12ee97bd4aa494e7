import type { Application, EnablesOCI, Problem, Project } from '@source-integrity/core';
import type { AccessOutcome } from './resolve-access.ts';

/** What we read of Argo CD's objects. Adapters: a folder of manifests, and the API server. */
export interface Cluster {
  /** The objects as they are now: a change is seen by the next call. */
  readonly view: () => Promise<ClusterView>;
  readonly health: () => ClusterHealth;
  /** Calls `listener` with each Application that is found or changes. A folder of manifests is not watched. */
  readonly onApplicationChange: (listener: (application: Application) => void) => void;
  /** Calls `listener` when anything else has, or may have, changed, once for each object. */
  readonly onSettingsChange: (listener: () => void) => void;
  /** Ends what goes on in the background. */
  readonly close: () => Promise<void>;
}

interface ClusterHealth {
  /** Everything has been looked for, and all that a decision rests on can be read. */
  readonly ready: boolean;
  /** What cannot be read now: whole sentences without their full stops. */
  readonly notes: readonly string[];
}

/**
 * An answer about one object. `missing` is a definite "not there"; what is there, or may be there, and cannot be read
 * is `unreadable` and never taken for missing.
 */
export type Lookup<T> = { readonly status: 'found'; readonly value: T } | { readonly status: 'missing' } | Unreadable;

export interface Unreadable {
  readonly status: 'unreadable';
  /** A clause: which object, where it stands, and what is wrong with it. */
  readonly reason: string;
  readonly problem: Problem;
}

/** Entries of a ConfigMap's `data`. */
export type ConfigEntries = ReadonlyMap<string, string>;

/** Argo CD's objects at one moment; Applications alone are those of the moment at which they are asked for. */
export interface ClusterView {
  /** Where Argo CD runs, and where its projects, ConfigMaps and Secrets are. */
  readonly controllerNamespace: string;
  readonly application: (namespace: string, name: string) => Lookup<Application>;
  /** Every Application that can be read, by namespace and name. */
  readonly applications: () => readonly Application[];
  /** The project that Argo CD judges by: its own repositories and its global projects included. */
  readonly project: (name: string) => Lookup<Project>;
  /** `argocd-source-integrity-cm`. */
  readonly policy: () => Lookup<ConfigEntries>;
  /** `argocd-gpg-keys-cm`: key ID → armored key. */
  readonly keyring: () => Lookup<ConfigEntries>;
  /** `argocd-cosign-keys-cm`: name → PEM public key. */
  readonly cosignKeys: () => Lookup<ConfigEntries>;
  /** `argocd-sigstore-trusted-root-cm`: name → `trusted_root.json`. */
  readonly trustRoots: () => Lookup<ConfigEntries>;
  /** Credentials and TLS settings for a repository, as an Application of the project may use them. */
  readonly access: (repoURL: string, project: string) => AccessOutcome;
  /** Which Helm repositories are registries, for Applications of the project. */
  readonly enablesOCI: (project: string) => EnablesOCI;
  /** Names of the projects whose Applications could replace what enforces, through Argo CD. */
  readonly undermining: () => readonly string[];
  /** What an administrator should know about the objects themselves. */
  readonly faults: readonly ObjectFault[];
}

/** An object, or a file of objects, that cannot be used as it is. */
export interface ObjectFault {
  /** `policy.yaml:12` within the folder, or `ConfigMap argocd/argocd-cm` in the API server. */
  readonly place: string;
  /** A whole sentence without its full stop. */
  readonly reason: string;
}

/** Names that Argo CD and this project give to their ConfigMaps. */
export const CONFIG_MAPS = {
  argocd: 'argocd-cm',
  policy: 'argocd-source-integrity-cm',
  keyring: 'argocd-gpg-keys-cm',
  cosignKeys: 'argocd-cosign-keys-cm',
  trustRoots: 'argocd-sigstore-trusted-root-cm',
  certificates: 'argocd-tls-certs-cm',
} as const;

/** Argo CD sees only ConfigMaps with this label (`util/settings/settings.go`, `partOfArgoCDSelector`). */
export const PART_OF_LABEL = { key: 'app.kubernetes.io/part-of', value: 'argocd' } as const;

export const SECRET_TYPE_LABEL = 'argocd.argoproj.io/secret-type';
