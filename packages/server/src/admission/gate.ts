import {
  type ApplicationRef,
  type Decision,
  type Deployment,
  type Enforcement,
  enforcementFor,
  type NonEmpty,
  type Problem,
  type Report,
  subjectOf,
  verdictProblems,
  whatWouldDeploy,
  decideAll,
  decideProblems,
} from '@source-integrity/core';
import type { ClusterView } from '../cluster/cluster.ts';
import type { ServerContext } from '../context.ts';
import { argocdSettings } from '../verification/argocd-settings.ts';
import type { AdmissionAnswer, AdmissionRequest } from './admission-review.ts';
import { readReviewedApplication } from './reviewed-application.ts';
import { type Reason, refusal, warnings } from './refusal.ts';

const ALLOWED: AdmissionAnswer = { allowed: true, warnings: [], message: '' };

/**
 * Decides on a write of an Application: what it would let Argo CD deploy is verified, and refused unless every policy
 * that applies holds. It relies on nothing that came before it, and nobody is exempt by who they are: app-of-apps
 * writes through the controller's account.
 */
export async function gate(
  request: AdmissionRequest,
  requestId: string,
  context: ServerContext,
): Promise<AdmissionAnswer> {
  const { operation, object, oldObject } = request;
  if (request.kind.group !== 'argoproj.io' || request.kind.kind !== 'Application') return ALLOWED;
  if (operation !== 'CREATE' && operation !== 'UPDATE') return ALLOWED;
  const startedAt = performance.now();
  const view = await context.cluster.view();
  const reviewed = readReviewedApplication(request);
  const would = whatWouldDeploy({ operation, object, oldObject }, view.enablesOCI(reviewed.project));
  if (would.kind === 'nothing') return ALLOWED;

  const { policy, policyDigest } = await argocdSettings(view);
  const application: ApplicationRef = would.kind === 'deploys' ? { ...reviewed, project: would.project } : reviewed;
  const enforcement = enforcementFor(policy, application.project).value;
  const automated = would.kind === 'deploys' && would.deployments.every((deployment) => deployment.automated);
  // Where nothing would come of it no repository is asked, and nobody waits for one.
  const finding =
    enforcement === 'off'
      ? NOT_ENFORCED
      : would.kind === 'unreadable'
        ? unreadable(application, would.problem, enforcement)
        : await verify({ request, context, view, application, automated }, would.deployments);
  context.metrics.gateDecided(finding.decision.action, automated, finding.from, performance.now() - startedAt);
  context.audit.record({
    event: 'sync-decided',
    claimedBy: request.userInfo.username,
    application,
    sources: finding.sources,
    decision: finding.decision,
    exemption: finding.exemption,
    policyDigest,
    dryRun: request.dryRun,
    requestId,
  });
  const answered = answer(finding);
  if (!answered.allowed && !request.dryRun) context.refusals?.tell(application, answered.message);
  return answered;
}

/** What was found, and what speaks against it. */
interface Finding {
  readonly decision: Decision;
  readonly reasons: readonly Reason[];
  /** One line for each source. */
  readonly sources: readonly string[];
  readonly exemption: Report['exemption'];
  readonly from: 'store' | 'repository';
}

const NOT_ENFORCED: Finding = {
  decision: decideAll([]),
  reasons: [],
  sources: [],
  exemption: null,
  from: 'store',
};

function unreadable({ name }: ApplicationRef, problem: Problem, enforcement: Enforcement): Finding {
  const decision = decideProblems([problem], enforcement, false);
  return { ...NOT_ENFORCED, decision, reasons: [{ subject: `Application ${name}`, problem }] };
}

interface Question {
  readonly request: AdmissionRequest;
  readonly context: ServerContext;
  readonly view: ClusterView;
  readonly application: ApplicationRef;
  readonly automated: boolean;
}

async function verify(
  { request, context, view, application, automated }: Question,
  deployments: Readonly<NonEmpty<Deployment>>,
): Promise<Finding> {
  const { automatedBudgetMs, interactiveBudgetMs } = context.config.gate;
  const waitMs = automated ? automatedBudgetMs : interactiveBudgetMs;
  let from: Finding['from'] = 'store';
  const reports = await Promise.all(
    deployments.map((deployment) =>
      context.verifier.verify({
        view,
        application,
        deployment,
        deployedRevisions: [],
        trigger: automated ? 'automated-sync' : 'sync',
        runningJob: null,
        ask: { waitMs, interactive: !automated, refresh: false },
        observe: false,
        record: !request.dryRun,
        afterwards: (work) => {
          setImmediate(() => {
            work().catch((error: unknown) => {
              context.logger.error({ err: error }, 'the history could not be written');
            });
          });
        },
        enter: (phase) => {
          if (phase === 'resolving') from = 'repository';
        },
      }),
    ),
  );
  return {
    decision: decideAll(reports.map((report) => report.decision)),
    reasons: reports.flatMap(reasonsOf),
    sources: reports.flatMap(({ sources }) => sources.map((s) => [subjectOf(s), s.digest ?? 'no digest'].join(' '))),
    exemption: reports[0]?.exemption ?? null,
    from,
  };
}

function answer({ decision, reasons }: Finding): AdmissionAnswer {
  switch (decision.action) {
    case 'allow':
      return ALLOWED;
    case 'warn':
      return { allowed: true, warnings: warnings(reasons), message: '' };
    case 'deny':
      return { allowed: false, warnings: [], message: refusal(reasons) };
  }
}

/** What speaks against a sync, in the order in which people should read it. */
function reasonsOf(report: Report): Reason[] {
  const own = report.problems.map((each) => ({ subject: `Application ${report.application.name}`, problem: each }));
  const ofSources = report.sources
    .filter(({ decision }) => decision.action !== 'allow')
    .flatMap((source) =>
      [...verdictProblems(source.verdict), ...source.obstacles].map((each) => ({
        subject: subjectOf(source),
        problem: each,
      })),
    );
  return [...own, ...ofSources];
}
