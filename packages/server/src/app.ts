import express, { type Express } from 'express';
import { gateRoute } from './admission/gate-route.ts';
import { pinRoute } from './admission/pin-route.ts';
import type { ServerContext } from './context.ts';
import { type Callers, NO_CALLERS, tokenReviews } from './guard/callers.ts';
import { guardRoute } from './guard/guard-route.ts';
import { apiRouter } from './http/api.ts';
import { errorHandler, notFound } from './http/api-error.ts';
import { healthRoute, metricsRoute, readinessRoute } from './http/operations.ts';
import { noBody } from './http/no-body.ts';
import { requestId } from './http/request-id.ts';
import { requestLog } from './http/request-log.ts';
import { requireSharedSecret } from './http/shared-secret.ts';

/** An object and its old state, each at most what etcd holds, with room for JSON and managed fields. */
const MAX_REVIEW = '8mb';

/**
 * Three listeners, because argocd-server's proxy forwards every path with the shared secret: what users can reach
 * must not lie beside what kube-apiserver asks.
 */
export interface Apps {
  readonly api: Express;
  readonly admission: Express;
  readonly operations: Express;
}

export function createApps(context: ServerContext): Apps {
  return { api: createApi(context), admission: createAdmission(context), operations: createOperations(context) };
}

/** What argocd-server's proxy reaches as `/extensions/source-integrity`. No path takes a body. */
function createApi(context: ServerContext): Express {
  const app = bare();
  app.use(requestId);
  app.use(requestLog(context.logger));
  app.use('/api/v1', requireSharedSecret(context.tokens), noBody, apiRouter(context));
  app.use(notFound);
  app.use(errorHandler(context.logger));
  return app;
}

/** What kube-apiserver asks, and the guard of the repo-server. */
function createAdmission(context: ServerContext): Express {
  const app = bare();
  app.use(requestId);
  app.use(requestLog(context.logger));
  const review = express.json({ limit: MAX_REVIEW, type: () => true });
  app.post('/admission/pin', review, pinRoute(context));
  app.post('/admission/gate', review, gateRoute(context));
  app.post('/guard/v1/pulls', guardRoute(context, callersOf(context)));
  app.use(notFound);
  app.use(errorHandler(context.logger));
  return app;
}

function callersOf({ kubernetes, config, now }: ServerContext): Callers {
  if (kubernetes === null) return NO_CALLERS;
  const accounts = ['argocd-repo-server'];
  return tokenReviews({ client: kubernetes, namespace: config.namespace, accounts, now: () => now().getTime() });
}

/** What kubelet and Prometheus ask. */
function createOperations(context: ServerContext): Express {
  const app = bare();
  app.use(requestId);
  app.get('/healthz', healthRoute);
  app.get('/readyz', readinessRoute(context));
  app.get('/metrics', metricsRoute(context));
  app.use(notFound);
  app.use(errorHandler(context.logger));
  return app;
}

function bare(): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  return app;
}
