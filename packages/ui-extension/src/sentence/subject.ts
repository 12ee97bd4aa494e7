import type { Report, SourceReport } from '@source-integrity/core/contract';

/** What a sentence about a source is about, as in the middle of a sentence: "chart payments 1.4.2". */
export function subjectOf(source: SourceReport): string {
  const revision = source.revision ?? source.targetRevision;
  const version = revision === '' ? '' : ` ${revision}`;
  switch (source.kind) {
    case 'helm-http':
    case 'helm-oci':
      return `chart ${source.name}${version}`;
    case 'oci':
      return `artifact ${source.name}${version}`;
    case 'git':
    case 'ref':
      return `source ${source.name}`;
  }
}

export function applicationSubject(report: Report): string {
  return `application ${report.application.name}`;
}

/** The same at the beginning of a sentence. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
