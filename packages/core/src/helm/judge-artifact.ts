import { entryOf, problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import type { StrictRules } from '../verdict/strict-rules.ts';
import type { Digest } from '../verdict/verdict.ts';
import type { ChartMetadata } from './chart-metadata.ts';
import { compareDigest, compareMetadata, type RequestedChart } from './compare-chart.ts';
import type { ProvenanceDocument, ProvenanceDocumentOutcome } from './provenance-document.ts';

/** A chart's bytes, and what they ought to be. */
export interface ArtifactQuestion {
  readonly chart: {
    /** Base name under which the chart was had: `payments-1.4.2.tgz`. */
    readonly fileName: string;
    /** SHA-256 that was calculated over the bytes. */
    readonly digest: Digest;
    /** What the Chart.yaml inside says; null where it could not be read, for which `problems` has the reason. */
    readonly metadata: ChartMetadata | null;
    /** What else is wrong with the archive. */
    readonly problems: readonly Problem[];
  };
  readonly rules: StrictRules;
  /** null: nobody asked for a name and version (a file was given). */
  readonly requested: RequestedChart | null;
  /** What index.yaml promises; null: nothing. */
  readonly indexDigest: Digest | null;
}

/** What the chart's bytes say, compared with what is known of them. */
export interface ArtifactJudgement {
  /** The most important first. */
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/**
 * Compares a chart with the signed text (null: there is none), with index.yaml and with what was asked for. Whether
 * the text is to be believed is not judged here.
 */
export function judgeArtifact(
  { chart, requested, indexDigest, rules }: ArtifactQuestion,
  read: ProvenanceDocumentOutcome | null,
): ArtifactJudgement {
  const document = read !== null && 'document' in read ? read.document : null;
  const digest = document === null ? null : compareDigest(document.files, chart.fileName, chart.digest);
  const metadata = judgeMetadata(chart.metadata, document, requested, chart.problems);
  const found = [
    ...(read !== null && 'problem' in read ? [read.problem] : []),
    ...(digest === null ? [] : [digest]),
    ...(indexDigest === null || indexDigest === chart.digest
      ? []
      : [problem('index-digest-mismatch', { expected: indexDigest, actual: chart.digest })]),
    ...chart.problems.filter((each) => !ofMetadata(each)),
    ...(rules.metadata === 'reject' ? metadata : []),
  ];
  return {
    problems: found.filter((each) => !isWarning(each)),
    warnings: [...found.filter(isWarning), ...(rules.metadata === 'accept' ? metadata : [])],
  };
}

/** What falls under the rule `metadata`. */
function judgeMetadata(
  chart: ChartMetadata | null,
  document: ProvenanceDocument | null,
  requested: RequestedChart | null,
  chartProblems: readonly Problem[],
): Problem[] {
  const unreadable = chartProblems.filter(ofMetadata);
  const signedFault =
    document !== null && 'fault' in document.metadata
      ? [problem('signed-metadata-unreadable', { ...document.metadata.fault })]
      : [];
  if (chart !== null) {
    const metadata = document === null ? null : metadataOf(document);
    return [...compareMetadata(chart, metadata, requested), ...signedFault, ...unreadable];
  }
  if (!chartProblems.every(isWarning)) return [...signedFault, ...unreadable];
  return [...signedFault, problem('chart-metadata-unreadable', { reason: 'it was not found', line: null })];
}

export function metadataOf({ metadata }: ProvenanceDocument): ChartMetadata | null {
  return 'metadata' in metadata ? metadata.metadata : null;
}

function ofMetadata({ code }: Problem): boolean {
  return code === 'chart-metadata-unreadable' || code === 'metadata-mismatch';
}

function isWarning({ code }: Problem): boolean {
  return entryOf(code)?.consequence === 'warning';
}
