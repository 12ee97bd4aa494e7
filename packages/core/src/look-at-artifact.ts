import type { PlannedSource } from './application/plan.ts';
import type { Source } from './application/source.ts';
import { retainedEvidence } from './artifact-evidence.ts';
import type { CosignRequirement, SignedArtifact } from './cosign/requirement.ts';
import { compareMetadata } from './helm/compare-chart.ts';
import { verifyChart } from './helm/verify-provenance.ts';
import type { Judgement } from './judgement.ts';
import { type Look, NOT_LOOKED, type SourceFacts, unjudged } from './look.ts';
import { chartReplaced, isRefused, type KeyLists, mayBeCached } from './look-at-chart.ts';
import { chartName, chartQuestion } from './oci/chart.ts';
import { HELM_CHART } from './oci/chart-layers.ts';
import type { ArtifactEvidence } from './oci/collect-artifact.ts';
import { manifestOf, placeOf, type RegistryEvidence } from './oci/collect-source.ts';
import { formatRepository, isTag } from './oci/reference.ts';
import type { OciPolicy } from './policy/policy-set.ts';
import { combine } from './report/combine.ts';
import { reproduceWithHelmFromRegistry } from './report/reproduce.ts';
import { reproduceWithCosign } from './report/reproduce-cosign.ts';
import { parseConstraint, satisfies } from './revision/constraint.ts';
import { isConstraint, versionOfTag } from './revision/resolve-revision.ts';
import { isVersion, parseVersion } from './revision/version.ts';
import { acceptRefused, type ObservedSignature, observeSignature, type Observing } from './observe-signature.ts';
import type { AcceptingSignature } from './report/proposed-signature.ts';
import { isRefusedForItsSigner } from './refused-signer.ts';
import { signatureRequirement } from './signature-requirement.ts';
import { entryOf, problem } from './verdict/catalogue.ts';
import type { Problem } from './verdict/problem.ts';
import { quotable } from './verdict/quotable.ts';
import { isNonEmpty, type NonEmpty, type Observation } from './verdict/verdict.ts';

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
    const accepting = judgement.observe ? await acceptingRefused(planned, evidence, required, asked, judgement) : [];
    return { observation: required, required: true, facts, artifact: evidence, accepting };
  }
  const observed = judgement.observe ? await observe(planned, evidence, judgement) : null;
  const accepting = observed?.accepting ?? null;
  return {
    observation: observed?.observation ?? null,
    required: false,
    facts,
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
  const observation = await verify(planned, evidence, requirement, judgement);
  return 'warnings' in observation ? { ...observation, warnings: [...observation.warnings, ...warnings] } : observation;
}

async function verify(
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
function signedArtifact({ targetRevision }: Source, evidence: RegistryEvidence): OciSignedArtifact {
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

/** Offered only where the signer is all that is wrong. */
async function acceptingRefused(
  planned: PlannedSource,
  evidence: RegistryEvidence,
  verdict: Observation,
  { signatures }: AskedOfArtifact,
  judgement: Judgement,
): Promise<readonly AcceptingSignature[] | null> {
  if (!isRefusedForItsSigner(verdict)) return [];
  const { signatureTrust, now } = judgement;
  const accepting: AcceptingSignature[] = [];
  for (const policy of signatures) {
    const resolved = await signatureRequirement(policy, signatureTrust, now);
    if ('problems' in resolved) return null;
    const { requirement } = resolved;
    if ((await verify(planned, evidence, requirement, judgement)).status === 'verified') continue;
    const found = await acceptRefused(policy, requirement, observing(planned, evidence, judgement));
    if (found === null) return null;
    accepting.push(found);
  }
  return accepting;
}

function observing(planned: PlannedSource, evidence: RegistryEvidence, judgement: Judgement): Observing {
  return {
    judge: (requirement) => verify(planned, evidence, requirement, judgement),
    count: evidence.signatures.candidates.length,
    trust: judgement.signatureTrust,
    now: judgement.now,
  };
}

/** Where a provenance file is asked for, or is there without being asked for. */
function helmLines(
  source: Source,
  evidence: RegistryEvidence,
  { trust }: AskedOfArtifact,
  { argocdNamespace, hasCredentials }: Judgement,
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
  });
}

function factsOf(
  { source }: PlannedSource,
  evidence: RegistryEvidence,
  asked: AskedOfArtifact,
  judgement: Judgement,
): SourceFacts {
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
      ...asked.signatures.flatMap((policy) => reproduceWithCosign(artifact, policy)),
    ],
    partial: null,
  };
}
