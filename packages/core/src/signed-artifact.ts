import type { PlannedSource } from './application/plan.ts';
import type { Source } from './application/source.ts';
import type { CosignRequirement, SignedArtifact } from './cosign/requirement.ts';
import { compareMetadata } from './helm/compare-chart.ts';
import type { Judgement } from './judgement.ts';
import { chartName } from './oci/chart.ts';
import { manifestOf, placeOf, type RegistryEvidence } from './oci/collect-source.ts';
import { formatRepository, isTag } from './oci/reference.ts';
import { parseConstraint, satisfies } from './revision/constraint.ts';
import { isConstraint, versionOfTag } from './revision/resolve-revision.ts';
import { isVersion, parseVersion } from './revision/version.ts';
import { problem } from './verdict/catalogue.ts';
import type { Problem } from './verdict/problem.ts';
import { quotable } from './verdict/quotable.ts';
import { isNonEmpty, type NonEmpty, type Observation } from './verdict/verdict.ts';

/** Whether the signatures of what lies in a registry are what is required, and for the chart that was asked for. */
export async function verifySigned(
  { source }: PlannedSource,
  evidence: RegistryEvidence,
  requirement: CosignRequirement,
  { verifySignatures, now }: Judgement,
): Promise<Observation> {
  const artifact = signedArtifact(source, evidence);
  const question = { artifact, discovered: evidence.signatures, requirement, now };
  return withChart((await verifySignatures(question)).observation, evidence, artifact.tag, source.targetRevision);
}

/**
 * What a signature has to be for. The revision of an operation is a digest, to which Argo CD has resolved a tag: the
 * tag that the Application names is what the signature was wanted for.
 */
export function signedArtifact({ targetRevision }: Source, evidence: RegistryEvidence): OciSignedArtifact {
  const { repository, tag } = placeOf(evidence);
  const [named = ''] = targetRevision.split('@');
  const wanted = isTag(named) && !isConstraint(named) ? named : null;
  return {
    kind: 'oci',
    digest: manifestOf(evidence).digest,
    repository: formatRepository(repository),
    tag: tag ?? (evidence.form === 'artifact' ? wanted : null),
  };
}

type OciSignedArtifact = Extract<SignedArtifact, { kind: 'oci' }>;

/**
 * A signature binds a digest only: an old signed chart under a new tag, or another chart under this one's name, is
 * still signed. So the chart inside the signed bytes has to be the one that was asked for.
 */
function withChart(
  observation: Observation,
  evidence: RegistryEvidence,
  tag: string | null,
  targetRevision: string,
): Observation {
  const wrong = chartProblems(evidence, tag, targetRevision);
  if (!isNonEmpty(wrong) || observation.status === 'indeterminate' || observation.status === 'unsupported') {
    return observation;
  }
  const [first] = wrong;
  const problems: NonEmpty<Problem> = 'problems' in observation ? [...observation.problems, ...wrong] : wrong;
  const checks = observation.checks.map((check) =>
    check.id === 'artifact-integrity' ? { id: check.id, outcome: 'failed' as const, problem: first } : check,
  );
  const { digest } = observation;
  const signers = 'signers' in observation ? observation.signers : [];
  const warnings = 'warnings' in observation ? observation.warnings : [];
  return { status: 'failed', digest, problems, signers, checks, warnings };
}

function chartProblems(evidence: RegistryEvidence, tag: string | null, targetRevision: string): Problem[] {
  const { repository } = placeOf(evidence);
  const archive = evidence.form === 'chart' ? evidence.chart.archive : evidence.artifact.chart;
  if (archive === null) return [];
  if ('problem' in archive) return [archive.problem];
  const { metadata } = archive.archive;
  const name = chartName(repository);
  if (evidence.form === 'chart') return compareMetadata(metadata, null, { name, version: evidence.chart.version });
  const version = tag === null ? metadata.version : versionOfTag(tag);
  const wrong = compareMetadata(metadata, null, { name, version });
  if (tag !== null || isWithin(metadata.version, targetRevision)) return wrong;
  const [expected, actual] = [quotable(targetRevision), quotable(metadata.version)];
  const where = 'the Application and Chart.yaml';
  return [...wrong, problem('metadata-mismatch', { field: 'version', where, expected, actual })];
}

/** Where a digest stands for a range of versions; a digest that was asked for itself is any version. */
function isWithin(text: string, targetRevision: string): boolean {
  const range = isConstraint(targetRevision) ? parseConstraint(targetRevision) : null;
  const version = parseVersion(text);
  return range === null || (isVersion(version) && satisfies(version, range));
}
