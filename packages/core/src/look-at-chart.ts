import type { PlannedSource } from './application/plan.ts';
import { withoutUserInfo } from './application/source.ts';
import type { ChartEvidence } from './helm/collect-chart.ts';
import { type ChartFindings, type Trust, verifyChart } from './helm/verify-provenance.ts';
import type { Judgement, JudgedEvidence } from './judgement.ts';
import { type Look, NOT_LOOKED, type SourceFacts, unjudged } from './look.ts';
import type { Keyring } from './pgp/keyring.ts';
import { evidenceItems } from './report/evidence-items.ts';
import { reproduceWithHelm } from './report/reproduce.ts';
import { quote } from './report/shell-quote.ts';
import { problem } from './verdict/catalogue.ts';
import type { Problem } from './verdict/problem.ts';
import type { Digest, Observation } from './verdict/verdict.ts';

/** Argo CD keeps downloaded charts and rendered manifests by version for so long (`util/helm/client.go`). */
export const ARGOCD_CACHE_MS = 24 * 60 * 60 * 1000;

/** One list of keys for each entry that requires provenance. */
export type KeyLists = Exclude<Trust, 'any-key'>;

export interface ChartLook extends Look {
  readonly evidence: ChartEvidence | null;
}

/** Looks at a chart in a repository over HTTP. `trust` is null where nothing is required. */
export async function lookAtChart(
  planned: PlannedSource,
  trust: KeyLists | null,
  judgement: Judgement,
): Promise<ChartLook> {
  if (trust === null && !judgement.observe) return { ...NOT_LOOKED, evidence: null };
  const required = trust !== null;
  const collected = await judgement.collectChart(planned);
  if ('problem' in collected) {
    return { observation: unjudged('indeterminate', [collected.problem]), required, facts: null, evidence: null };
  }
  const { evidence } = collected;
  const facts = factsOf(planned, evidence, judgement);
  const observation =
    'problem' in judgement.keyring
      ? unjudged('indeterminate', [judgement.keyring.problem])
      : (await judge(planned, evidence, trust ?? 'any-key', judgement.keyring, judgement)).observation;
  return { observation, required, facts, evidence };
}

/**
 * A repository that served bad bytes and then good ones again leaves the bad ones in Argo CD's caches, which go by
 * version. Judged anew from what was kept, by the keys and policy in force now; never held against a chart because
 * it could not be judged.
 */
export async function replacedBytes(
  planned: PlannedSource,
  evidence: ChartEvidence,
  trust: KeyLists,
  judgement: Judgement,
): Promise<Problem[]> {
  if ('problem' in judgement.keyring) return [];
  for (const other of await judgement.otherBytes(planned, evidence)) {
    const otherDigest = other.evidence.chart.digest;
    if (otherDigest === evidence.chart.digest || !mayBeCached(other.lastSeen, judgement.now)) continue;
    const { observation } = await judge(planned, other.evidence, trust, judgement.keyring, judgement);
    if (isRefused(observation)) return [chartReplaced(planned, evidence.version, otherDigest, other.lastSeen)];
  }
  return [];
}

/** Whether Argo CD may still hold what was last seen then. */
export function mayBeCached(lastSeen: Date, now: Date): boolean {
  return lastSeen.getTime() + ARGOCD_CACHE_MS > now.getTime();
}

/** Known for certain to be none that the policy lets through. */
export function isRefused({ status }: Observation): boolean {
  return status === 'failed' || status === 'unsigned';
}

export function chartReplaced(
  { source }: PlannedSource,
  version: string,
  otherDigest: Digest,
  lastSeen: Date,
): Problem {
  return problem('chart-replaced', {
    otherDigest,
    seenAt: lastSeen.toISOString(),
    until: new Date(lastSeen.getTime() + ARGOCD_CACHE_MS).toISOString(),
    forget: `source-integrity digests forget --repo ${quote(withoutUserInfo(source.repoURL))} --chart ${quote(source.chart ?? '')} --version ${quote(version)}`,
  });
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

function factsOf({ source }: PlannedSource, evidence: ChartEvidence, judgement: Judgement): SourceFacts {
  return {
    revision: evidence.version,
    digest: evidence.chart.digest,
    evidence: evidenceItems(evidence),
    dependencies: 'archive' in evidence.archive ? [...evidence.archive.archive.dependencies] : [],
    observedAt: evidence.observedAt,
    reproduce: reproduceWithHelm({
      argocdNamespace: judgement.argocdNamespace,
      repoURL: withoutUserInfo(source.repoURL),
      chart: source.chart ?? '',
      version: evidence.version,
      fileName: evidence.chart.fileName,
      digest: evidence.chart.digest,
      credentials: judgement.hasCredentials(source),
    }),
    partial: evidence.partial,
  };
}
