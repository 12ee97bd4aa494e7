import { ApiProblem } from '@source-integrity/core/contract';
import type { ApiFailure } from './failure.ts';

const MAX_DETAIL = 300;
/** Upstream: util/session/sessionmanager.go, WithAuthMiddleware. */
const NO_COOKIE = 'Auth cookie not found';
const DEFAULT_RETRY_AFTER_SECONDS = 30;
const MAX_RETRY_AFTER_SECONDS = 3600;

/** Says why an answer that is neither a success nor "unchanged" is none. `now` in ms since the epoch. */
export async function failureOf(response: Response, now: number): Promise<ApiFailure> {
  const text = await response.text().catch(() => '');
  const problem = problemOf(text);
  const detail = (problem?.detail ?? (looksLikeHtml(text) ? '' : text.trim())).slice(0, MAX_DETAIL);
  switch (response.status) {
    case 400:
      // Whose cookie is gone, as it is when it ends or after a logout, is answered by Argo CD with 400 and not 401.
      return { kind: problem === null && detail === NO_COOKIE ? 'unauthorized' : 'bad-request', detail };
    case 401:
      return { kind: 'unauthorized', detail };
    case 403:
      return { kind: 'forbidden', detail };
    case 404:
      return problem === null ? { kind: 'extension-missing' } : { kind: 'not-found', detail };
    case 429:
      return { kind: 'rate-limited', retryAfterSeconds: retryAfter(response.headers.get('retry-after'), now) };
    case 502:
    case 503:
    case 504:
      if (problem !== null) return { kind: 'busy', detail };
      return { kind: 'backend-down', status: response.status, detail };
    default:
      return {
        kind: 'server-error',
        status: response.status,
        detail,
        requestId: problem?.requestId ?? response.headers.get('x-request-id'),
      };
  }
}

export function looksLikeHtml(text: string): boolean {
  return /^\s*<(?:!doctype|html)/i.test(text.slice(0, 200));
}

function problemOf(text: string): ApiProblem | null {
  try {
    const parsed = ApiProblem.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** RFC 9110, section 10.2.3: seconds or a date. */
function retryAfter(header: string | null, now: number): number {
  if (header === null) return DEFAULT_RETRY_AFTER_SECONDS;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : Math.ceil((Date.parse(header) - now) / 1000);
  if (!Number.isFinite(seconds)) return DEFAULT_RETRY_AFTER_SECONDS;
  return Math.min(Math.max(seconds, 1), MAX_RETRY_AFTER_SECONDS);
}
