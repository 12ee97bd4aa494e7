/** One object of a manifest, as far as it could be told what it is. */
export interface Manifest {
  readonly file: string;
  /** Where the document begins, from 1. */
  readonly line: number;
  /** The object itself, as JSON; null if it could not be read at all. */
  readonly object: Readonly<Record<string, unknown>> | null;
  readonly kind: string | null;
  readonly namespace: string | null;
  readonly name: string | null;
  /** Why the API server would not take it; null if it would. */
  readonly fault: { readonly line: number; readonly reason: string } | null;
}

/** Kinds that are read; others in the folder are nobody's business here. */
export type KnownKind = 'Application' | 'AppProject' | 'ConfigMap' | 'Secret';

export const API_VERSIONS: Readonly<Record<KnownKind, string>> = {
  Application: 'argoproj.io/v1alpha1',
  AppProject: 'argoproj.io/v1alpha1',
  ConfigMap: 'v1',
  Secret: 'v1',
};

export function isKnownKind(kind: string | null): kind is KnownKind {
  return kind !== null && Object.hasOwn(API_VERSIONS, kind);
}

/** `ConfigMap argocd/argocd-cm`, or as much of it as there is; null if there is nothing to call it by. */
export function titleOf({ kind, namespace, name }: Manifest): string | null {
  if (kind === null) return null;
  if (name === null) return kind;
  return namespace === null ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}
