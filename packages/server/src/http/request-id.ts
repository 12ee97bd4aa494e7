import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';

/** Names the request in logs and answers. A caller's own ID is not taken: it could be made to look like another's. */
export const requestId: RequestHandler = (_request, response, next) => {
  response.setHeader('X-Request-Id', randomUUID());
  next();
};

/** The ID that {@link requestId} gave to a request. */
export function requestIdOf(response: { readonly getHeader: (name: string) => unknown }): string {
  const id = response.getHeader('X-Request-Id');
  return typeof id === 'string' ? id : '';
}
