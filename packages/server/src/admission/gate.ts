import {
  type ApplicationRef,
  type Decision,
  enforcementFor,
  type Report,
  subjectOf,
  verdictProblems,
  whatWouldDeploy,
  decideAll,
  decideProblems,
} from '@source-integrity/core';
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

  const { policy } = await argocdSettings(view);
  if (would.kind === 'unreadable') {
    const decision = decideProblems([would.problem], enforcementFor(policy, reviewed.project).value, false);
    return answer(decision, [{ subject: `Application ${reviewed.name}`, problem: would.problem }]);
  }
  const application: ApplicationRef = { ...reviewed, project: would.project };
  const automated = would.deployments.every((deployment) => deployment.automated);
  const { automatedBudgetMs, interactiveBudgetMs } = context.config.gate;
  const waitMs = automated ? automatedBudgetMs : interactiveBudgetMs;
  const reports = await Promise.all(
    would.deployments.map((deployment) =>
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
        enter: () => undefined,
      }),
    ),
  );
  const decision = decideAll(reports.map((report) => report.decision));
  context.metrics.gateDecided(decision.action, automated, 'store', performance.now() - startedAt);
  context.audit.record({
    event: 'sync-decided',
    claimedBy: request.userInfo.username,
    application,
    sources: reports.flatMap(({ sources }) => sources.map((s) => [subjectOf(s), s.digest ?? 'no digest'].join(' '))),
    decision,
    dryRun: request.dryRun,
    requestId,
  });
  return answer(decision, reports.flatMap(reasonsOf));
}

function answer(decision: Decision, reasons: readonly Reason[]): AdmissionAnswer {
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
