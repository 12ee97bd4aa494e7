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
  router.all(['/report', '/verifications', '/history', '/policy', '/keys'], () => {
    throw new ApiError(405, 'method-not-allowed', 'docs/api.md lists what each path takes.');
  });
  return router;
}
