import type { Deployment } from './application/plan.ts';
import { namespaceProblem, type Project, sourceProblem } from './application/project.ts';
import { enforcementFor, findExemption } from './policy/requirements.ts';
import { decideAll, decideProblems, overallStatus } from './report/decide.ts';
import type { ApplicationRef, Report, SourceReport, Trigger } from './report/report.ts';
import type { Problem } from './verdict/problem.ts';
import type { Judgement } from './judgement.ts';
import { isUnderPolicy, verifySource } from './verify-source.ts';

export interface ApplicationQuestion {
  readonly application: ApplicationRef;
  /** What would be deployed: by an operation, or by the spec's own target. */
  readonly deployment: Deployment;
  /** The Application's project, or why it may not be relied on. */
  readonly project: { readonly project: Project } | { readonly problem: Problem };
  readonly trigger: Trigger;
  readonly deployedRevisions: readonly string[];
  readonly runningJob: string | null;
}

export type ApplicationJudgement = Omit<Judgement, 'project' | 'exempt' | 'operation'>;

/**
 * Verifies all sources of one Application and decides about its sync. Nothing is fetched for an Application that its
 * project does not permit: a tenant must not be able to make this server ask a repository of somebody else's.
 */
export async function verifyApplication(
  question: ApplicationQuestion,
  judgement: ApplicationJudgement,
): Promise<Report> {
  const { application, deployment, trigger, deployedRevisions, runningJob } = question;
  const { policy, now } = judgement;
  const { exemption } = findExemption(policy, application, now);
  const enforcement = enforcementFor(policy, application.project).value;
  const operation = deployment.via !== 'spec';
  const forbidden = permissionProblems(question, judgement.argocdNamespace);
  const sources =
    forbidden.length > 0
      ? []
      : await Promise.all(
          deployment.sources.map((planned) =>
            verifySource(planned, {
              ...judgement,
              project: application.project,
              exempt: exemption !== null,
              operation,
            }),
          ),
        );
  const problems = [...forbidden, ...(operation ? operationProblems(deployment, sources, judgement) : [])];
  const own = decideProblems(problems, enforcement, exemption !== null);
  return {
    application,
    checkedAt: lastObserved(sources) ?? now.toISOString(),
    trigger,
    status: overallStatus(sources, problems),
    enforcement,
    decision: decideAll([own, ...sources.map(({ decision }) => decision)]),
    sources,
    problems,
    exemption: exemption === null ? null : { reason: exemption.reason, until: exemption.until.toISOString() },
    deployedRevisions: [...deployedRevisions],
    runningJob,
  };
}

function permissionProblems(
  { application, deployment, project }: ApplicationQuestion,
  argocdNamespace: string,
): Problem[] {
  if ('problem' in project) return [project.problem];
  const namespace = namespaceProblem(project.project, application.namespace, argocdNamespace);
  const sources = deployment.sources.map(({ source }) => sourceProblem(project.project, source));
  return [namespace, ...sources].filter((each) => each !== null);
}

/** What denies an operation as a whole. An object that may mean several things has to be good in all of them. */
function operationProblems(
  { concerns, ambiguity, sources: planned }: Deployment,
  sources: readonly SourceReport[],
  { policy }: ApplicationJudgement,
): Problem[] {
  const hasPolicy = policy.problems.length > 0 || policy.baseline !== null || policy.projects.size > 0;
  const applies = planned.length === 0 ? hasPolicy : sources.some((source) => isUnderPolicy(source.policy));
  if (!applies) return [];
  const allAllowed = sources.every(({ decision }) => decision.action === 'allow');
  return [...(ambiguity === null || allAllowed ? [] : [ambiguity]), ...concerns];
}

function lastObserved(sources: readonly SourceReport[]): string | null {
  const times = sources.flatMap(({ observedAt }) => (observedAt === null ? [] : [observedAt]));
  return times.toSorted().at(-1) ?? null;
}
