import type { PlannedSource } from './application/plan.ts';
import { type Source, sourceName, withoutUserInfo } from './application/source.ts';
import type { ChartEvidence, Collected } from './helm/collect-chart.ts';
import { type ChartFindings, type Trust, verifyChart } from './helm/verify-provenance.ts';
import type { Keyring } from './pgp/keyring.ts';
import type { PolicyExplanation } from './policy/explanation.ts';
import type { PolicySet } from './policy/policy-set.ts';
import { type Requirement, selectRequirements } from './policy/requirements.ts';
import { decideSource } from './report/decide.ts';
import { evidenceItems } from './report/evidence-items.ts';
import { proposedPolicy } from './report/proposed-policy.ts';
import type { SourceReport } from './report/report.ts';
import { reproduceWithHelm } from './report/reproduce.ts';
import { quote } from './report/shell-quote.ts';
import { problem } from './verdict/catalogue.ts';
import type { Problem } from './verdict/problem.ts';
import { isNonEmpty, type NonEmpty, type Observation, type Verdict } from './verdict/verdict.ts';

/** Argo CD keeps downloaded charts and rendered manifests by version for so long (`util/helm/client.go`). */
export const ARGOCD_CACHE_MS = 24 * 60 * 60 * 1000;

/** What of the evidence a verdict depends on, beside the keys and the policy. */
export type JudgedEvidence = Pick<ChartEvidence, 'version' | 'chart' | 'archive' | 'indexDigest' | 'provenance'>;

/** Bytes of the same chart version that were served before. */
export interface SeenBytes {
  readonly evidence: JudgedEvidence;
  readonly lastSeen: Date;
}

/** What every source of an Application is judged by, and where its evidence comes from. */
export interface Judgement {
  readonly project: string;
  readonly argocdNamespace: string;
  readonly policy: PolicySet;
  /** The key ring, or why there is none. */
  readonly keyring: Keyring | { readonly problem: Problem };
  /** Fixed once for all sources. */
  readonly now: Date;
  readonly exempt: boolean;
  /** Whether to look at sources of which nothing is required; never where somebody waits for a decision. */
  readonly observe: boolean;
  readonly collect: (planned: PlannedSource) => Promise<Collected>;
  /** Other bytes of the same version that Argo CD may still hold. */
  readonly otherBytes: (planned: PlannedSource, evidence: ChartEvidence) => Promise<readonly SeenBytes[]>;
  /** An operation is judged, whose own faults count where a policy applies; not so for the spec's target. */
  readonly operation: boolean;
  /** Whether the repository asks for credentials. */
  readonly hasCredentials: (source: Source) => boolean;
}

/** Resolves, collects and verifies one source, and decides about it. */
export async function verifySource(planned: PlannedSource, judgement: Judgement): Promise<SourceReport> {
  const { source } = planned;
  const { explanation, requirements } = selectRequirements(judgement.policy, judgement.project, source);
  const trust = trustOf(requirements);
  const seen = await look(planned, judgement, {
    trust,
    policyProblems: explanation.problems,
    needsOci: requirements.some(({ policy }) => policy.list === 'oci' && policy.mode === 'signature'),
  });
  const verdict = verdictOf(source, seen.observation, trust !== null || seen.required, requirements.length > 0);
  const obstacles = [
    ...(isUnderPolicy(explanation) ? revisionConcerns(planned, seen.evidence, judgement.operation) : []),
    ...(explanation.unmatched === 'deny' ? [problem('source-unmatched', { project: explanation.project })] : []),
    ...(trust !== null && verdict.status === 'verified' && seen.evidence !== null
      ? await replacedBytes(planned, seen.evidence, trust, judgement)
      : []),
  ];
  const trusted = explanation.requirements.flatMap(({ mode, keys }) => (mode === 'provenance' ? keys : []));
  return {
    index: source.index,
    name: sourceName(source),
    kind: source.kind,
    repoURL: withoutUserInfo(source.repoURL),
    chart: source.chart,
    path: source.path,
    ref: source.ref,
    targetRevision: source.targetRevision,
    revision: seen.evidence?.version ?? (planned.pinned ? planned.revision : null),
    digest: seen.evidence?.chart.digest ?? null,
    verdict,
    decision: decideSource(verdict, obstacles, explanation, judgement.exempt),
    obstacles,
    policy: explanation,
    evidence: seen.evidence === null ? [] : evidenceItems(seen.evidence),
    dependencies:
      seen.evidence !== null && 'archive' in seen.evidence.archive
        ? [...seen.evidence.archive.archive.dependencies]
        : [],
    observedAt: seen.evidence?.observedAt ?? null,
    proposedPolicy: proposal(source, verdict, judgement.project, trusted),
    reproduce: seen.evidence === null ? [] : reproduction(source, seen.evidence, judgement),
  };
}

/**
 * What is wrong with the revision itself. A partial version counts for the spec's target too: Argo CD takes it as it
 * is, and Helm deploys another. That problem names the version to write, so it stands for the operation's own.
 */
function revisionConcerns(
  { concerns }: PlannedSource,
  evidence: ChartEvidence | null,
  operation: boolean,
): readonly Problem[] {
  const partial = evidence?.partial ?? null;
  if (partial === null) return operation ? concerns : [];
  return [partial, ...(operation ? concerns.filter(({ code }) => code !== 'revision-not-pinned') : [])];
}

/** Whether anything is asked of a source. */
export function isUnderPolicy({ requirements, problems, unmatched }: PolicyExplanation): boolean {
  return problems.length > 0 || unmatched === 'deny' || requirements.some(({ mode }) => mode !== 'none');
}

interface Wanted {
  readonly trust: NonEmptyTrust | null;
  readonly policyProblems: readonly Problem[];
  readonly needsOci: boolean;
}

type NonEmptyTrust = Exclude<Trust, 'any-key'>;

interface Seen {
  /** Null where nothing was looked at. */
  readonly observation: Observation | null;
  readonly evidence: ChartEvidence | null;
  /** The observation is the verdict, whatever the requirements say. */
  readonly required: boolean;
}

async function look(planned: PlannedSource, judgement: Judgement, wanted: Wanted): Promise<Seen> {
  const nothing: Seen = { observation: null, evidence: null, required: false };
  if (isNonEmpty(wanted.policyProblems)) {
    return { observation: unknown('indeterminate', wanted.policyProblems), evidence: null, required: true };
  }
  const { kind } = planned.source;
  switch (kind) {
    case 'git':
    case 'ref':
      return nothing;
    case 'oci':
    case 'helm-oci': {
      const asked = wanted.trust !== null || wanted.needsOci;
      if (!asked && !judgement.observe) return nothing;
      const observation = unknown('unsupported', [problem('oci-not-supported', {})]);
      return { observation, evidence: null, required: asked };
    }
    case 'helm-http': {
      if (wanted.trust === null && !judgement.observe) return nothing;
      const collected = await judgement.collect(planned);
      if ('problem' in collected) {
        return { observation: unknown('indeterminate', [collected.problem]), evidence: null, required: false };
      }
      const { evidence } = collected;
      if ('problem' in judgement.keyring) {
        return { observation: unknown('indeterminate', [judgement.keyring.problem]), evidence, required: false };
      }
      const findings = await judge(planned, evidence, wanted.trust ?? 'any-key', judgement.keyring, judgement);
      return { observation: findings.observation, evidence, required: false };
    }
  }
}

/** One verdict from evidence, by the keys and rules in force. */
async function judge(
  { source }: PlannedSource,
  evidence: JudgedEvidence,
  trust: Trust,
  keyring: Keyring,
  { policy, now }: Pick<Judgement, 'policy' | 'now'>,
): Promise<ChartFindings> {
  return verifyChart({
    chart: {
      ...evidence.chart,
      metadata: 'archive' in evidence.archive ? evidence.archive.archive.metadata : null,
      problems: 'problem' in evidence.archive ? [evidence.archive.problem] : [],
    },
    requested: { name: source.chart ?? '', version: evidence.version },
    indexDigest: evidence.indexDigest,
    provenance: evidence.provenance,
    rules: policy.strictRules,
    keyring,
    trust,
    now,
  });
}

/** One list of keys for each entry that requires provenance; null: none does. */
function trustOf(requirements: readonly Requirement[]): NonEmptyTrust | null {
  const lists = requirements.flatMap(({ policy }) =>
    policy.list === 'helm' && policy.mode === 'provenance' ? [policy.keys] : [],
  );
  return isNonEmpty(lists) ? lists : null;
}

function verdictOf({ kind }: Source, observation: Observation | null, required: boolean, hasEntry: boolean): Verdict {
  if (required && observation !== null) return observation;
  if (kind === 'git' || kind === 'ref') return { status: 'not-required', reason: 'git', observed: null };
  return { status: 'not-required', reason: hasEntry ? 'mode-none' : 'no-policy', observed: observation };
}

/**
 * A repository that served bad bytes and then good ones again leaves the bad ones in Argo CD's caches, which go by
 * version. Judged anew from what was kept, by the keys and policy in force now; never held against a chart because
 * it could not be judged.
 */
async function replacedBytes(
  planned: PlannedSource,
  evidence: ChartEvidence,
  trust: NonEmptyTrust,
  judgement: Judgement,
): Promise<Problem[]> {
  if ('problem' in judgement.keyring) return [];
  const { source } = planned;
  for (const other of await judgement.otherBytes(planned, evidence)) {
    const until = other.lastSeen.getTime() + ARGOCD_CACHE_MS;
    if (other.evidence.chart.digest === evidence.chart.digest || until <= judgement.now.getTime()) continue;
    const { observation } = await judge(planned, other.evidence, trust, judgement.keyring, judgement);
    if (observation.status !== 'failed' && observation.status !== 'unsigned') continue;
    return [
      problem('chart-replaced', {
        otherDigest: other.evidence.chart.digest,
        seenAt: other.lastSeen.toISOString(),
        until: new Date(until).toISOString(),
        forget: `source-integrity digests forget --repo ${quote(withoutUserInfo(source.repoURL))} --chart ${quote(source.chart ?? '')} --version ${quote(evidence.version)}`,
      }),
    ];
  }
  return [];
}

function unknown(status: 'indeterminate' | 'unsupported', problems: NonEmpty<Problem>): Observation {
  const [first] = problems;
  return {
    status,
    problems: [...problems],
    checks: [
      { id: 'signature-found', outcome: 'error', problem: first },
      { id: 'signature-valid', outcome: 'skipped', reason: 'earlier-check-failed' },
      { id: 'signer-trusted', outcome: 'skipped', reason: 'earlier-check-failed' },
      { id: 'artifact-integrity', outcome: 'skipped', reason: 'earlier-check-failed' },
      { id: 'transparency-log', outcome: 'skipped', reason: 'does-not-apply' },
    ],
  };
}

/** Offered only for a signer whose signature is genuine: the one thing missing is that somebody trusts it. */
function proposal(source: Source, verdict: Verdict, project: string, trusted: readonly string[]): string | null {
  const seen = verdict.status === 'not-required' ? verdict.observed : verdict;
  if (source.chart === null || seen === null) return null;
  const missing = verdict.status === 'not-required' && seen.status === 'verified';
  const distrusted = seen.status === 'failed' && seen.problems.every(({ code }) => code === 'signer-not-trusted');
  if (!missing && !distrusted) return null;
  const [signer] = seen.signers;
  if (signer?.kind !== 'pgp') return null;
  const { repoURL, chart } = source;
  return proposedPolicy({ project, repoURL: withoutUserInfo(repoURL), chart, signer, trusted });
}

function reproduction(source: Source, evidence: ChartEvidence, judgement: Judgement): string[] {
  return reproduceWithHelm({
    argocdNamespace: judgement.argocdNamespace,
    repoURL: withoutUserInfo(source.repoURL),
    chart: source.chart ?? '',
    version: evidence.version,
    fileName: evidence.chart.fileName,
    digest: evidence.chart.digest,
    credentials: judgement.hasCredentials(source),
  });
}
