import {
  type Digest,
  type PolicySet,
  problem,
  quotable,
  sameURL,
  subjectOf,
  verdictProblems,
} from '@source-integrity/core';
import type { Reason } from '../admission/refusal.ts';
import type { ClusterView } from '../cluster/cluster.ts';
import type { ApplicationVerifier, PulledChart } from '../verification/application-verifier.ts';
import {
  type AskedChart,
  BASELINE,
  type Concern,
  concernsOf,
  isTooDeep,
  MAX_PARTS,
  strictestDemand,
} from './concern.ts';
import { lockedDependencies } from './dependencies.ts';
import { registryAddress } from './place.ts';
import type { JudgedArchive } from './pulls.ts';
import type { GuardedCall } from './wire.ts';

export interface JudgeOptions {
  readonly view: ClusterView;
  readonly policy: PolicySet;
  readonly verifier: ApplicationVerifier;
  readonly now: Date;
  /** Milliseconds that the caller can wait. */
  readonly waitMs: number;
}

export interface JudgedCall {
  readonly action: 'allow' | 'warn' | 'refuse';
  readonly reasons: readonly Reason[];
  /** What of it is worth remembering. */
  readonly archives: readonly JudgedArchive[];
}

const ALLOWED: JudgedCall = { action: 'allow', reasons: [], archives: [] };

/**
 * Decides on what Helm has downloaded, before anything is rendered of it. A call names no project and Argo CD's caches
 * know none: what every project with a policy for the chart would refuse is refused for all, and so is what the
 * baseline refuses, and every byte that is not the one that was verified. The gate decides for the single project.
 */
export async function judgeCall(call: GuardedCall, options: JudgeOptions): Promise<JudgedCall> {
  switch (call.kind) {
    case 'pull':
      return judgePull(call, call.digest, options);
    case 'unguarded': {
      const reason = { subject: 'The chart', problem: problem('pull-unguarded', { why: quotable(call.why) }) };
      return byDemand(options.policy, reason);
    }
    case 'dependencies': {
      const until = performance.now() + options.waitMs;
      return strictest(
        await inTurn(lockedDependencies(call.lock, call.archives, call.unchanged), async (dependency) => {
          switch (dependency.kind) {
            case 'pulled': {
              const waitMs = Math.max(1, until - performance.now());
              return judgePull(dependency.chart, dependency.digest, { ...options, waitMs });
            }
            case 'problem':
              return byDemand(options.policy, { subject: 'The chart', problem: dependency.problem });
          }
        }),
      );
    }
  }
}

/** Dependencies of one call that are looked at side by side: other calls have theirs. */
const SIDE_BY_SIDE = 8;

async function inTurn<T, R>(items: readonly T[], judge: (item: T) => Promise<R>): Promise<readonly R[]> {
  const judged: R[] = [];
  // One iterator for all of them, so that each item is taken once.
  const rest = items.entries();
  const work = async (): Promise<void> => {
    for (const [at, item] of rest) judged[at] = await judge(item);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  return judged;
}

/** What names no chart that could be matched counts against whoever has a policy at all. */
function byDemand(policy: PolicySet, reason: Reason): JudgedCall {
  const demand = strictestDemand(policy);
  if (demand === null || demand === 'off') return ALLOWED;
  return { action: demand === 'enforce' ? 'refuse' : 'warn', reasons: [reason], archives: [] };
}

function strictest(judged: readonly JudgedCall[]): JudgedCall {
  const action = (['refuse', 'warn'] as const).find((each) => judged.some((one) => one.action === each)) ?? 'allow';
  const reasons = judged.filter((one) => one.action === action).flatMap((one) => one.reasons);
  // With one that is refused all are taken away, which says nothing against the others.
  const archives = judged
    .flatMap((one) => one.archives)
    .filter(({ outcome }) => action !== 'refuse' || outcome === 'refused');
  return { action, reasons, archives };
}

interface Opinion {
  readonly concern: Concern;
  readonly action: 'allow' | 'warn' | 'deny';
  /** Whether this server was given the bytes that were pulled. */
  readonly seen: 'same' | 'other' | 'none';
  /** The archive that this server was given, where it was another. */
  readonly expected: Digest | null;
  /** What a report calls the bytes that this server was given. */
  readonly digest: Digest | null;
  readonly reasons: readonly Reason[];
}

async function judgePull(chart: AskedChart, digest: string, options: JudgeOptions): Promise<JudgedCall> {
  const { policy, view, now } = options;
  if (isTooDeep(chart)) {
    const why = `its address has more than ${MAX_PARTS} parts`;
    const judged = byDemand(policy, { subject: 'The chart', problem: problem('pull-unguarded', { why }) });
    const outcome = judged.action === 'refuse' ? 'refused' : 'let';
    return { ...judged, archives: [{ chart, digest, outcome, expected: null, reported: null }] };
  }
  const concerns = concernsOf(policy, chart).filter(({ enforcement }) => enforcement !== 'off');
  if (concerns.length === 0) {
    return { ...ALLOWED, archives: [{ chart, digest, outcome: 'let', expected: null, reported: null }] };
  }
  const opinions = await Promise.all(concerns.map((concern) => opinionOf(concern, chart, digest, options)));
  const reasons = opinions.flatMap((opinion) => opinion.reasons);
  const exempt = exemptProjects(policy, view, chart, now);
  const reported = opinions.find(({ seen }) => seen === 'same')?.digest ?? null;
  const expected = opinions.find((opinion) => opinion.expected !== null)?.expected ?? null;
  const counting = opinions.filter(({ concern }) => !exempt.has(concern.project));
  const refused =
    counting.some(({ action, seen }) => action === 'deny' && isStrange(seen, opinions)) ||
    counting.some(({ concern, action }) => concern.project === BASELINE && action === 'deny') ||
    (exempt.size === 0 && isRefusedByAll(counting.filter(({ concern }) => concern.project !== BASELINE)));
  if (refused) {
    const because = counting.filter(({ action }) => action === 'deny').flatMap((opinion) => opinion.reasons);
    return {
      action: 'refuse',
      reasons: because,
      archives: [{ chart, digest, outcome: 'refused', expected, reported }],
    };
  }
  const outcome = reasons.length === 0 && reported !== null ? 'verified' : 'let';
  const archives = [{ chart, digest, outcome, expected, reported } as const];
  return { action: reasons.length === 0 ? 'allow' : 'warn', reasons, archives };
}

/**
 * Who cannot look at a chart, for want of credentials, does not keep it from others who saw these very bytes: those are
 * remembered, so that the gate does not forget them. Bytes that nobody saw would stay in Argo CD's caches for everyone.
 */
function isStrange(seen: Opinion['seen'], opinions: readonly Opinion[]): boolean {
  return seen === 'other' || (seen === 'none' && opinions.every((opinion) => opinion.seen !== 'same'));
}

function isRefusedByAll(opinions: readonly Opinion[]): boolean {
  return opinions.length > 0 && opinions.every(({ action }) => action === 'deny');
}

async function opinionOf(concern: Concern, chart: AskedChart, digest: string, options: JudgeOptions): Promise<Opinion> {
  let looked = await look(concern, chart, digest, false, options);
  // The repository may have been given new bytes since: what is there now counts, if it is what was pulled.
  if (looked.bytes !== null && looked.bytes !== digest) looked = await look(concern, chart, digest, true, options);
  const { report, bytes } = looked;
  const subject = subjectOf(report);
  if (bytes !== null && bytes !== digest) {
    const params = { expected: bytes, actual: digest, seenAt: report.observedAt ?? options.now.toISOString() };
    const action = concern.enforcement === 'enforce' ? 'deny' : 'warn';
    const reasons = [{ subject, problem: problem('pulled-bytes-differ', params) }];
    return { concern, action, seen: 'other', expected: bytes, digest: report.digest, reasons };
  }
  const { action } = report.decision;
  const problems = action === 'allow' ? [] : [...verdictProblems(report.verdict), ...report.obstacles];
  const seen = bytes === null ? 'none' : 'same';
  const { digest: reported } = report;
  const reasons = problems.map((each) => ({ subject, problem: each }));
  return { concern, action, seen, expected: null, digest: reported, reasons };
}

/** Under the baseline alone no project lends its credentials, so those of the projects that deploy the chart are used. */
async function look(
  { project, planned }: Concern,
  chart: AskedChart,
  digest: string,
  refresh: boolean,
  { view, verifier, waitMs }: JudgeOptions,
): Promise<PulledChart> {
  const ask = { waitMs, interactive: true, refresh };
  const accounts = project === BASELINE ? [BASELINE, ...deployingProjects(view, chart)] : [project];
  let looked: PulledChart | null = null;
  for (const account of accounts) {
    const next = await verifier.verifyPull({ view, project, account, planned, ask });
    // One project's proxy or credentials must not get other bytes for all while another's get those that were pulled.
    if (next.bytes === digest) return next;
    if (looked === null || looked.bytes === null) looked = next;
  }
  if (looked === null) throw new Error('at least one account is asked with');
  return looked;
}

/** More projects are not asked for their credentials. */
const MAX_ACCOUNTS = 8;

function deployingProjects(view: ClusterView, chart: AskedChart): readonly string[] {
  const projects = new Set<string>();
  for (const { project, spec } of view.applications()) {
    if (projects.size === MAX_ACCOUNTS) break;
    if (deploys(spec, chart)) projects.add(project);
  }
  return [...projects];
}

/**
 * Break-glass names Applications: what one of them deploys is not held to the baseline nor to its own project's policy.
 * To other projects' it is: an Application's owner chooses what it deploys, and must not let bytes into everybody's
 * caches.
 */
function exemptProjects(policy: PolicySet, view: ClusterView, chart: AskedChart, now: Date): ReadonlySet<string> {
  const projects = new Set<string>();
  for (const { namespace, name, until } of policy.exemptions) {
    const found = now < until ? view.application(namespace, name) : null;
    if (found?.status !== 'found' || !deploys(found.value.spec, chart)) continue;
    projects.add(BASELINE).add(found.value.project);
  }
  return projects;
}

type Spec = ReturnType<ClusterView['applications']>[number]['spec'];

function deploys({ source, sources }: Spec, asked: AskedChart): boolean {
  const all = source === null ? sources : [...sources, source];
  return all.some(({ repoURL, chart }) =>
    asked.registry
      ? registryAddress(repoURL, chart ?? '') === registryAddress(asked.repository, asked.chart)
      : chart === asked.chart && sameURL(repoURL, asked.repository),
  );
}
