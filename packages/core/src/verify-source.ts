import type { PlannedSource } from './application/plan.ts';
import { type Source, sourceName, withoutUserInfo } from './application/source.ts';
import type { Judgement } from './judgement.ts';
import { type Look, NOT_LOOKED, unjudged } from './look.ts';
import { type ArtifactLook, type AskedOfArtifact, lookAtArtifact, replacedArtifact } from './look-at-artifact.ts';
import { type ChartLook, type KeyLists, lookAtChart, replacedBytes } from './look-at-chart.ts';
import type { PolicyExplanation } from './policy/explanation.ts';
import { type Requirement, selectRequirements } from './policy/requirements.ts';
import { decideSource } from './report/decide.ts';
import { isRefusedForItsSigner } from './refused-signer.ts';
import { proposedPolicy } from './report/proposed-policy.ts';
import type { SourceReport } from './report/report.ts';
import { problem } from './verdict/catalogue.ts';
import type { Problem } from './verdict/problem.ts';
import { isNonEmpty, type Observation, type Verdict } from './verdict/verdict.ts';

/** Resolves, collects and verifies one source, and decides about it. */
export async function verifySource(planned: PlannedSource, judgement: Judgement): Promise<SourceReport> {
  const { source } = planned;
  const { explanation, requirements } = selectRequirements(judgement.policy, judgement.project, source);
  const seen = isNonEmpty(explanation.problems)
    ? { ...NOT_LOOKED, observation: unjudged('indeterminate', explanation.problems), required: true }
    : await look(planned, requirements, judgement);
  const verdict = verdictOf(
    source,
    seen,
    requirements.some(({ policy }) => policy.mode === 'none'),
  );
  const obstacles = [
    ...(isUnderPolicy(explanation) ? revisionConcerns(planned, seen, judgement.operation) : []),
    ...(explanation.unmatched === 'deny' ? [problem('source-unmatched', { project: explanation.project })] : []),
    ...(await bytesInCaches(planned, seen, verdict, requirements, judgement)),
  ];
  const { facts } = seen;
  return {
    index: source.index,
    name: sourceName(source),
    kind: source.kind,
    repoURL: withoutUserInfo(source.repoURL),
    chart: source.chart,
    path: source.path,
    ref: source.ref,
    targetRevision: source.targetRevision,
    revision: facts?.revision ?? (planned.pinned ? planned.revision : null),
    digest: facts?.digest ?? null,
    verdict,
    decision: decideSource(verdict, obstacles, explanation, judgement.exempt),
    obstacles,
    policy: explanation,
    evidence: facts?.evidence ?? [],
    dependencies: facts?.dependencies ?? [],
    observedAt: facts?.observedAt ?? null,
    proposedPolicy: proposal(source, verdict, seen, requirements, judgement),
    reproduce: facts?.reproduce ?? [],
  };
}

/** Whether anything is asked of a source. */
export function isUnderPolicy({ requirements, problems, unmatched }: PolicyExplanation): boolean {
  return problems.length > 0 || unmatched === 'deny' || requirements.some(({ mode }) => mode !== 'none');
}

async function look(
  planned: PlannedSource,
  requirements: readonly Requirement[],
  judgement: Judgement,
): Promise<Look | ChartLook | ArtifactLook> {
  switch (planned.source.kind) {
    case 'git':
    case 'ref':
      return NOT_LOOKED;
    case 'helm-http':
      return lookAtChart(planned, keyListsOf(requirements), judgement);
    case 'oci':
    case 'helm-oci':
      return lookAtArtifact(planned, askedOf(planned, requirements), judgement);
  }
}

function askedOf({ source }: PlannedSource, requirements: readonly Requirement[]): AskedOfArtifact {
  const signatures = requirements.flatMap(({ policy }) =>
    policy.list === 'oci' && policy.mode === 'signature' ? [policy] : [],
  );
  return { trust: keyListsOf(requirements), onlyIfChart: source.kind === 'oci', signatures };
}

/** One list of keys for each entry that requires provenance; null: none does. */
function keyListsOf(requirements: readonly Requirement[]): KeyLists | null {
  const lists = requirements.flatMap(({ policy }) =>
    policy.list === 'helm' && policy.mode === 'provenance' ? [policy.keys] : [],
  );
  return isNonEmpty(lists) ? lists : null;
}

function verdictOf({ kind }: Source, { observation, required }: Look, isLetOff: boolean): Verdict {
  if (required && observation !== null) return observation;
  if (kind === 'git' || kind === 'ref') return { status: 'not-required', reason: 'git', observed: null };
  return { status: 'not-required', reason: isLetOff ? 'mode-none' : 'no-policy', observed: observation };
}

/**
 * What is wrong with the revision itself. A partial version counts for the spec's target too: Argo CD takes it as it
 * is, and Helm deploys another. That problem names the version to write, so it stands for the operation's own.
 */
function revisionConcerns({ concerns }: PlannedSource, { facts }: Look, operation: boolean): readonly Problem[] {
  const partial = facts?.partial ?? null;
  if (partial === null) return operation ? concerns : [];
  return [partial, ...(operation ? concerns.filter(({ code }) => code !== 'revision-not-pinned') : [])];
}

async function bytesInCaches(
  planned: PlannedSource,
  seen: Look | ChartLook | ArtifactLook,
  verdict: Verdict,
  requirements: readonly Requirement[],
  judgement: Judgement,
): Promise<readonly Problem[]> {
  if (verdict.status !== 'verified') return [];
  if ('artifact' in seen && seen.artifact !== null) {
    return replacedArtifact(planned, seen.artifact, askedOf(planned, requirements), judgement);
  }
  const trust = keyListsOf(requirements);
  if (trust === null || !('evidence' in seen) || seen.evidence === null) return [];
  return replacedBytes(planned, seen.evidence, trust, judgement);
}

/** Offered only for a signer whose signature is genuine: the one thing missing is that somebody trusts it. */
function proposal(
  source: Source,
  verdict: Verdict,
  look: Look | ArtifactLook,
  requirements: readonly Requirement[],
  { project, policy }: Judgement,
): string | null {
  const seen: Observation | null = verdict.status === 'not-required' ? verdict.observed : verdict;
  if (seen === null) return null;
  const missing = verdict.status === 'not-required' && seen.status === 'verified';
  if (!missing && !isRefusedForItsSigner(seen)) return null;
  const signers = 'signers' in seen ? seen.signers : [];
  const signer = signers.find((each) => each.kind === 'pgp') ?? null;
  const signatures = 'accepting' in look ? look.accepting : [];
  if (signatures === null) return null;
  const requiring = requirements.flatMap((each) =>
    each.policy.list === 'helm' && each.policy.mode === 'provenance' ? [each.policy] : [],
  );
  return proposedPolicy({ project, source, signer, requiring, signatures, policy });
}
