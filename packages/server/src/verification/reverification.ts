import { type Application, type PhaseName, problem, quotable, specDeployment } from '@source-integrity/core';
import type { Job as WireJob } from '@source-integrity/core/contract';
import type { Cluster } from '../cluster/cluster.ts';
import type { ApplicationVerifier } from './application-verifier.ts';
import type { Job, JobFailure, Jobs, Submission } from '../jobs/jobs.ts';

/** Re-verifications give no result of their own: the report is asked for when they are done. */
export type Reverifications = Jobs<null, PhaseName>;

/** Who may see a job. */
export function jobScope({ uid, project }: Application): string {
  return JSON.stringify([uid, project]);
}

/** One job for each Application and what it would deploy. */
export function jobKey(application: Application): string {
  const { sources } = specDeployment(application, () => false);
  return JSON.stringify([
    jobScope(application),
    sources.map(({ source, revision }) => [source.repoURL, source.chart, revision]),
  ]);
}

/** What a re-verification works with. */
export interface ReverificationParts {
  readonly cluster: Cluster;
  readonly verifier: ApplicationVerifier;
  readonly jobs: Reverifications;
}

/** Looks at every source of an Application anew, as it is when the job's turn comes. */
export function reverify(
  { cluster, verifier, jobs }: ReverificationParts,
  application: Application,
): Promise<Submission<null, PhaseName>> {
  const scope = jobScope(application);
  return jobs.submit({
    key: jobKey(application),
    scope,
    limitedBy: scope,
    run: async ({ enter, signal }) => {
      const view = await cluster.view();
      const now = view.application(application.namespace, application.name);
      if (now.status !== 'found') return null;
      const forward = onlyForward(enter);
      forward('resolving');
      await verifier.verifySpec(view, now.value, {
        trigger: 're-verify',
        runningJob: null,
        ask: { waitMs: WAIT_MS, interactive: true, refresh: true },
        enter: forward,
      });
      signal.throwIfAborted();
      return null;
    },
  });
}

/** Jobs have a time limit of their own; this is only to end after it. */
const WAIT_MS = 10 * 60 * 1000;

const ORDER: readonly PhaseName[] = ['resolving', 'downloading', 'verifying', 'recording'];

/** Several sources go through the phases side by side; people are shown the furthest. */
function onlyForward(enter: (phase: PhaseName) => void): (phase: PhaseName) => void {
  let furthest = -1;
  return (phase) => {
    const place = ORDER.indexOf(phase);
    if (place <= furthest) return;
    furthest = place;
    enter(phase);
  };
}

const time = (at: number): string => new Date(at).toISOString();

/** A job as it travels. */
export function wireJob({ id, requestedAt, phases, outcome }: Job<null, PhaseName>): WireJob {
  const finishedAt = 'finishedAt' in outcome ? time(outcome.finishedAt) : null;
  return {
    id,
    state: outcome.state,
    phases: phases.map((phase) => ({
      name: phase.name,
      startedAt: time(phase.startedAt),
      finishedAt: phase.finishedAt === null ? null : time(phase.finishedAt),
    })),
    requestedAt: time(requestedAt),
    finishedAt,
    problem: outcome.state === 'failed' ? failureProblem(outcome.failure, requestedAt) : null,
  };
}

function failureProblem(failure: JobFailure, requestedAt: number): WireJob['problem'] {
  switch (failure.kind) {
    case 'timed-out':
      return problem('verification-timed-out', { since: new Date(requestedAt).toISOString() });
    case 'stopped':
      return problem('verification-stopped', {});
    case 'fault':
      return problem('verification-fault', {
        name: quotable(failure.error instanceof Error ? failure.error.name : 'fault'),
      });
  }
}
