import type { RequestHandler } from 'express';
import { type Logger, requestLogger } from '../logger.ts';
import { requestIdOf } from './request-id.ts';

/** One line for each request when it is over. Headers and queries are not in it. */
export function requestLog(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    response.on('close', () => {
      requestLogger(logger, requestIdOf(response)).info(
        {
          method: request.method,
          // Routers take their part off `url` while they answer.
          path: request.originalUrl.split('?', 1)[0]?.slice(0, 200),
          status: response.statusCode,
          durationMs: Math.round(performance.now() - startedAt),
        },
        'request',
      );
    });
    next();
  };
}
