import type { SourceReport } from './report.ts';

/** How sentences name a source: "Chart payments 1.4.2", "Artifact ghcr.io/acme/config 2.1.0", "Source values". */
export function subjectOf(source: Pick<SourceReport, 'kind' | 'name' | 'revision' | 'targetRevision'>): string {
  const version = source.revision ?? source.targetRevision;
  switch (source.kind) {
    case 'helm-http':
    case 'helm-oci':
      return `Chart ${source.name}${version === '' ? '' : ` ${version}`}`;
    case 'oci':
      return `Artifact ${source.name}${version === '' ? '' : ` ${version}`}`;
    case 'git':
    case 'ref':
      return `Source ${source.name}`;
  }
}
