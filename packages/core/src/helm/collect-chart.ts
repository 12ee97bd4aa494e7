import { FetchFault } from '../ports.ts';
import { partialRevision } from '../revision/deployed-by-helm.ts';
import type { ResolvedRevision } from '../revision/resolve-revision.ts';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { sha256 } from '../verdict/sha256.ts';
import type { Digest } from '../verdict/verdict.ts';
import { readArchive, type ChartArchive } from './archive.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits } from './archive-unpack.ts';
import { findProvenance } from './find-provenance.ts';
import type { IndexEntry } from './index-entry.ts';
import { INDEX_LIMITS } from './index-reader.ts';
import type { IndexThread } from './index-thread.ts';
import { lookUpChart, type RequestedSource } from './look-up-chart.ts';
import { MAX_PROVENANCE_BYTES } from './provenance-document.ts';
import { fileNameOf, type Target } from './provenance-location.ts';
import { ask, discard, isAbsent, problemOfStatus, read, type RepositoryRequest } from './repository-request.ts';
import type { ProvenanceEvidence } from './verify-provenance.ts';
import { writtenDigest } from './written-digest.ts';

export interface CollectLimits {
  /** Bytes of the index; default 128 MiB. */
  readonly maxIndexBytes: number;
  /** Bytes of the packed chart; default 64 MiB. */
  readonly maxChartBytes: number;
  /** Bytes of the provenance file; default 1 MiB. */
  readonly maxProvenanceBytes: number;
  readonly archive: ArchiveLimits;
}

export const COLLECT_LIMITS: CollectLimits = {
  maxIndexBytes: INDEX_LIMITS.maxBytes,
  maxChartBytes: 64 * 1024 * 1024,
  maxProvenanceBytes: MAX_PROVENANCE_BYTES,
  archive: ARCHIVE_LIMITS,
};

export type CollectPhase = 'index' | 'chart' | 'provenance';

export interface CollectRequest extends RepositoryRequest, RequestedSource {
  readonly indexThread: IndexThread;
  /** The time that the evidence is dated with. */
  readonly now: Date;
  readonly limits?: CollectLimits;
  readonly onPhase?: (phase: CollectPhase) => void;
}

/** Everything that a verdict on a chart rests on. Nothing in it has been believed yet. */
export interface ChartEvidence {
  readonly requested: RequestedSource;
  /** What Argo CD makes of the target revision. */
  readonly resolved: ResolvedRevision;
  /** The version that Helm deploys for that. */
  readonly version: string;
  /** Set where Argo CD would show a version and Helm take it for a range. */
  readonly partial: Problem | null;
  readonly indexEntry: IndexEntry;
  /** The entry's digest, if it is a SHA-256 in one of its two spellings. */
  readonly indexDigest: Digest | null;
  /** Where the bytes came from, for people. */
  readonly chartUrl: string;
  readonly chart: {
    /** SHA-256 of the bytes, calculated here. */
    readonly digest: Digest;
    readonly size: number;
    readonly fileName: string;
  };
  readonly archive: { readonly archive: ChartArchive } | { readonly problem: Problem };
  readonly provenance: ProvenanceEvidence;
  /** RFC 3339. */
  readonly observedAt: string;
}

export type Collected = { readonly evidence: ChartEvidence } | { readonly problem: Problem };

/**
 * Looks up a chart in its repository and fetches it with its provenance file: the only place where Helm evidence is
 * gathered from the network. What can't be had is a problem; what is definitely not there is evidence of that.
 * Throws only for an aborted signal, and bugs.
 */
export async function collectChart(request: CollectRequest): Promise<Collected> {
  const limits = request.limits ?? COLLECT_LIMITS;
  try {
    request.onPhase?.('index');
    const found = await lookUpChart(request, limits.maxIndexBytes);
    if ('problem' in found) return found;
    request.onPhase?.('chart');
    const chart = await fetchChart(request, found.target, limits.maxChartBytes);
    if ('problem' in chart) return chart;
    const archive = await readArchive(chart.bytes, limits.archive);
    request.onPhase?.('provenance');
    const provenance = await findProvenance(request, found.target, chart.bytes, limits.maxProvenanceBytes);
    const { repoURL, chart: name, targetRevision } = request;
    return {
      evidence: {
        requested: { repoURL, chart: name, targetRevision },
        resolved: found.resolved,
        version: found.entry.version,
        partial: partialRevision(found.resolved.revision, found.entry.version),
        indexEntry: found.entry,
        indexDigest: writtenDigest(found.entry.digest),
        chartUrl: found.target.shown,
        chart: { digest: chart.digest, size: chart.bytes.length, fileName: fileNameOf(found.target) },
        archive,
        provenance,
        observedAt: request.now.toISOString(),
      },
    };
  } catch (error) {
    if (error instanceof FetchFault) return { problem: error.problem };
    throw error;
  }
}

async function fetchChart(
  request: RepositoryRequest,
  target: Target,
  maxBytes: number,
): Promise<{ readonly bytes: Uint8Array; readonly digest: Digest } | { readonly problem: Problem }> {
  const response = await ask(request, target, maxBytes);
  if ('problem' in response) return response;
  if (response.status !== 200) {
    await discard(response);
    return {
      problem: isAbsent(response.status)
        ? problem('chart-missing', { url: target.shown, status: response.status })
        : problemOfStatus(target, response.status),
    };
  }
  const bytes = await read(response, target, maxBytes);
  return { bytes, digest: sha256(bytes) };
}
