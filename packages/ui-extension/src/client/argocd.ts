import { commitCheckOf, type CommitCheck, type Unreadable } from '../git/commit-check.ts';
import type { Commit } from '../git/commit.ts';
import type { ApplicationIdentity } from '../host/application.ts';

/** Argo CD's own API, asked with the user's session. No method throws or rejects. */
export interface Argocd {
  readonly commit: (commit: Commit, signal: AbortSignal) => Promise<CommitCheck>;
}

/** Argo CD may have to check the repository out first. */
const TIMEOUT_MS = 60_000;
/** Holds the commit's message too. */
const MAX_BYTES = 1_048_576;
const MAX_DETAIL = 300;

export function createArgocd(
  application: ApplicationIdentity,
  fetch: typeof globalThis.fetch,
  timeoutMs: number = TIMEOUT_MS,
): Argocd {
  return {
    commit: async (commit, signal) => {
      const attempt = new AbortController();
      const abort = (): void => attempt.abort();
      const timer = setTimeout(abort, timeoutMs);
      signal.addEventListener('abort', abort);
      try {
        const response = await fetch(pathOf(application, commit), {
          credentials: 'same-origin',
          signal: attempt.signal,
          headers: { Accept: 'application/json' },
        });
        const value = parsed(await textOf(response));
        if (!response.ok) return unreadable(reasonOf(response.status), messageOf(value));
        return commitCheckOf(value) ?? unreadable('malformed');
      } catch {
        return unreadable(attempt.signal.aborted ? 'timeout' : 'no-connection');
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
      }
    },
  };
}

/** Relative, so that Argo CD under a path (`<base href>`) is met too. */
function pathOf({ namespace, name }: ApplicationIdentity, { source, revision, version }: Commit): string {
  const query = new URLSearchParams({ appNamespace: namespace, sourceIndex: String(source) });
  if (version !== null) query.set('versionId', String(version));
  return `api/v1/applications/${encodeURIComponent(name)}/revisions/${encodeURIComponent(revision)}/metadata?${query.toString()}`;
}

function unreadable(why: Unreadable, detail = ''): CommitCheck {
  return { state: 'unreadable', why, detail };
}

function reasonOf(status: number): Unreadable {
  switch (status) {
    case 401:
      return 'session';
    case 403:
      return 'forbidden';
    case 404:
      return 'not-found';
    default:
      return 'error';
  }
}

/** Null: longer than anything that Argo CD would say of a commit. */
async function textOf(response: Response): Promise<string | null> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > MAX_BYTES) {
      await reader.cancel();
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}

function parsed(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** What grpc-gateway says of a failure: `{error, code, message}`. */
function messageOf(value: unknown): string {
  const message: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'message') : '';
  return typeof message === 'string' ? message.slice(0, MAX_DETAIL) : '';
}
