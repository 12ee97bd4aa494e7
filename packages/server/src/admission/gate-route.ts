import type { RequestHandler } from 'express';
import type { ServerContext } from '../context.ts';
import { answerJson } from '../http/answer.ts';
import { ApiError } from '../http/api-error.ts';
import { requestIdOf } from '../http/request-id.ts';
import { parseAdmissionReview, reviewResponse } from './admission-review.ts';
import { gate } from './gate.ts';

/**
 * `POST /admission/gate`. What is no review, and a fault of ours, is an HTTP error: kube-apiserver then does as the
 * webhook's `failurePolicy` says. Every answer to a review is 200 with the verdict inside.
 */
export function gateRoute(context: ServerContext): RequestHandler {
  return async (request, response) => {
    const body: unknown = request.body;
    const review = parseAdmissionReview(body);
    if ('fault' in review) throw new ApiError(400, 'bad-request', `This is not an AdmissionReview v1: ${review.fault}`);
    const answer = await gate(review.request, requestIdOf(response), context);
    answerJson(response, 200, reviewResponse(review.request.uid, answer));
  };
}
