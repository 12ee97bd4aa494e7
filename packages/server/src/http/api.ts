import { Router } from 'express';
import type { ServerContext } from '../context.ts';
import { ApiError } from './api-error.ts';
import { evidenceRoute } from './routes/evidence.ts';
import { historyRoute } from './routes/history.ts';
import { keysRoute } from './routes/keys.ts';
import { policyRoute } from './routes/policy.ts';
import { reportRoute } from './routes/report.ts';
import { jobRoute, reverifyRoute } from './routes/verifications.ts';

/** The HTTP API, version 1, as docs/api.md lists it. What it answers is always about the Application of the headers. */
export function apiRouter(context: ServerContext): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get('/report', reportRoute(context));
  router.post('/verifications', reverifyRoute(context));
  router.get('/verifications/:id', jobRoute(context));
  router.get('/history', historyRoute(context));
  router.get('/evidence/:digest', evidenceRoute(context));
  router.get('/policy', policyRoute(context));
  router.get('/keys', keysRoute(context));
  for (const [paths, allowed] of METHODS) {
    router.all([...paths], (_request, response) => {
      response.setHeader('Allow', allowed);
      throw new ApiError(405, 'method-not-allowed', `This path takes ${allowed}.`);
    });
  }
  return router;
}

/** Whatever else is asked of a path is told what it takes (RFC 9110, section 15.5.6). */
const METHODS = [
  [['/report', '/history', '/policy', '/keys', '/verifications/:id', '/evidence/:digest'], 'GET, HEAD'],
  [['/verifications'], 'POST'],
] as const;
