import type { CosignRequirement, SignedArtifact } from './cosign/requirement.ts';
import { verifyArtifact } from './cosign/verify-artifact.ts';
import { compareMetadata } from './helm/compare-chart.ts';
import { type ChartQuestion, verifyChart } from './helm/verify-provenance.ts';
import { unjudged } from './look.ts';
import { chartQuestion, requestedChart } from './oci/chart.ts';
import { manifestOf, placeOf, type RegistryEvidence } from './oci/collect-source.ts';
import { formatRepository } from './oci/reference.ts';
import { combine } from './report/combine.ts';
import { entryOf, problem } from './verdict/catalogue.ts';
import type { Problem } from './verdict/problem.ts';
import { type Check, CHECK_ORDER, isNonEmpty, type NonEmpty, type Observation } from './verdict/verdict.ts';

export interface ReferenceQuestion {
  readonly evidence: RegistryEvidence;
  readonly requirement: CosignRequirement;
  /** Whose provenance file is wanted beside the cosign signature; null: nobody's. */
  readonly provenance: Pick<ChartQuestion, 'keyring' | 'trust' | 'rules'> | null;
  /** The time at which everything is judged. */
  readonly now: Date;
}

/** Whether what lies in a registry under a tag or digest is signed as is wanted. All that is wanted must hold. */
export async function judgeReference(question: ReferenceQuestion): Promise<Observation> {
  const { evidence, requirement, provenance, now } = question;
  const { repository, tag } = placeOf(evidence);
  const { digest } = manifestOf(evidence);
  const artifact: SignedArtifact = { kind: 'oci', digest, repository: formatRepository(repository), tag };
  const { candidates, searched } = evidence.signatures;
  const observations: NonEmpty<Observation> = [
    verifyArtifact(artifact, candidates, searched, requirement, now).observation,
  ];
  if (provenance !== null) observations.push(await byProvenance(evidence, { ...provenance, now }));
  const known = observations.flatMap((each) => ('problems' in each ? each.problems : []));
  const wrong = chartProblems(evidence).filter((each) => !known.some((one) => sameProblem(one, each)));
  if (isNonEmpty(wrong)) observations.push(ofChart(evidence, wrong));
  return combine(observations);
}

async function byProvenance(
  evidence: RegistryEvidence,
  by: Pick<ChartQuestion, 'keyring' | 'trust' | 'rules' | 'now'>,
): Promise<Observation> {
  if (evidence.form === 'chart') return (await verifyChart(chartQuestion(evidence.chart, by))).observation;
  return unjudged('indeterminate', [problem('oci-not-a-chart', { mediaType: evidence.artifact.configType })]);
}

/**
 * A signature binds a digest only: an old signed chart under a new tag, or another chart under this one's name, is
 * still signed. So the chart inside the signed bytes has to be the one that the reference names.
 */
function chartProblems(evidence: RegistryEvidence): readonly Problem[] {
  if (evidence.form !== 'chart') return [];
  const { archive } = evidence.chart;
  if ('problem' in archive) return [archive.problem];
  return compareMetadata(archive.archive.metadata, null, requestedChart(evidence.chart));
}

function ofChart(evidence: RegistryEvidence, problems: NonEmpty<Problem>): Observation {
  const [first] = problems;
  const outcome = problems.some(({ code }) => entryOf(code)?.consequence === 'failed') ? 'failed' : 'error';
  const checks = CHECK_ORDER.map((id): Check => {
    return id === 'artifact-integrity'
      ? { id, outcome, problem: first }
      : { id, outcome: 'skipped', reason: 'earlier-check-failed' };
  });
  const { digest } = manifestOf(evidence);
  return outcome === 'failed'
    ? { status: 'failed', digest, problems, signers: [], checks, warnings: [] }
    : { status: 'indeterminate', problems, checks };
}

function sameProblem(one: Problem, other: Problem): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
