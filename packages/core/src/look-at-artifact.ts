import type { PlannedSource } from './application/plan.ts';
import type { Source } from './application/source.ts';
import { acceptingRefused, observing } from './accept-refused.ts';
import { retainedEvidence } from './artifact-evidence.ts';
import { verifyChart } from './helm/verify-provenance.ts';
import type { Judgement } from './judgement.ts';
import { type Look, NOT_LOOKED, type SourceFacts, unjudged } from './look.ts';
import { chartReplaced, isRefused, type KeyLists, mayBeCached } from './look-at-chart.ts';
import { chartQuestion } from './oci/chart.ts';
import { HELM_CHART } from './oci/chart-layers.ts';
import type { ArtifactEvidence } from './oci/collect-artifact.ts';
import { manifestOf, placeOf, type RegistryEvidence } from './oci/collect-source.ts';
import type { OciPolicy } from './policy/policy-set.ts';
import { combine } from './report/combine.ts';
import { reproduceWithHelmFromRegistry } from './report/reproduce.ts';
import { reproduceWithCosign } from './report/reproduce-cosign.ts';
import { type ObservedSignature, observeSignature } from './observe-signature.ts';
import type { AcceptingSignature } from './report/proposed-signature.ts';
import { signatureRequirement } from './signature-requirement.ts';
import { signedArtifact, verifySigned } from './signed-artifact.ts';
import { entryOf, problem } from './verdict/catalogue.ts';
import type { Problem } from './verdict/problem.ts';
import { isNonEmpty, type Observation } from './verdict/verdict.ts';

/** What the entries that apply ask of a source in a registry. All of it must hold. */
export interface AskedOfArtifact {
  /** Of entries for Helm charts; null: none. */
  readonly trust: KeyLists | null;
  /** Whether `trust` holds for a plain OCI source only if the artifact is a chart. */
  readonly onlyIfChart: boolean;
  readonly signatures: readonly OciPolicy[];
}

export interface ArtifactLook extends Look {
  readonly artifact: RegistryEvidence | null;
  /**
   * What would accept the cosign signatures, for each entry that refuses them, or for the project where none asks; null:
   * nothing would.
   */
  readonly accepting: readonly AcceptingSignature[] | null;
}

/** Looks at a chart or another artifact in a registry. */
export async function lookAtArtifact(
  planned: PlannedSource,
  asked: AskedOfArtifact,
  judgement: Judgement,
): Promise<ArtifactLook> {
  const mayBeRequired = asked.trust !== null || asked.signatures.length > 0;
  if (!mayBeRequired && !judgement.observe) return { ...NOT_LOOKED, artifact: null, accepting: [] };
  const places = asked.signatures.flatMap(({ signatureRepository }) => signatureRepository ?? []);
  const collected = await judgement.collectRegistrySource(planned, places);
  if ('problem' in collected) {
    const consequence = entryOf(collected.problem.code)?.consequence;
    const status = consequence === 'unsupported' ? 'unsupported' : 'indeterminate';
    const observation = unjudged(status, [collected.problem]);
    return { observation, required: mayBeRequired, facts: null, artifact: null, accepting: [] };
  }
  const { evidence } = collected;
  const facts = factsOf(planned, evidence, asked, judgement);
  const required = await judgeArtifact(planned, evidence, asked, judgement);
  if (required !== null) {
    const accepting = judgement.observe
      ? await acceptingRefused(planned, evidence, required, asked.signatures, judgement)
      : [];
    return { observation: required, required: true, facts, artifact: evidence, accepting };
  }
  const observed = judgement.observe ? await observe(planned, evidence, judgement) : null;
  const accepting = observed?.accepting ?? null;
  return {
    observation: observed?.observation ?? null,
    required: false,
    facts:
      accepting === null
        ? facts
        : { ...facts, reproduce: [...facts.reproduce, ...cosignLines(planned, evidence, [accepting], judgement)] },
    artifact: evidence,
    accepting: accepting === null ? [] : [accepting],
  };
}

/**
 * What lay in a registry under a chart's version before, and is in Argo CD's caches, which go by version: judged anew
 * by the keys and policy in force now, as the bytes of a repository over HTTP are.
 */
export async function replacedArtifact(
  planned: PlannedSource,
  evidence: RegistryEvidence,
  asked: AskedOfArtifact,
  judgement: Judgement,
): Promise<Problem[]> {
  if (evidence.form !== 'chart') return [];
  for (const { evidence: other, lastSeen } of await judgement.otherArtifacts(planned, evidence)) {
    const { digest } = manifestOf(other);
    if (digest === manifestOf(evidence).digest || !mayBeCached(lastSeen, judgement.now)) continue;
    const observation = await judgeArtifact(planned, other, asked, judgement);
    if (observation === null || !isRefused(observation)) continue;
    return [chartReplaced(planned, evidence.chart.version, digest, lastSeen)];
  }
  return [];
}

/** One verdict from evidence; null: nothing is asked of it. */
async function judgeArtifact(
  planned: PlannedSource,
  evidence: RegistryEvidence,
  { trust, onlyIfChart, signatures }: AskedOfArtifact,
  judgement: Judgement,
): Promise<Observation | null> {
  const isChart = evidence.form === 'chart' || evidence.artifact.chart !== null || hasChartLayer(evidence.artifact);
  const observations: Observation[] = [];
  if (trust !== null && (isChart || !onlyIfChart)) observations.push(await byProvenance(evidence, trust, judgement));
  for (const policy of signatures) observations.push(await bySignature(planned, evidence, policy, judgement));
  return isNonEmpty(observations) ? combine(observations) : null;
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

/** Whoever pushes a chart chooses the type of its configuration; Argo CD unpacks it whatever that is. */
function hasChartLayer({ content }: ArtifactEvidence): boolean {
  return content.mediaType === HELM_CHART;
}

async function bySignature(
  planned: PlannedSource,
  evidence: RegistryEvidence,
  policy: OciPolicy,
  judgement: Judgement,
): Promise<Observation> {
  const resolved = await signatureRequirement(policy, judgement.signatureTrust, judgement.now);
  if ('problems' in resolved) return unjudged('indeterminate', resolved.problems);
  const { requirement, warnings } = resolved;
  const observation = await verifySigned(planned, evidence, requirement, judgement);
  return 'warnings' in observation ? { ...observation, warnings: [...observation.warnings, ...warnings] } : observation;
}

/** What anybody's signature would have satisfied, where nobody's is asked for. */
async function observe(
  planned: PlannedSource,
  evidence: RegistryEvidence,
  judgement: Judgement,
): Promise<ObservedSignature> {
  if (evidence.form === 'chart' && evidence.chart.provenance.state === 'found') {
    return { observation: await byProvenance(evidence, 'any-key', judgement), accepting: null };
  }
  return observeSignature(observing(planned, evidence, judgement));
}

/** Where a provenance file is asked for, or is there without being asked for. */
function helmLines(
  source: Source,
  evidence: RegistryEvidence,
  { trust }: AskedOfArtifact,
  { argocdNamespace, hasCredentials, isPlainHttp }: Judgement,
): string[] {
  if (evidence.form !== 'chart' || (trust === null && evidence.chart.provenance.state !== 'found')) return [];
  const { registry, name: repository } = placeOf(evidence).repository;
  return reproduceWithHelmFromRegistry({
    argocdNamespace,
    registry,
    repository,
    version: evidence.chart.version,
    digest: manifestOf(evidence).digest,
    credentials: hasCredentials(source),
    plainHttp: isPlainHttp(source),
  });
}

/** What asks cosign the same: as the policies have it, or as one would that accepts what was found. */
function cosignLines(
  { source }: PlannedSource,
  evidence: RegistryEvidence,
  policies: readonly Parameters<typeof reproduceWithCosign>[1][],
  { isPlainHttp }: Judgement,
): string[] {
  const artifact = signedArtifact(source, evidence);
  return policies.flatMap((policy) => reproduceWithCosign(artifact, policy, { plainHttp: isPlainHttp(source) }));
}

function factsOf(
  planned: PlannedSource,
  evidence: RegistryEvidence,
  asked: AskedOfArtifact,
  judgement: Judgement,
): SourceFacts {
  const { source } = planned;
  const { tag } = placeOf(evidence);
  const artifact = signedArtifact(source, evidence);
  const archive = evidence.form === 'chart' ? evidence.chart.archive : evidence.artifact.chart;
  const dependencies = archive !== null && 'archive' in archive ? [...archive.archive.dependencies] : [];
  return {
    revision: evidence.form === 'chart' ? evidence.chart.version : (tag ?? source.targetRevision),
    digest: artifact.digest,
    evidence: retainedEvidence(evidence).map(({ item }) => item),
    dependencies,
    observedAt: evidence.form === 'chart' ? evidence.chart.observedAt : evidence.artifact.observedAt,
    reproduce: [
      ...helmLines(source, evidence, asked, judgement),
      ...cosignLines(planned, evidence, asked.signatures, judgement),
    ],
    partial: null,
  };
}
