import type { Report, SourceReport } from '@source-integrity/core/contract';
import type { CommitCheck } from './commit-check.ts';
import { commitKey, commitsOf, isGit, type Commit, type KnownRevisions, nothingKnown } from './commit.ts';

/** What is known of Git sources beside the report. */
export interface GitState {
  readonly known: KnownRevisions;
  /** By {@link commitKey}. */
  readonly checks: ReadonlyMap<string, CommitCheck>;
}

export const nothingAsked: GitState = { known: nothingKnown, checks: new Map() };

export interface CheckedCommit extends Commit {
  /** Null: it was not asked for. */
  readonly check: CommitCheck | null;
}

export interface GitResult {
  readonly source: SourceReport;
  readonly target: CheckedCommit | null;
  readonly deployed: CheckedCommit | null;
}

/** Argo CD's answer for each Git source, in their order. */
export function gitResults(report: Report, git: GitState): readonly GitResult[] {
  return report.sources.filter(isGit).map((source) => gitResult(source, git));
}

export function gitResult(source: SourceReport, { known, checks }: GitState): GitResult {
  const { target, deployed } = commitsOf(source, known);
  const checked = (commit: Commit | null): CheckedCommit | null =>
    commit === null ? null : { ...commit, check: checks.get(commitKey(commit)) ?? null };
  return { source, target: checked(target), deployed: checked(deployed) };
}

/** The commits that Argo CD is to be asked about. */
export function commitsToAsk(report: Report, known: KnownRevisions): readonly Commit[] {
  return report.sources
    .filter(isGit)
    .flatMap((source) => {
      const { target, deployed } = commitsOf(source, known);
      return [target, deployed];
    })
    .filter((commit) => commit !== null);
}

/** Whether Argo CD itself would not deploy the commit. */
export function isRefused({ target }: GitResult): boolean {
  return target?.check?.state === 'failed' || target?.check?.state === 'unsigned';
}
