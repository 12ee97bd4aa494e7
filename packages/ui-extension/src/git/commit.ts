import type { SourceReport } from '@source-integrity/core/contract';

/** A commit of a Git source that Argo CD can be asked about. */
export interface Commit {
  /** Position of its source, from 0. */
  readonly source: number;
  /** Lower-case hex, whole or shortened. */
  readonly revision: string;
  /** Entry of `status.history` whose sources count; null: the sources of the spec. */
  readonly version: number | null;
}

/** What Argo CD has made of the targets, as the Application's status says. */
export interface KnownRevisions {
  /** What each source's target came to when Argo CD compared last, in the order of the sources. */
  readonly target: readonly string[];
  readonly deployed: { readonly version: number; readonly revisions: readonly string[] } | null;
}

export const nothingKnown: KnownRevisions = { target: [], deployed: null };

/** More sources than this are not asked about; Argo CD's own page has no such Application either. */
const MAX_SOURCES = 100;
const COMMIT = /^[0-9a-f]{7,64}$/;

/** Reads the revisions out of the object that Argo CD hands over; what has not the expected form is not there. */
export function knownRevisions(resource: unknown): KnownRevisions {
  const status = field(resource, 'status');
  const history = field(status, 'history');
  const last: unknown = Array.isArray(history) ? history[history.length - 1] : undefined;
  const version = field(last, 'id');
  return {
    target: revisions(field(status, 'sync')),
    deployed:
      typeof version === 'number' && Number.isSafeInteger(version) && version >= 0
        ? { version, revisions: revisions(last) }
        : null,
  };
}

/** The commits of a Git source: the one that a sync would bring, and the one that runs. */
export interface SourceCommits {
  /** Null: Argo CD has not come to one yet. */
  readonly target: Commit | null;
  /** Null: nothing is deployed, or the same as the target. */
  readonly deployed: Commit | null;
}

export function isGit({ kind }: Pick<SourceReport, 'kind'>): boolean {
  return kind === 'git' || kind === 'ref';
}

export function commitsOf({ index }: Pick<SourceReport, 'index'>, known: KnownRevisions): SourceCommits {
  const target = commit(index, known.target[index], null);
  const deployed = commit(index, known.deployed?.revisions[index], known.deployed?.version ?? null);
  return { target, deployed: deployed?.revision === target?.revision ? null : deployed };
}

export function commitKey({ source, revision, version }: Commit): string {
  return `${source} ${revision} ${version ?? ''}`;
}

function commit(source: number, revision: string | undefined, version: number | null): Commit | null {
  const name = revision?.toLowerCase();
  return name !== undefined && COMMIT.test(name) ? { source, revision: name, version } : null;
}

function revisions(holder: unknown): readonly string[] {
  const several = field(holder, 'revisions');
  if (Array.isArray(several) && several.length > 0) {
    return several.slice(0, MAX_SOURCES).map((each) => (typeof each === 'string' ? each : ''));
  }
  const one = field(holder, 'revision');
  return typeof one === 'string' && one !== '' ? [one] : [];
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
