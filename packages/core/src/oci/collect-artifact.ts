import { readArchive, type ChartArchive } from '../helm/archive.ts';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import type { Digest } from '../verdict/verdict.ts';
import { OCI_CHART_LIMITS, type OciChartLimits } from './chart.ts';
import { HELM_CHART, HELM_CONFIG } from './chart-layers.ts';
import { deployable, type Descriptor, type ImageManifest } from './manifest.ts';
import { ociRepository, type RepositoryName } from './reference.ts';
import { RegistryRepository } from './registry.ts';
import type { RegistryAccess } from './registry-request.ts';
import { type ResolvedArtifact, resolveArtifact } from './resolve.ts';

export interface ArtifactRequest {
  readonly repoURL: string;
  readonly targetRevision: string;
  readonly registry: RegistryAccess;
  /** The time that the evidence is dated with. */
  readonly now: Date;
  /** As `ARGOCD_REPO_SERVER_OCI_LAYER_MEDIA_TYPES` has them; default: {@link LAYER_TYPES}. */
  readonly layerTypes?: readonly string[];
  readonly limits?: OciChartLimits;
}

/** Everything that a verdict on a plain OCI source rests on. */
export interface ArtifactEvidence {
  readonly requested: Pick<ArtifactRequest, 'repoURL' | 'targetRevision'>;
  readonly repository: RepositoryName;
  /** Null where it was asked for by digest. */
  readonly tag: string | null;
  readonly manifest: { readonly digest: Digest; readonly bytes: Uint8Array };
  /** Media type of the configuration, which says what kind of artifact it is. */
  readonly configType: string;
  /** What Argo CD unpacks; only its digest counts, so it is not fetched unless it is a chart. */
  readonly content: Descriptor;
  /** Null: it is no chart. A chart's signed bytes must be of the name and version that were asked for. */
  readonly chart: { readonly archive: ChartArchive } | { readonly problem: Problem } | null;
  /** RFC 3339. */
  readonly observedAt: string;
}

export type CollectedArtifact = { readonly evidence: ArtifactEvidence } | { readonly problem: Problem };

/** What Argo CD 3.6.1 unpacks unless told otherwise. */
const LAYER_TYPES: readonly string[] = [
  'application/vnd.oci.image.layer.v1.tar',
  'application/vnd.oci.image.layer.v1.tar+gzip',
  HELM_CHART,
];

const MAX_LAYERS = 10;

/**
 * Resolves a plain OCI source and keeps to what Argo CD would deploy of it: one manifest, at most ten layers, exactly
 * one of them with content (3.6.1, util/oci/client.go `extract`). What Argo CD refuses is a problem here.
 */
export async function collectArtifact(request: ArtifactRequest): Promise<CollectedArtifact> {
  const { repoURL, targetRevision, registry } = request;
  const named = ociRepository(repoURL);
  if ('problem' in named) return named;
  const repository = new RegistryRepository(named.repository, registry);
  const found = await resolveArtifact(repository, targetRevision);
  if ('problem' in found) return found;
  return artifactOf(repository, found, { repoURL, targetRevision }, request);
}

/** What Argo CD would deploy of a manifest that was asked for by tag or by digest. */
export async function artifactOf(
  repository: RegistryRepository,
  { received, tag }: ResolvedArtifact,
  requested: ArtifactEvidence['requested'],
  { now, layerTypes = LAYER_TYPES, limits = OCI_CHART_LIMITS }: Pick<ArtifactRequest, 'now' | 'layerTypes' | 'limits'>,
): Promise<CollectedArtifact> {
  const image = deployable(received.content);
  if ('problem' in image) return image;
  const content = contentLayer(image.image, layerTypes);
  if ('problem' in content) return content;
  let chart: ArtifactEvidence['chart'] = null;
  if (isChart(image.image)) {
    const blob = await repository.blob(content.layer, limits.maxChartBytes);
    if ('problem' in blob) return blob;
    chart = await readArchive(blob.bytes, limits.archive);
  }
  return {
    evidence: {
      requested,
      repository: repository.repository,
      tag,
      manifest: { digest: received.digest, bytes: received.bytes },
      configType: quotable(image.image.config.mediaType),
      content: content.layer,
      chart,
      observedAt: now.toISOString(),
    },
  };
}

/** The layer that Argo CD unpacks. */
function contentLayer(
  image: ImageManifest,
  layerTypes: readonly string[],
): { readonly layer: Descriptor } | { readonly problem: Problem } {
  const { layers, subject } = image;
  // Argo CD counts the layers of the manifest, and unpacks those of its subject as well.
  if (subject !== null) return { problem: problem('oci-artifact-subject', {}) };
  if (layers.length > MAX_LAYERS) {
    return { problem: problem('oci-artifact-layers', { layers: layers.length, limit: MAX_LAYERS }) };
  }
  const content = layers.filter(({ mediaType }) => (isChart(image) ? mediaType === HELM_CHART : isArchive(mediaType)));
  const refused = content.find(({ mediaType }) => !layerTypes.includes(mediaType));
  if (refused !== undefined) return { problem: problem('oci-layer-type', { mediaType: quotable(refused.mediaType) }) };
  const [layer, ...more] = content;
  if (layer === undefined || more.length > 0) {
    return { problem: problem('oci-content-layers', { expected: '1', actual: String(content.length) }) };
  }
  return { layer };
}

function isChart({ config }: ImageManifest): boolean {
  return config.mediaType === HELM_CONFIG;
}

/** `isCompressedLayer` there. */
function isArchive(mediaType: string): boolean {
  return ['tar+gzip', 'tar.gzip', 'tar'].some((ending) => mediaType.endsWith(ending));
}
