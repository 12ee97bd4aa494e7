import { errors } from 'undici';
import { FetchFault, problem, type Problem } from '@source-integrity/core';
import { ForbiddenAddressError } from './connector.ts';
import { hostOf } from './destination.ts';
import type { FetchLimits } from './limits.ts';
import { printableText, printableUrl } from './printable-url.ts';

/** What was going on when something failed. */
export interface Attempt {
  readonly url: URL;
  readonly proxy: URL | null;
  /** A body breaks off; before it, nothing was there yet. */
  readonly phase: 'headers' | 'body';
  readonly limits: FetchLimits;
}

const RESET: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const DNS: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'EAI_NONAME',
  'ESERVFAIL',
]);
const UNROUTABLE: ReadonlySet<string> = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
  'EACCES',
]);
const UNTRUSTED: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
  'CERT_REVOKED',
  'CERT_REJECTED',
  'CERT_CHAIN_TOO_LONG',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
]);
const EXPIRED: ReadonlySet<string> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
// Alerts by which a server says that it minds the client's certificate.
const CLIENT_CERTIFICATE =
  /^ERR_SSL_.*ALERT_(?:CERTIFICATE_REQUIRED|UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_(?:UNKNOWN|EXPIRED|REVOKED)|UNSUPPORTED_CERTIFICATE)$/;

/** Whether a request that failed so can be made once more: the connection went away before anything was answered. */
export function isReset(error: unknown): boolean {
  return RESET.has(codeOf(error));
}

/** What went wrong, as data. Anything that is not a failure of the network is a bug, and thrown on. */
export function failureOf(error: unknown, attempt: Attempt): Problem {
  if (error instanceof FetchFault) return error.problem;
  if (error instanceof ForbiddenAddressError) {
    return problem('fetch-forbidden-address', { url: printableUrl(attempt.url), ...error.forbidden });
  }
  // undici's parser errors have no code where its own checks, not the parser, refuse an answer.
  const code = error instanceof errors.HTTPParserError ? (error.code ?? 'HPE_INVALID') : codeOf(error);
  if (!(error instanceof Error) || code === '') throw error;
  return (
    timeout(code, attempt) ??
    proxyFailure(error, code, attempt) ??
    tlsFailure(error, code, attempt) ??
    answerFailure(error, code, attempt)
  );
}

function timeout(code: string, { url, limits }: Attempt): Problem | null {
  const at = printableUrl(url);
  switch (code) {
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return problem('fetch-timeout', { url: at, waitedFor: 'connection', limitMs: limits.connectTimeoutMs });
    case 'UND_ERR_HEADERS_TIMEOUT':
      return problem('fetch-timeout', { url: at, waitedFor: 'headers', limitMs: limits.headersTimeoutMs });
    case 'UND_ERR_BODY_TIMEOUT':
      return problem('fetch-timeout', { url: at, waitedFor: 'body', limitMs: limits.idleTimeoutMs });
    default:
      return null;
  }
}

/** Behind a proxy, a connection that does not come about is the proxy's: nothing else was connected to. */
function proxyFailure(error: Error, code: string, { url, proxy }: Attempt): Problem | null {
  if (proxy === null) return null;
  const isProxys =
    code === 'UND_ERR_ABORTED' ||
    code === 'UND_ERR_INVALID_ARG' ||
    code.startsWith('UND_ERR_PRX') ||
    code === 'ECONNREFUSED' ||
    DNS.has(code) ||
    UNROUTABLE.has(code);
  if (!isProxys) return null;
  const detail = printableText(error.message === '' ? code : error.message);
  return problem('fetch-proxy', { url: printableUrl(url), proxy: printableUrl(proxy), detail });
}

function tlsFailure(error: Error, code: string, { url }: Attempt): Problem | null {
  const cause = tlsCause(code);
  if (cause === null) return null;
  // OpenSSL's message carries source lines and thread numbers; its code says the same.
  const detail = printableText(cause === 'wrong-host' ? error.message : code);
  return problem('fetch-tls', { url: printableUrl(url), host: hostOf(url), cause, detail });
}

function tlsCause(code: string): 'untrusted' | 'expired' | 'wrong-host' | 'client-certificate' | 'handshake' | null {
  if (UNTRUSTED.has(code)) return 'untrusted';
  if (EXPIRED.has(code)) return 'expired';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'wrong-host';
  if (CLIENT_CERTIFICATE.test(code)) return 'client-certificate';
  return code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO' ? 'handshake' : null;
}

function answerFailure(error: Error, code: string, { url, phase, limits }: Attempt): Problem {
  const at = printableUrl(url);
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'HPE_HEADER_OVERFLOW') {
    return problem('fetch-headers-too-large', { url: at, maxBytes: limits.maxHeaderBytes });
  }
  const isMalformed =
    code.startsWith('HPE_') || (phase === 'headers' && code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH');
  if (isMalformed) {
    return problem('fetch-malformed-answer', { url: at, detail: printableText(`${error.message} (${code})`) });
  }
  if (phase === 'body') return problem('fetch-unreachable', { url: at, cause: 'cut-short', detail: code });
  const cause = DNS.has(code)
    ? 'dns'
    : RESET.has(code)
      ? 'reset'
      : UNROUTABLE.has(code)
        ? 'unroutable'
        : code === 'ECONNREFUSED'
          ? 'refused'
          : 'other';
  return problem('fetch-unreachable', { url: at, cause, detail: code });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
