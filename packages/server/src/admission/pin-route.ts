import type { RequestHandler } from 'express';
import type { ServerContext } from '../context.ts';
import { answerJson } from '../http/answer.ts';
import { ApiError } from '../http/api-error.ts';
import { requestIdOf } from '../http/request-id.ts';
import { requestLogger } from '../logger.ts';
import { parseAdmissionReview, patchResponse } from './admission-review.ts';
import { pin } from './pin.ts';

/**
 * `POST /admission/pin`. It never refuses: after a fault the write goes on to the gate as it came, and the gate does
 * not rely on it.
 */
export function pinRoute(context: ServerContext): RequestHandler {
  return async (request, response) => {
    const body: unknown = request.body;
    const review = parseAdmissionReview(body);
    if ('fault' in review) throw new ApiError(400, 'bad-request', `This is not an AdmissionReview v1: ${review.fault}`);
    const { uid, namespace, name } = review.request;
    const logger = requestLogger(context.logger, requestIdOf(response));
    try {
      const patch = await pin(review.request, context);
      context.metrics.pinAnswered(patch.length > 0 ? 'pinned' : 'unchanged');
      if (patch.length > 0)
        logger.debug({ namespace, name, patched: patch.map(({ path }) => path) }, 'operation pinned');
      answerJson(response, 200, patchResponse(uid, patch));
    } catch (error) {
      context.metrics.pinAnswered('fault');
      logger.error({ err: error, namespace, name }, 'pin failed; the operation stays as it came');
      answerJson(response, 200, patchResponse(uid, []));
    }
  };
}
