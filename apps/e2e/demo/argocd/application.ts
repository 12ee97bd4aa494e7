/** An Application as this demo reads, shows and syncs it: the fields of `applications.argoproj.io` that it touches. */
export interface Application {
  readonly apiVersion: 'argoproj.io/v1alpha1';
  readonly kind: 'Application';
  readonly metadata: Metadata;
  readonly spec: Spec;
  readonly operation?: Operation;
  readonly status?: Status;
}

interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly uid?: string;
  readonly creationTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Spec {
  readonly project: string;
  readonly destination: { readonly server?: string; readonly name?: string; readonly namespace?: string };
  readonly source?: Source;
  readonly sources?: readonly Source[];
  readonly syncPolicy?: { readonly automated?: object; readonly retry?: object };
}

export interface Source {
  readonly repoURL: string;
  readonly chart?: string;
  readonly path?: string;
  readonly ref?: string;
  readonly targetRevision?: string;
  readonly helm?: object;
}

export interface Operation {
  readonly sync: SyncOperation;
  readonly initiatedBy: { readonly username: string };
  readonly retry: object;
}

interface SyncOperation {
  readonly source?: Source;
  readonly revision?: string;
  readonly sources?: readonly Source[];
  readonly revisions?: readonly string[];
  readonly prune?: boolean;
  readonly dryRun?: boolean;
  readonly syncStrategy?: object;
  readonly syncOptions?: readonly string[];
}

interface OperationState {
  readonly operation: Operation;
  readonly phase: 'Running' | 'Succeeded' | 'Failed' | 'Error' | 'Terminating';
  readonly message: string;
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly syncResult?: object;
}

export interface Condition {
  readonly type: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

/** One entry of `status.history`: what was deployed, and when. */
export interface Deployment {
  readonly id: number;
  readonly deployStartedAt: string;
  readonly deployedAt: string;
  readonly initiatedBy: { readonly username: string };
  readonly revision?: string;
  readonly source?: Source;
  readonly revisions?: readonly string[];
  readonly sources?: readonly Source[];
}

export interface Status {
  readonly sync: {
    readonly status: 'Synced' | 'OutOfSync' | 'Unknown';
    readonly revision?: string;
    readonly revisions?: readonly string[];
    readonly comparedTo: object;
  };
  readonly health: { readonly status: 'Healthy' | 'Missing' | 'Progressing' };
  readonly operationState?: OperationState;
  readonly conditions?: readonly Condition[];
  readonly history?: readonly Deployment[];
  readonly reconciledAt?: string;
}

/** The sources that a person means by this Application; `sources` wins over `source`. */
export function sourcesOf(application: Application): readonly Source[] {
  const { source, sources } = application.spec;
  return sources !== undefined && sources.length > 0 ? sources : source === undefined ? [] : [source];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The Application in one document of a manifest; null for any other kind, and an error for one without a name. */
export function parseApplication(document: unknown, defaultNamespace: string): Application | null {
  if (!isRecord(document) || document['kind'] !== 'Application') return null;
  if (typeof document['apiVersion'] !== 'string' || !document['apiVersion'].startsWith('argoproj.io/')) return null;
  const { metadata, spec } = document;
  if (!isRecord(metadata) || typeof metadata['name'] !== 'string')
    throw new Error('an Application has no metadata.name');
  if (!isRecord(spec)) throw new Error(`Application ${metadata['name']} has no spec`);
  const listed: readonly unknown[] = Array.isArray(spec['sources']) ? spec['sources'] : [];
  for (const source of [spec['source'], ...listed]) {
    if (source !== undefined && !(isRecord(source) && typeof source['repoURL'] === 'string')) {
      throw new Error(`Application ${metadata['name']} has a source without a repoURL`);
    }
  }
  const application = {
    ...document,
    metadata: { ...metadata, namespace: metadata['namespace'] ?? defaultNamespace },
    spec: { ...spec, project: spec['project'] ?? 'default', destination: spec['destination'] ?? {} },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parser; the rest is kube-apiserver's to check
  return application as unknown as Application;
}
