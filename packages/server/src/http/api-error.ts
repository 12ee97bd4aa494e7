import type { ApiProblem } from '@source-integrity/core/contract';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Logger } from '../logger.ts';

/** Every way in which a request itself can be at fault; docs/api.md lists them. */
const TITLES = {
  'bad-headers': 'The headers that name the Application are missing or malformed',
  'bad-request': 'The request is malformed',
  'secret-mismatch': 'The shared secret is missing or wrong',
  'application-not-found': 'There is no such Application in this project',
  'evidence-not-found': 'No such evidence was recorded for this Application',
  'job-not-found': 'No such verification was asked for this Application',
  'not-found': 'There is nothing at this path',
  'method-not-allowed': 'This path does not take that method',
  'body-too-large': 'The request body is too large',
  'guard-not-let-in': 'This caller is not the guard of the repo-server',
  'guard-busy': 'Too many callers that nobody knows are asking',
  'rate-limited': 'Too many verifications were asked for this Application',
  busy: 'Too many verifications are waiting',
  'cluster-unreadable': "Argo CD's objects could not be read",
  internal: 'The server failed',
} as const;
export type ApiErrorCode = keyof typeof TITLES;

/** A request that ends here; `detail` is shown to the caller and holds nothing that they may not know. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: ApiErrorCode;
  readonly detail: string;
  readonly retryAfterSeconds: number | null;

  constructor(status: number, code: ApiErrorCode, detail: string, retryAfterSeconds: number | null = null) {
    super(`${code}: ${detail}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

function send(response: Response, error: ApiError): void {
  const body: ApiProblem = {
    type: `urn:source-integrity:${error.code}`,
    title: TITLES[error.code],
    status: error.status,
    detail: error.detail,
    code: error.code,
    requestId: String(response.getHeader('X-Request-Id') ?? ''),
  };
  if (error.retryAfterSeconds !== null) response.setHeader('Retry-After', String(error.retryAfterSeconds));
  response.status(error.status).type('application/problem+json').send(JSON.stringify(body));
}

/** Answers whatever no route took. */
export const notFound: RequestHandler = (request, response) => {
  send(response, new ApiError(404, 'not-found', `${request.method} ${request.path}`.slice(0, 200)));
};

/** The last middleware: RFC 9457 problem details; a fault is logged whole and told in one word. */
export function errorHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    if (error instanceof ApiError) {
      send(response, error);
      return;
    }
    const status = bodyParserStatus(error);
    if (status === 413) {
      // Nobody reads the rest of it.
      response.setHeader('Connection', 'close');
      send(response, new ApiError(413, 'body-too-large', 'The body is larger than this path takes.'));
    } else if (status !== null) {
      send(response, new ApiError(400, 'bad-request', 'The request could not be read.'));
    } else {
      logger.error({ err: error, requestId: response.getHeader('X-Request-Id') }, 'request failed');
      send(response, new ApiError(500, 'internal', "The server's log has the reason under this request ID."));
    }
  };
}

/** Express's parsers mark their errors with the status that they mean. */
function bodyParserStatus(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('status' in error)) return null;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null;
}
