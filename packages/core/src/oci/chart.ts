import { readArchive, type ChartArchive } from '../helm/archive.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits } from '../helm/archive-unpack.ts';
import { MAX_PROVENANCE_BYTES } from '../helm/provenance-document.ts';
import type { RequestedChart } from '../helm/compare-chart.ts';
import type { ChartQuestion, ProvenanceEvidence } from '../helm/verify-provenance.ts';
import type { ResolvedRevision } from '../revision/resolve-revision.ts';
import type { Problem } from '../verdict/problem.ts';
import { sha256 } from '../verdict/sha256.ts';
import type { Digest } from '../verdict/verdict.ts';
import { chartLayers } from './chart-layers.ts';
import { compareConfig } from './compare-config.ts';
import { OCI_LIMITS } from './limits.ts';
import { deployable, type Descriptor } from './manifest.ts';
import { formatReference, helmChartRepository, type RepositoryName } from './reference.ts';
import { RegistryRepository } from './registry.ts';
import type { RegistryAccess } from './registry-request.ts';
import { type ResolvedArtifact, resolveChart } from './resolve.ts';

/** A chart in a registry, as an Application asks for it. */
interface RequestedOciChart {
  readonly repoURL: string;
  readonly chart: string;
  readonly targetRevision: string;
}

export interface OciChartLimits {
  /** Bytes of the packed chart; default 64 MiB. */
  readonly maxChartBytes: number;
  readonly archive: ArchiveLimits;
}

export const OCI_CHART_LIMITS: OciChartLimits = { maxChartBytes: 64 * 1024 * 1024, archive: ARCHIVE_LIMITS };

export interface OciChartRequest extends RequestedOciChart {
  readonly registry: RegistryAccess;
  /** The time that the evidence is dated with. */
  readonly now: Date;
  readonly limits?: OciChartLimits;
  readonly onPhase?: (phase: 'manifest' | 'chart' | 'provenance') => void;
}

/** Everything that a verdict on a chart in a registry rests on. Nothing in it has been believed yet. */
export interface OciChartEvidence {
  readonly requested: RequestedOciChart;
  /** What Argo CD makes of the target revision. */
  readonly resolved: ResolvedRevision;
  /** The version that is asked for; its tag has `_` for `+`. By digest: the chart's own. */
  readonly version: string;
  readonly repository: RepositoryName;
  readonly tag: string | null;
  readonly manifest: { readonly digest: Digest; readonly bytes: Uint8Array };
  readonly chart: {
    /** SHA-256 of the bytes, calculated here: what a provenance file names. */
    readonly digest: Digest;
    readonly size: number;
    /** As `helm pull` names it: by the reference, not by the chart. By digest: as `helm package` does. */
    readonly fileName: string;
  };
  readonly archive: { readonly archive: ChartArchive } | { readonly problem: Problem };
  /** What is odd about manifest and configuration. */
  readonly remarks: readonly Problem[];
  readonly provenance: ProvenanceEvidence;
  /** RFC 3339. */
  readonly observedAt: string;
}

export type CollectedOciChart = { readonly evidence: OciChartEvidence } | { readonly problem: Problem };

/**
 * Resolves a chart in a registry and fetches it with its provenance. The tag is asked for once; from there on all goes
 * by digest. Throws only for an aborted signal, and bugs.
 */
export async function collectOciChart(request: OciChartRequest): Promise<CollectedOciChart> {
  const { repoURL, chart: name, targetRevision, registry, onPhase } = request;
  const named = helmChartRepository(repoURL, name);
  if ('problem' in named) return named;
  const repository = new RegistryRepository(named.repository, registry);
  onPhase?.('manifest');
  const found = await resolveChart(repository, targetRevision);
  if ('problem' in found) return found;
  const asked = { requested: { repoURL, chart: name, targetRevision }, resolved: found.resolved };
  return chartOf(repository, found, asked, request);
}

/**
 * The chart of a manifest that was asked for by tag or by digest. By digest nobody asks for a version, so that it is
 * the one that the chart says.
 */
export async function chartOf(
  repository: RegistryRepository,
  { received, tag }: ResolvedArtifact,
  asked: Pick<OciChartEvidence, 'requested' | 'resolved'>,
  { limits = OCI_CHART_LIMITS, now, onPhase }: Pick<OciChartRequest, 'limits' | 'now' | 'onPhase'>,
): Promise<CollectedOciChart> {
  const image = deployable(received.content);
  if ('problem' in image) return image;
  const layers = chartLayers(image.image);
  if ('problem' in layers) return layers;
  onPhase?.('chart');
  const chart = await repository.blob(layers.chart, limits.maxChartBytes);
  if ('problem' in chart) return chart;
  const archive = await readArchive(chart.bytes, limits.archive);
  const config = await repository.blob(layers.config, OCI_LIMITS.configBytes);
  if ('problem' in config) return config;
  onPhase?.('provenance');
  const provenance = await findProvenanceLayer(repository, received.digest, layers.provenance);
  const metadata = 'archive' in archive ? archive.archive.metadata : null;
  const byReference = { name: chartName(repository.repository), version: asked.resolved.revision };
  const called = tag === null ? (metadata ?? byReference) : byReference;
  return {
    evidence: {
      ...asked,
      version: called.version,
      repository: repository.repository,
      tag,
      manifest: { digest: received.digest, bytes: received.bytes },
      chart: {
        digest: sha256(chart.bytes),
        size: chart.bytes.length,
        fileName: `${called.name}-${called.version}.tgz`,
      },
      archive,
      remarks: [...layers.warnings, ...(metadata === null ? [] : compareConfig(config.bytes, metadata))],
      provenance,
      observedAt: now.toISOString(),
    },
  };
}

/** The question that a provenance file answers about this evidence. */
export function chartQuestion(
  { chart, archive, remarks, provenance, ...named }: OciChartEvidence,
  by: Pick<ChartQuestion, 'keyring' | 'trust' | 'rules' | 'now'>,
): ChartQuestion {
  return {
    chart: {
      fileName: chart.fileName,
      digest: chart.digest,
      metadata: 'archive' in archive ? archive.archive.metadata : null,
      problems: 'archive' in archive ? remarks : [archive.problem, ...remarks],
    },
    requested: requestedChart(named),
    indexDigest: null,
    provenance,
    keyring: by.keyring,
    trust: by.trust,
    rules: by.rules,
    now: by.now,
  };
}

/** The name and version that the bytes must have; null by digest, which leaves nothing to be mistaken. */
export function requestedChart({
  repository,
  tag,
  version,
}: Pick<OciChartEvidence, 'repository' | 'tag' | 'version'>): RequestedChart | null {
  return tag === null ? null : { name: chartName(repository), version };
}

/** The last segment of the path. */
export function chartName({ name }: RepositoryName): string {
  return name.split('/').at(-1) ?? name;
}

async function findProvenanceLayer(
  repository: RegistryRepository,
  manifest: Digest,
  layer: Descriptor | null,
): Promise<ProvenanceEvidence> {
  if (layer === null) {
    const location = formatReference(repository.repository, manifest);
    const found = 'a manifest without a layer for provenance';
    return { state: 'absent', searched: [{ kind: 'provenance-layer', location, found }] };
  }
  const blob = await repository.blob(layer, MAX_PROVENANCE_BYTES);
  if ('problem' in blob) return { state: 'unknown', problem: blob.problem };
  return { state: 'found', location: formatReference(repository.repository, layer.digest), bytes: blob.bytes };
}
