import { versionOfTag } from '../revision/resolve-revision.ts';
import type { Problem } from '../verdict/problem.ts';
import { type Digest, type NonEmpty } from '../verdict/verdict.ts';
import { chartName, chartOf, collectOciChart, type CollectedOciChart, type OciChartEvidence } from './chart.ts';
import { HELM_CONFIG } from './chart-layers.ts';
import { type ArtifactEvidence, artifactOf, collectArtifact, type CollectedArtifact } from './collect-artifact.ts';
import { type Discovered, discoverSignatures } from './discover-signatures.ts';
import { deployable } from './manifest.ts';
import { formatRepository, parseReference, type RepositoryName } from './reference.ts';
import { RegistryRepository } from './registry.ts';
import type { RegistryAccess } from './registry-request.ts';
import { byReference } from './resolve.ts';

/** Everything that a verdict on a source in a registry rests on. Nothing in it has been believed yet. */
export type RegistryEvidence = { readonly signatures: Discovered } & (
  | { readonly form: 'chart'; readonly chart: OciChartEvidence }
  | { readonly form: 'artifact'; readonly artifact: ArtifactEvidence }
);

/** Where signatures are looked for, and how. */
interface Places {
  /** Where policies say that signatures are, beside the artifact's own repository: `ghcr.io/acme/signatures`. */
  readonly signatureRepositories: readonly string[];
  readonly registry: RegistryAccess;
  /** How another registry is asked, where signatures lie in one. */
  readonly accessTo: (repository: RepositoryName) => RegistryAccess | { readonly problem: Problem };
  readonly onPhase?: (phase: 'resolving' | 'downloading') => void;
}

export interface RegistrySourceRequest extends Places {
  readonly repoURL: string;
  /** Null: a plain OCI source. */
  readonly chart: string | null;
  readonly targetRevision: string;
  readonly now: Date;
}

export type CollectedRegistrySource = { readonly evidence: RegistryEvidence } | { readonly problem: Problem };

/** Resolves a source in a registry, fetches what has to be looked into, and finds the signatures beside it. */
export async function collectRegistrySource(request: RegistrySourceRequest): Promise<CollectedRegistrySource> {
  const { repoURL, chart, targetRevision, registry, now, onPhase } = request;
  onPhase?.('resolving');
  return chart === null
    ? artifactWithSignatures(await collectArtifact({ repoURL, targetRevision, registry, now }), request)
    : chartWithSignatures(await collectOciChart({ repoURL, chart, targetRevision, registry, now }), request);
}

export interface ReferenceRequest extends Places {
  readonly repository: RepositoryName;
  readonly tagOrDigest: string;
  readonly now: Date;
}

/** The same for what a person names by tag or digest: no range is resolved, and a chart is known by its manifest. */
export async function collectReference(request: ReferenceRequest): Promise<CollectedRegistrySource> {
  const { repository: name, tagOrDigest, registry, onPhase } = request;
  const repository = new RegistryRepository(name, registry);
  onPhase?.('resolving');
  const resolved = await byReference(repository, tagOrDigest);
  if ('problem' in resolved) return resolved;
  const image = deployable(resolved.received.content);
  if ('problem' in image) return image;
  const repoURL = `oci://${formatRepository(name)}`;
  const { now } = request;
  if (image.image.config.mediaType !== HELM_CONFIG) {
    const requested = { repoURL, targetRevision: tagOrDigest };
    return artifactWithSignatures(await artifactOf(repository, resolved, requested, { now }), request);
  }
  const chart = chartName(name);
  const asked = {
    requested: { repoURL: repoURL.slice(0, -chart.length - 1), chart, targetRevision: tagOrDigest },
    resolved: { revision: versionOfTag(tagOrDigest), kind: 'version' as const },
  };
  return chartWithSignatures(await chartOf(repository, resolved, asked, { now }), request);
}

async function chartWithSignatures(found: CollectedOciChart, places: Places): Promise<CollectedRegistrySource> {
  if ('problem' in found) return found;
  const { evidence: chart } = found;
  const signatures = await signaturesOf(chart.manifest.digest, chart.repository, places);
  return 'problem' in signatures
    ? signatures
    : { evidence: { form: 'chart', chart, signatures: signatures.discovered } };
}

async function artifactWithSignatures(found: CollectedArtifact, places: Places): Promise<CollectedRegistrySource> {
  if ('problem' in found) return found;
  const { evidence: artifact } = found;
  const signatures = await signaturesOf(artifact.manifest.digest, artifact.repository, places);
  return 'problem' in signatures
    ? signatures
    : { evidence: { form: 'artifact', artifact, signatures: signatures.discovered } };
}

async function signaturesOf(
  digest: Digest,
  own: RepositoryName,
  { signatureRepositories, registry, accessTo, onPhase }: Places,
): Promise<{ readonly discovered: Discovered } | { readonly problem: Problem }> {
  onPhase?.('downloading');
  const repositories: NonEmpty<RegistryRepository> = [new RegistryRepository(own, registry)];
  for (const written of signatureRepositories) {
    const named = parseReference(written);
    if ('problem' in named) return named;
    const access = accessTo(named.reference.repository);
    if ('problem' in access) return access;
    repositories.push(new RegistryRepository(named.reference.repository, access));
  }
  return { discovered: await discoverSignatures(digest, repositories) };
}

/** The manifest that everything is about. */
export function manifestOf(evidence: RegistryEvidence): { readonly digest: Digest; readonly bytes: Uint8Array } {
  return evidence.form === 'chart' ? evidence.chart.manifest : evidence.artifact.manifest;
}

/** Repository and tag; the tag is null where a digest was asked for. */
export function placeOf(evidence: RegistryEvidence): {
  readonly repository: RepositoryName;
  readonly tag: string | null;
} {
  return evidence.form === 'chart' ? evidence.chart : evidence.artifact;
}
