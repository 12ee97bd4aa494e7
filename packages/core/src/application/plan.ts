import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import type { DeclaredSources, Operation, SourceFields } from './form.ts';
import { quotable } from '../verdict/quotable.ts';
import { type Source, type EnablesOCI, hydratedSource, toSource } from './source.ts';

/** One source, and the revision that would be deployed of it. */
export interface PlannedSource {
  readonly source: Source;
  /** The operation's, or the source's `targetRevision` where that names none. Empty: HEAD for Git, an error for Helm. */
  readonly revision: string;
  /** The revision can only ever mean one version (Helm), digest (OCI) or commit (Git). */
  readonly pinned: boolean;
  /** What denies the deployment if a policy applies to this source. */
  readonly concerns: readonly Problem[];
}

/** What one operation, or the spec, would deploy. */
export interface Deployment {
  /** What Argo CD would execute: the operation, the running one in the status, or the spec's own target. */
  readonly via: 'operation' | 'operationState' | 'spec';
  /** Started by automated sync. Written by whoever writes the operation: good for a time budget, never for trust. */
  readonly automated: boolean;
  /** All of them are deployed, or, where the object is ambiguous, may be. Empty where there is no source at all. */
  readonly sources: readonly PlannedSource[];
  /** What denies the deployment if a policy applies to any of its sources. */
  readonly concerns: readonly Problem[];
  /** The object holds several answers to what its sources are: denied unless every source listed is allowed. */
  readonly ambiguity: Problem | null;
}

/** Revisions as operations and their results carry them: one beside one source, a list beside a list. */
export interface Revisions {
  readonly revision: string;
  readonly revisions: readonly string[];
}

/** One of the lists of sources that an object may mean, with the revisions that belong to it. */
interface Candidate {
  readonly field: string;
  readonly fields: readonly SourceFields[];
  readonly revisions: readonly string[];
}

/** What `operation` would deploy, given the spec that stands beside it. */
export function planOperation(
  via: 'operation' | 'operationState',
  operation: Operation,
  spec: DeclaredSources,
  enablesOCI: EnablesOCI,
): Deployment {
  const { sync } = operation;
  const own = candidates('operation.sync', sync, sync);
  const fromSpec = own.length === 0;
  const chosen = fromSpec ? candidates('spec', spec, sync) : own;
  const plan = planCandidates(via, chosen, enablesOCI);
  const concerns = [...plan.concerns];
  if (sync.manifests > 0) concerns.push(problem('operation-local-manifests', { manifests: sync.manifests }));
  if (fromSpec) concerns.push(problem('operation-without-source', {}));
  if (operation.refresh) concerns.push(problem('operation-refresh', {}));
  return { ...plan, automated: operation.automated, concerns };
}

/** What a list of sources with their revisions would deploy: the spec's target, or what a running operation holds. */
export function planSources(
  via: 'spec' | 'operationState',
  declared: DeclaredSources,
  revisions: Revisions,
  enablesOCI: EnablesOCI,
): Deployment {
  return planCandidates(via, candidates(via === 'spec' ? 'spec' : 'syncResult', declared, revisions), enablesOCI);
}

/**
 * The lists of sources that `declared` may mean, the one that Argo CD executes first: `sources` before
 * `sourceHydrator` before `source` (`controller/sync.go`, `newSyncOperationResult` and `SyncAppState`).
 */
function candidates(at: string, declared: DeclaredSources, { revision, revisions }: Revisions): Candidate[] {
  const found: Candidate[] = [];
  if (declared.sources.length > 0) found.push({ field: `${at}.sources`, fields: declared.sources, revisions });
  if (declared.sourceHydrator !== null) {
    const fields = [hydratedSource(declared.sourceHydrator)];
    found.push({ field: `${at}.sourceHydrator`, fields, revisions: [revision] });
  }
  if (declared.source !== null) found.push({ field: `${at}.source`, fields: [declared.source], revisions: [revision] });
  return found;
}

function planCandidates(via: Deployment['via'], chosen: readonly Candidate[], enablesOCI: EnablesOCI): Deployment {
  const sources: PlannedSource[] = [];
  const concerns: Problem[] = [];
  for (const { fields, revisions } of chosen) {
    // CompareAppState: with lists of different length every source falls back; an empty entry only by itself.
    const matching = revisions.length === fields.length;
    if (!matching && revisions.length > 0) {
      concerns.push(problem('operation-revisions-mismatch', { sources: fields.length, revisions: revisions.length }));
    }
    for (const [place, field] of fields.entries()) {
      const source = toSource(field, sources.length, enablesOCI);
      const given = matching ? (revisions[place] ?? '') : '';
      sources.push(plannedSource(source, given === '' ? source.targetRevision : given));
    }
  }
  if (chosen.length === 0) concerns.push(problem('source-missing', {}));
  const fields = chosen.map(({ field }) => field);
  const ambiguity = chosen.length > 1 ? problem('source-ambiguous', { fields }) : null;
  return { via, automated: false, sources, concerns, ambiguity };
}

function plannedSource(source: Source, revision: string): PlannedSource {
  const pinned = isPinned(source.kind, revision);
  const concerns: Problem[] = [];
  if (source.repoURL === '') concerns.push(problem('source-without-repository', {}));
  if (!pinned && source.kind !== 'git' && source.kind !== 'ref') {
    concerns.push(problem('revision-not-pinned', { revision: quotable(revision), wanted: wanted(source.kind) }));
  }
  return { source, revision, pinned, concerns };
}

/**
 * Whether a revision can mean one thing only. Helm resolves whatever is not a full version a second time, as a
 * constraint, and takes the first entry of the index that fits: `1.2` deploys the latest 1.2.x.
 */
export function isPinned(kind: Source['kind'], revision: string): boolean {
  switch (kind) {
    case 'helm-http':
    case 'helm-oci':
      return /^v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/.test(revision);
    case 'oci':
      return /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/.test(revision);
    case 'git':
    case 'ref':
      return /^[0-9a-f]{40}$/i.test(revision);
  }
}

function wanted(kind: 'helm-http' | 'helm-oci' | 'oci'): string {
  return kind === 'oci' ? 'a digest' : 'a full version';
}

/**
 * Whether a deployment that was judged leaves nothing to judge in another: the same sources, and no concern that the
 * first had not. Argo CD itself replaces Git revisions in the status by the commits that they resolve to; nothing
 * that is verified depends on them.
 */
export function covers(judged: Deployment, other: Deployment): boolean {
  const known = new Set(judged.concerns.map(({ code }) => code));
  return essence(judged) === essence(other) && other.concerns.every(({ code }) => known.has(code));
}

function essence({ sources }: Deployment): string {
  return JSON.stringify(
    sources.map(({ source, revision }) => [
      source.kind,
      source.repoURL,
      source.chart,
      source.path,
      source.ref,
      source.passCredentials,
      source.kind === 'git' || source.kind === 'ref' ? null : revision,
    ]),
  );
}
