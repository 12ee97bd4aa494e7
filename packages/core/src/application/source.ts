import type { HydratorFields, SourceFields } from './form.ts';
import { isHelmOciRepo } from '../policy/repository-url.ts';

/** One source of an Application, as Argo CD would use it. Texts are the Application's own, unchanged. */
export interface Source {
  /** Position among the sources that are deployed together, from 0. */
  readonly index: number;
  /** Its `name`, where it has one. */
  readonly name: string | null;
  readonly kind: 'helm-http' | 'helm-oci' | 'oci' | 'git' | 'ref';
  readonly repoURL: string;
  /** The chart's name; null where the kind has none, even if the field is set: `oci://` ignores it. */
  readonly chart: string | null;
  readonly path: string | null;
  /** Empty where the Application names none. */
  readonly targetRevision: string;
  /** The name by which other sources refer to its files. */
  readonly ref: string | null;
  /** Credentials go to every host that the repository's index names (Helm's `--pass-credentials`). */
  readonly passCredentials: boolean;
}

/** Whether the repository's Secret or its template says `enableOCI`. */
export type EnablesOCI = (repoURL: string) => boolean;

/** `SourceHydrator.GetSyncSource`. */
export function hydratedSource({ drySource, syncSource }: HydratorFields): SourceFields {
  return {
    repoURL: (syncSource?.repoURL ?? '') === '' ? (drySource?.repoURL ?? '') : (syncSource?.repoURL ?? ''),
    path: syncSource?.path ?? '',
    targetRevision: syncSource?.targetBranch ?? '',
    chart: '',
    ref: '',
    name: '',
    helm: null,
  };
}

/** Gives a source its kind and its place. */
export function toSource(fields: SourceFields, index: number, enablesOCI: EnablesOCI): Source {
  const kind = sourceKind(fields, enablesOCI);
  return {
    index,
    name: orNull(fields.name),
    kind,
    repoURL: fields.repoURL,
    chart: kind === 'helm-http' || kind === 'helm-oci' ? fields.chart : null,
    path: orNull(fields.path),
    targetRevision: fields.targetRevision,
    ref: orNull(fields.ref),
    passCredentials: fields.helm?.passCredentials ?? false,
  };
}

/**
 * Argo CD's order of decision: `IsOCI`, then `IsHelm`, then Git. A chart lies in a registry if its repository says
 * `enableOCI` or its URL has no host (`reposerver/repository/repository.go`, `newHelmClientResolveRevision`).
 */
export function sourceKind(
  { repoURL, chart, path, ref }: Pick<SourceFields, 'repoURL' | 'chart' | 'path' | 'ref'>,
  enablesOCI: EnablesOCI,
): Source['kind'] {
  if (repoURL.startsWith('oci://')) return 'oci';
  if (chart !== '') return isHelmOciRepo(repoURL) || enablesOCI(repoURL) ? 'helm-oci' : 'helm-http';
  return ref !== '' && path === '' ? 'ref' : 'git';
}

/** What people call a source: its chart, or the last part of its repository's path. */
export function sourceName({ chart, repoURL }: Pick<Source, 'chart' | 'repoURL'>): string {
  if (chart !== null) return chart;
  const [url = ''] = withoutUserInfo(repoURL.trim()).split(/[?#]/);
  const parts = url
    .replace(/\/*$/, '')
    .replace(/\.git$/, '')
    .split(/[/:]/);
  return parts.findLast((part) => part !== '') ?? repoURL;
}

/** A repository URL as it may be shown: `user:password@` is dropped; `git@host:path` stays as it is. */
export function withoutUserInfo(repoURL: string): string {
  return repoURL.replace(/^(\s*[a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}
