/** Why a call has no answer to show. What the server found out about a chart is never one of these. */
export type ApiFailure =
  /** 400: the proxy or the server could not make sense of the request. */
  | { readonly kind: 'bad-request'; readonly detail: string }
  /** 401: the session is over, or the role lacks the right to invoke the extension; the answer does not tell which. */
  | { readonly kind: 'unauthorized'; readonly detail: string }
  | { readonly kind: 'forbidden'; readonly detail: string }
  /** 404 by Argo CD: no such extension, or proxy extensions are off. */
  | { readonly kind: 'extension-missing' }
  /** 404 by our server: it does not know the Application, the job or the evidence. */
  | { readonly kind: 'not-found'; readonly detail: string }
  | { readonly kind: 'rate-limited'; readonly retryAfterSeconds: number }
  /** 503 by our server: it is there, and cannot answer now. */
  | { readonly kind: 'busy'; readonly detail: string }
  /** 502, 503, 504: Argo CD is there, our server is not. */
  | { readonly kind: 'backend-down'; readonly status: number; readonly detail: string }
  | { readonly kind: 'timeout'; readonly seconds: number }
  /** No answer at all: offline, or Argo CD itself is away. */
  | { readonly kind: 'no-connection' }
  /** An answer that the contract does not know: another version, or something in between that answers by itself. */
  | { readonly kind: 'malformed'; readonly detail: string }
  | {
      readonly kind: 'server-error';
      readonly status: number;
      readonly detail: string;
      readonly requestId: string | null;
    };

export type FailureKind = ApiFailure['kind'];

/** Whether the same call may work by itself a little later. */
export function isTransient(failure: ApiFailure): boolean {
  switch (failure.kind) {
    case 'rate-limited':
    case 'busy':
    case 'backend-down':
    case 'timeout':
    case 'no-connection':
    case 'server-error':
      return true;
    case 'bad-request':
    case 'unauthorized':
    case 'forbidden':
    case 'extension-missing':
    case 'not-found':
    case 'malformed':
      return false;
  }
}
