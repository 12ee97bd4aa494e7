import { isConstraint, resolveRevision, type ResolvedRevision, versionOfTag } from '../revision/resolve-revision.ts';
import { parseVersion, isVersion } from '../revision/version.ts';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { Digest } from '../verdict/verdict.ts';
import { formatReference, formatRepository, isTag, tagOfVersion } from './reference.ts';
import type { ReceivedManifest, RegistryRepository } from './registry.ts';

/** A manifest, and what led to it. Whoever has it asks by digest from there on. */
export interface ResolvedArtifact {
  readonly received: ReceivedManifest;
  /** The tag that was asked for; null where it was the digest. */
  readonly tag: string | null;
}

export type ArtifactResolution = ResolvedArtifact | { readonly problem: Problem };

/** The version that Helm pulls, and its manifest. */
export type ChartResolution =
  (ResolvedArtifact & { readonly resolved: ResolvedRevision }) | { readonly problem: Problem };

/**
 * What Argo CD makes of the target revision of a plain OCI source: a digest is kept, anything that can be a tag is one
 * if there is such a tag, and only then a constraint means the highest version among the tags. After Argo CD 3.6.1,
 * util/oci/client.go `resolveRevision`. Unlike there, a look-up that failed for another reason than absence is a
 * problem, since the tag may exist.
 */
export async function resolveArtifact(
  repository: RegistryRepository,
  targetRevision: string,
): Promise<ArtifactResolution> {
  if (targetRevision === '') return { problem: problem('revision-empty', {}) };
  // As in oras-go 2, `ParseReference`: a digest makes the tag before it meaningless.
  const digest = Digest.safeParse(targetRevision.slice(targetRevision.indexOf('@') + 1));
  if (digest.success) return byReference(repository, digest.data);
  const literal = isTag(targetRevision) ? await repository.manifest(targetRevision) : null;
  if (literal !== null && 'received' in literal) return { received: literal.received, tag: targetRevision };
  if (literal !== null && 'problem' in literal) return literal;
  if (!isConstraint(targetRevision)) {
    return literal === null ? notUnderstood(repository, targetRevision) : missing(repository, targetRevision, literal);
  }
  const versions = await versionsOf(repository);
  if ('problem' in versions) return versions;
  const resolved = resolveRevision(targetRevision, versions.versions);
  if ('problem' in resolved) return resolved;
  // Argo CD asks for the version, in which "_" has become "+", and no tag has one.
  if (!isTag(resolved.revision)) {
    return { problem: problem('oci-version-no-tag', { version: quotable(resolved.revision) }) };
  }
  return byReference(repository, resolved.revision);
}

/**
 * What Argo CD and Helm make of the target revision of a chart in a registry: any version – also a partial one – is the
 * tag, with `_` for `+`; a constraint means the highest version among the tags. After Argo CD 3.6.1
 * `newHelmClientResolveRevision` and Helm 4.3.1 `ValidateReference`.
 */
export async function resolveChart(repository: RegistryRepository, targetRevision: string): Promise<ChartResolution> {
  const pinned = isVersion(parseVersion(targetRevision));
  const versions = pinned || targetRevision === '' ? { versions: [] } : await versionsOf(repository);
  if ('problem' in versions) return versions;
  const resolved = resolveRevision(targetRevision, versions.versions);
  if ('problem' in resolved) return resolved;
  const tag = tagOfVersion(resolved.revision);
  if (!isTag(tag)) return notUnderstood(repository, tag);
  const found = await byReference(repository, tag);
  return 'problem' in found ? found : { ...found, resolved };
}

/** What a tag or a digest stands for, and nothing else: `1.2` is the tag of that name. */
export async function byReference(repository: RegistryRepository, tagOrDigest: string): Promise<ArtifactResolution> {
  const answer = await repository.manifest(tagOrDigest);
  if ('problem' in answer) return answer;
  if ('absent' in answer) return missing(repository, tagOrDigest, answer);
  return { received: answer.received, tag: isTag(tagOrDigest) ? tagOrDigest : null };
}

async function versionsOf(
  repository: RegistryRepository,
): Promise<{ readonly versions: readonly string[] } | { readonly problem: Problem }> {
  const answer = await repository.tags();
  if ('problem' in answer) return answer;
  if ('tags' in answer) return { versions: answer.tags.map(versionOfTag) };
  const reference = `${formatRepository(repository.repository)} (tags)`;
  return { problem: problem('oci-artifact-missing', { reference, status: answer.absent }) };
}

function missing(
  { repository }: RegistryRepository,
  tagOrDigest: string,
  { absent }: { readonly absent: number },
): { readonly problem: Problem } {
  const reference = formatReference(repository, tagOrDigest);
  return { problem: problem('oci-artifact-missing', { reference, status: absent }) };
}

function notUnderstood({ repository }: RegistryRepository, revision: string): { readonly problem: Problem } {
  const reference = quotable(`${formatRepository(repository)}:${revision}`);
  return { problem: problem('oci-reference-invalid', { reference, reason: 'has a tag that is none' }) };
}
