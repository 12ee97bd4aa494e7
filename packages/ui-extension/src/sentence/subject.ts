import type { Report, SourceReport } from '@source-integrity/core/contract';
import { isGit } from '../git/commit.ts';

/** What a source brings: "chart". */
export function nounOf({ kind }: Pick<SourceReport, 'kind'>): string {
  switch (kind) {
    case 'helm-http':
    case 'helm-oci':
      return 'chart';
    case 'oci':
      return 'artifact';
    case 'git':
    case 'ref':
      return 'source';
  }
}

/** What a sentence about a source is about, as in the middle of a sentence: "chart payments 1.4.2". */
export function subjectOf(source: SourceReport): string {
  const revision = source.revision ?? source.targetRevision;
  const version = revision === '' || isGit(source) ? '' : ` ${revision}`;
  return `${nounOf(source)} ${source.name}${version}`;
}

export function applicationSubject(report: Report): string {
  return `application ${report.application.name}`;
}

/** The same at the beginning of a sentence. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
