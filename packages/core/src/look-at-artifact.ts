import type { PlannedSource } from './application/plan.ts';
import { retainedEvidence } from './artifact-evidence.ts';
import type { CosignRequirement, SignedArtifact } from './cosign/requirement.ts';
import { compareMetadata } from './helm/compare-chart.ts';
import { verifyChart } from './helm/verify-provenance.ts';
import type { Judgement } from './judgement.ts';
import { type Look, NOT_LOOKED, type SourceFacts, unjudged } from './look.ts';
import type { KeyLists } from './look-at-chart.ts';
import { chartName, chartQuestion } from './oci/chart.ts';
import { manifestOf, placeOf, type RegistryEvidence } from './oci/collect-source.ts';
import { formatReference, formatRepository } from './oci/reference.ts';
import type { OciPolicy } from './policy/policy-set.ts';
import { combine } from './report/combine.ts';
import { reproduceWithCosign } from './report/reproduce-cosign.ts';
import { anySignature, signatureRequirement } from './signature-requirement.ts';
import { entryOf, problem } from './verdict/catalogue.ts';
import type { Problem } from './verdict/problem.ts';
import { isNonEmpty, type NonEmpty, type Observation } from './verdict/verdict.ts';

/** What the entries that apply ask of a source in a registry. All of it must hold. */
export interface AskedOfArtifact {
  /** Of entries for Helm charts; null: none. */
  readonly trust: KeyLists | null;
  /** Whether `trust` holds for a plain OCI source only if the artifact is a chart. */
  readonly onlyIfChart: boolean;
  readonly signatures: readonly OciPolicy[];
}

/** Looks at a chart or another artifact in a registry. */
export async function lookAtArtifact(
  planned: PlannedSource,
  asked: AskedOfArtifact,
  judgement: Judgement,
): Promise<Look> {
  const required = asked.trust !== null || asked.signatures.length > 0;
  if (!required && !judgement.observe) return NOT_LOOKED;
  const places = asked.signatures.flatMap(({ signatureRepository }) => signatureRepository ?? []);
  const collected = await judgement.collectRegistrySource(planned, places);
  if ('problem' in collected) {
    const consequence = entryOf(collected.problem.code)?.consequence;
    const status = consequence === 'unsupported' ? 'unsupported' : 'indeterminate';
    return { observation: unjudged(status, [collected.problem]), required, facts: null };
  }
  const { evidence } = collected;
  const facts = factsOf(planned, evidence, asked);
  const isChart = evidence.form === 'chart' || evidence.artifact.chart !== null;
  const wantsProvenance = asked.trust !== null && (isChart || !asked.onlyIfChart);
  if (!wantsProvenance && asked.signatures.length === 0) {
    const observation = judgement.observe ? await observe(evidence, judgement) : null;
    return { observation, required: false, facts };
  }
  const observations: Observation[] = [];
  if (wantsProvenance) observations.push(await byProvenance(evidence, asked.trust ?? [[]], judgement));
  for (const policy of asked.signatures) observations.push(await bySignature(evidence, policy, judgement));
  if (!isNonEmpty(observations)) throw new Error('something is asked');
  return { observation: combine(observations), required: true, facts };
}

async function byProvenance(
  evidence: RegistryEvidence,
  trust: KeyLists | 'any-key',
  { keyring, policy, now }: Judgement,
): Promise<Observation> {
  if (evidence.form !== 'chart') return unjudged('unsupported', [problem('chart-as-artifact', {})]);
  if ('problem' in keyring) return unjudged('indeterminate', [keyring.problem]);
  const question = chartQuestion(evidence.chart, { keyring, trust, rules: policy.strictRules, now });
  return (await verifyChart(question)).observation;
}

async function bySignature(evidence: RegistryEvidence, policy: OciPolicy, judgement: Judgement): Promise<Observation> {
  const resolved = await signatureRequirement(policy, judgement.signatureTrust, judgement.now);
  if ('problems' in resolved) return unjudged('indeterminate', resolved.problems);
  return withChart(await verify(evidence, resolved.requirement, judgement), evidence);
}

async function verify(
  evidence: RegistryEvidence,
  requirement: CosignRequirement,
  { verifySignatures, now }: Judgement,
): Promise<Observation> {
  const { repository, tag } = placeOf(evidence);
  const artifact: SignedArtifact = {
    kind: 'oci',
    digest: manifestOf(evidence).digest,
    repository: formatRepository(repository),
    tag,
  };
  return (await verifySignatures({ artifact, discovered: evidence.signatures, requirement, now })).observation;
}

/**
 * A signature binds a digest only: an old signed chart under a new tag, or another chart under this one's name, is
 * still signed. So the chart inside the signed bytes has to be the one that was asked for.
 */
function withChart(observation: Observation, evidence: RegistryEvidence): Observation {
  const wrong = chartProblems(evidence);
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

function chartProblems(evidence: RegistryEvidence): Problem[] {
  const { repository, tag } = placeOf(evidence);
  const archive = evidence.form === 'chart' ? evidence.chart.archive : evidence.artifact.chart;
  if (archive === null) return [];
  if ('problem' in archive) return [archive.problem];
  const version = evidence.form === 'chart' ? evidence.chart.version : (tag?.replaceAll('_', '+') ?? null);
  const { metadata } = archive.archive;
  return compareMetadata(metadata, null, { name: chartName(repository), version: version ?? metadata.version });
}

/** What anybody's signature would have satisfied, where nobody's is asked for. */
async function observe(evidence: RegistryEvidence, judgement: Judgement): Promise<Observation> {
  if (evidence.form === 'chart' && evidence.chart.provenance.state === 'found') {
    return byProvenance(evidence, 'any-key', judgement);
  }
  const requirement = await anySignature(judgement.signatureTrust);
  return withChart(await verify(evidence, requirement, judgement), evidence);
}

function factsOf({ source }: PlannedSource, evidence: RegistryEvidence, asked: AskedOfArtifact): SourceFacts {
  const { repository, tag } = placeOf(evidence);
  const { digest } = manifestOf(evidence);
  const archive = evidence.form === 'chart' ? evidence.chart.archive : evidence.artifact.chart;
  const dependencies = archive !== null && 'archive' in archive ? [...archive.archive.dependencies] : [];
  return {
    revision: evidence.form === 'chart' ? evidence.chart.version : (tag ?? source.targetRevision),
    digest,
    evidence: retainedEvidence(evidence).map(({ item }) => item),
    dependencies,
    observedAt: evidence.form === 'chart' ? evidence.chart.observedAt : evidence.artifact.observedAt,
    reproduce: asked.signatures.flatMap((policy) => reproduceWithCosign(formatReference(repository, digest), policy)),
    partial: null,
  };
}
