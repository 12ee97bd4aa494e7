import type { RequestHandler } from 'express';
import type { ServerContext } from '../../context.ts';
import { reverify, jobScope, wireJob } from '../../verification/reverification.ts';
import { answerJson } from '../answer.ts';
import { ApiError } from '../api-error.ts';
import { askedApplication } from '../asked-application.ts';
import { requestIdOf } from '../request-id.ts';

/** `POST /verifications`: looks at every source anew. 202 with the job; a second request joins the first. */
export function reverifyRoute(context: ServerContext): RequestHandler {
  return async (request, response) => {
    const asked = await askedApplication(request, context.cluster);
    const submission = await reverify(context, asked.application);
    if ('refused' in submission) {
      context.metrics.jobRefused(submission.refused);
      const seconds = Math.max(1, Math.ceil(submission.retryAfterMs / 1000));
      throw submission.refused === 'busy'
        ? new ApiError(
            503,
            'busy',
            `${submission.waiting} verifications are waiting. Try again in ${seconds} s.`,
            seconds,
          )
        : new ApiError(429, 'rate-limited', `Try again in ${seconds} s.`, seconds);
    }
    if (submission.accepted === 'new') {
      const { namespace, name, uid, project } = asked.application;
      context.audit.record({
        event: 're-verification-asked',
        claimedBy: asked.identity.claimedUsername,
        application: { namespace, name, uid, project },
        sources: [],
        decision: { action: 'allow', policy: null, because: [] },
        exemption: null,
        policyDigest: null,
        dryRun: false,
        requestId: requestIdOf(response),
      });
    }
    response.setHeader('Location', `verifications/${submission.job.id}`);
    answerJson(response, 202, wireJob(submission.job));
  };
}

/** `GET /verifications/:id`: how a job stands. Another Application's job is not found. */
export function jobRoute({ cluster, jobs }: ServerContext): RequestHandler<{ id: string }> {
  return async (request, response) => {
    const { application } = await askedApplication(request, cluster);
    const job = await jobs.get(request.params.id, jobScope(application));
    if (job === null) {
      throw new ApiError(404, 'job-not-found', 'It is over for long, or it was never asked for this Application.');
    }
    answerJson(response, 200, wireJob(job));
  };
}
