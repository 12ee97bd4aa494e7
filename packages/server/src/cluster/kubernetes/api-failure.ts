import { quotable } from '@source-integrity/core';
import { own } from '../json-object.ts';

/** Why the API server gave no answer that can be used. */
export interface ApiFailure {
  readonly kind:
    | 'unauthorized'
    | 'forbidden'
    | 'not-found'
    /** The object is there already, or has changed since it was read. */
    | 'conflict'
    /** The resource version, or the rest of a list, is too old: list anew. */
    | 'expired'
    /** Any other refusal of what was asked. */
    | 'refused'
    /** No answer, none in time, or one that says to come again. */
    | 'unavailable'
    | 'malformed'
    | 'too-large';
  /** A clause, such as `the API server answered 403: secrets is forbidden`. */
  readonly reason: string;
}

export type Outcome<T> = { readonly value: T } | { readonly failure: ApiFailure };

export function failure(kind: ApiFailure['kind'], reason: string): { readonly failure: ApiFailure } {
  return { failure: { kind, reason } };
}

/** What a `Status` of the API server says, or a status code alone. */
export function statusFailure(code: number, status: unknown): ApiFailure {
  const message = own(status, 'message');
  const text = typeof message === 'string' && message !== '' ? `: ${quotable(message)}` : '';
  return { kind: kindOf(code), reason: `the API server answered ${code}${text}` };
}

/** A connection that did not come about or broke off. */
export function networkFailure(error: unknown): ApiFailure {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
  const detail = code ?? (error instanceof Error ? error.name : 'unknown error');
  return { kind: 'unavailable', reason: `the API server cannot be reached (${quotable(detail)})` };
}

function kindOf(code: number): ApiFailure['kind'] {
  if (code === 429 || code >= 500) return 'unavailable';
  switch (code) {
    case 401:
      return 'unauthorized';
    case 403:
      return 'forbidden';
    case 404:
      return 'not-found';
    case 409:
      return 'conflict';
    case 410:
      return 'expired';
    default:
      return 'refused';
  }
}
