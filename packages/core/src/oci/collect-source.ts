import type { Problem } from '../verdict/problem.ts';
import { type Digest, type NonEmpty } from '../verdict/verdict.ts';
import { collectOciChart, type OciChartEvidence } from './chart.ts';
import { type ArtifactEvidence, collectArtifact } from './collect-artifact.ts';
import { type Discovered, discoverSignatures } from './discover-signatures.ts';
import { parseReference, type RepositoryName } from './reference.ts';
import { RegistryRepository } from './registry.ts';
import type { RegistryAccess } from './registry-request.ts';

/** Everything that a verdict on a source in a registry rests on. Nothing in it has been believed yet. */
export type RegistryEvidence = { readonly signatures: Discovered } & (
  | { readonly form: 'chart'; readonly chart: OciChartEvidence }
  | { readonly form: 'artifact'; readonly artifact: ArtifactEvidence }
);

export interface RegistrySourceRequest {
  readonly repoURL: string;
  /** Null: a plain OCI source. */
  readonly chart: string | null;
  readonly targetRevision: string;
  /** Where policies say that signatures are, beside the artifact's own repository: `ghcr.io/acme/signatures`. */
  readonly signatureRepositories: readonly string[];
  readonly registry: RegistryAccess;
  /** How another registry is asked, where signatures lie in one. */
  readonly accessTo: (repository: RepositoryName) => RegistryAccess | { readonly problem: Problem };
  readonly now: Date;
  readonly onPhase?: (phase: 'resolving' | 'downloading') => void;
}

export type CollectedRegistrySource = { readonly evidence: RegistryEvidence } | { readonly problem: Problem };

/** Resolves a source in a registry, fetches what has to be looked into, and finds the signatures beside it. */
export async function collectRegistrySource(request: RegistrySourceRequest): Promise<CollectedRegistrySource> {
  const { repoURL, chart, targetRevision, registry, now, onPhase } = request;
  onPhase?.('resolving');
  if (chart !== null) {
    const found = await collectOciChart({ repoURL, chart, targetRevision, registry, now });
    if ('problem' in found) return found;
    const { repository, manifest } = found.evidence;
    const signatures = await signaturesOf(manifest.digest, repository, request);
    return 'problem' in signatures
      ? signatures
      : { evidence: { form: 'chart', chart: found.evidence, signatures: signatures.discovered } };
  }
  const found = await collectArtifact({ repoURL, targetRevision, registry, now });
  if ('problem' in found) return found;
  const { repository, manifest } = found.evidence;
  const signatures = await signaturesOf(manifest.digest, repository, request);
  return 'problem' in signatures
    ? signatures
    : { evidence: { form: 'artifact', artifact: found.evidence, signatures: signatures.discovered } };
}

async function signaturesOf(
  digest: Digest,
  own: RepositoryName,
  { signatureRepositories, registry, accessTo, onPhase }: RegistrySourceRequest,
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
