import type { RequestHandler } from 'express';
import { type Logger, requestLogger } from '../logger.ts';
import { requestIdOf } from './request-id.ts';

/**
 * One line for each request when it is over. Headers and queries are not in it. Of what the API server asks the audit
 * tells: the request comes several times a second where a controller tries again at once.
 */
export function requestLog(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    response.on('close', () => {
      const { method, originalUrl } = request;
      const { statusCode: status } = response;
      // Routers take their part off `url` while they answer.
      const path = originalUrl.split('?', 1)[0]?.slice(0, 200);
      const level = status === 200 && path?.startsWith('/admission/') === true ? 'debug' : 'info';
      if (!logger.isLevelEnabled(level)) return;
      requestLogger(logger, requestIdOf(response))[level](
        {
          method,
          path,
          status,
          durationMs: Math.round(performance.now() - startedAt),
        },
        'request',
      );
    });
    next();
  };
}
