import type { RequestHandler } from 'express';
import { ApiError } from './api-error.ts';
import type { SharedTokens } from './shared-tokens.ts';

/**
 * Lets through only what argocd-server's proxy sends. Answers 403, never 401: the tab would send the user to the login
 * page.
 */
export function requireSharedSecret(tokens: Pick<SharedTokens, 'accepts'>): RequestHandler {
  return async (request, _response, next) => {
    const values = headerValues(request.rawHeaders, 'authorization');
    const [value = ''] = values;
    if (values.length === 1 && (await tokens.accepts(value.replace(/^Bearer /, '')))) {
      next();
      return;
    }
    const detail = value.startsWith('$')
      ? 'Argo CD sent the name of the secret instead of its value: argocd-secret has no such key.'
      : 'Set the Authorization header of extension.config.source-integrity to the token of this server.';
    throw new ApiError(403, 'secret-mismatch', detail);
  };
}

/** All values of a header, duplicates included, from Node's flat list of names and values. */
export function headerValues(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) values.push(rawHeaders[index + 1] ?? '');
  }
  return values;
}
