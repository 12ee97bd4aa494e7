import type { Report } from '@source-integrity/core';
import type { RequestHandler } from 'express';
import type { ServerContext } from '../../context.ts';
import { jobKey } from '../../verification/reverification.ts';
import { answerTagged } from '../answer.ts';
import { askedApplication } from '../asked-application.ts';

/** A person waits at a tab; argocd-server's proxy has no limit of its own. */
const WAIT_MS = 8000;

/** `GET /report`: the verdicts as they are now, from what was seen within `freshness`, else looked at anew. */
export function reportRoute({ cluster, verifier, jobs, webhooks }: ServerContext): RequestHandler {
  return async (request, response) => {
    const { view, application } = await askedApplication(request, cluster);
    const running = await jobs.current(jobKey(application));
    const verified = await verifier.verifySpec(view, application, {
      trigger: 'opened',
      runningJob: running?.id ?? null,
      ask: { waitMs: WAIT_MS, interactive: true, refresh: false },
      enter: () => undefined,
    });
    const gaps = verified.enforcement === 'enforce' ? webhooks?.gaps : null;
    const report: Report = { ...verified, ...(gaps ? { gaps: [...gaps] } : {}) };
    const seen = report.sources.some(({ observedAt }) => observedAt !== null);
    answerTagged(request, response, report, seen ? report : { ...report, checkedAt: null });
  };
}
