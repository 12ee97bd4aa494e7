import { readFileSync } from 'node:fs';
import { buildConnector, type Dispatcher, Pool } from 'undici';
import { ServiceAccountToken } from './service-account.ts';

export interface ConnectionOptions {
  /** The API server's URL, without a path. */
  readonly server: string;
  /** Read anew as it is replaced. */
  readonly tokenFile: string;
  /** PEM; read at every new connection. Null: the system's roots, or plain HTTP. */
  readonly caFile: string | null;
}

export interface Ask {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

type Limits = Pick<Dispatcher.RequestOptions, 'bodyTimeout' | 'signal'>;

const CONNECT_TIMEOUT_MS = 5000;
/** kube-apiserver itself gives up after a minute. */
const HEADERS_TIMEOUT_MS = 30_000;
const IDLE_TIMEOUT_MS = 15_000;
/** Requests beside the watches, of which each has a connection for itself. */
const CONNECTIONS = 8;
const MAX_HEADER_BYTES = 32 * 1024;

/**
 * Connections to the API server, over HTTP/1.1. Each watch has one for itself; other requests share a few. Nothing is
 * asked a second time but a request whose token had been replaced meanwhile.
 */
export class Connections {
  readonly #token: ServiceAccountToken;
  readonly #requests: Pool;
  readonly #watches: Pool;

  constructor({ server, tokenFile, caFile }: ConnectionOptions) {
    this.#token = new ServiceAccountToken(tokenFile);
    const options: Pool.Options = {
      connect: connector(caFile),
      pipelining: 1,
      allowH2: false,
      headersTimeout: HEADERS_TIMEOUT_MS,
      bodyTimeout: IDLE_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    };
    const { origin } = new URL(server);
    this.#requests = new Pool(origin, { ...options, connections: CONNECTIONS });
    this.#watches = new Pool(origin, options);
  }

  /** Throws what undici throws, and a {@link TokenFileError}. */
  request(ask: Ask, limits: Limits): Promise<Dispatcher.ResponseData> {
    return this.#authorized(this.#requests, ask, limits);
  }

  watch(ask: Ask, limits: Limits): Promise<Dispatcher.ResponseData> {
    return this.#authorized(this.#watches, ask, limits);
  }

  async close(): Promise<void> {
    await Promise.all([this.#requests.destroy(), this.#watches.destroy()]);
  }

  async #authorized(pool: Pool, ask: Ask, limits: Limits): Promise<Dispatcher.ResponseData> {
    const token = await this.#token.current();
    const response = await pool.request({ ...requestOf(ask, token), ...limits });
    if (response.statusCode !== 401) return response;
    const successor = await this.#token.successorOf(token);
    if (successor === null) return response;
    await response.body.dump();
    return pool.request({ ...requestOf(ask, successor), ...limits });
  }
}

/** A CA file may be replaced like the token; connections are few. */
function connector(caFile: string | null): buildConnector.connector {
  const options = { timeout: CONNECT_TIMEOUT_MS, allowH2: false };
  if (caFile === null) return buildConnector(options);
  return (to, callback) => {
    let ca: string;
    try {
      ca = readFileSync(caFile, 'utf8');
    } catch (error) {
      callback(error instanceof Error ? error : new Error('the CA file cannot be read'), null);
      return;
    }
    buildConnector({ ...options, ca })(to, callback);
  };
}

function requestOf({ method, path, body, contentType }: Ask, token: string): Dispatcher.RequestOptions {
  return {
    method,
    path,
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      'user-agent': 'source-integrity',
      ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}
