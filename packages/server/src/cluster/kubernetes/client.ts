import { readFileSync } from 'node:fs';
import { buildConnector, type Dispatcher, Pool } from 'undici';
import { isPlainObject, own } from '../json-object.ts';
import { type ApiFailure, failure, networkFailure, type Outcome, statusFailure } from './api-failure.ts';
import { boundedLines, boundedText, TooLargeError } from './bounded-body.ts';
import { type Collection, collectionPath, objectPath } from './resource.ts';
import { ServiceAccountToken } from './service-account.ts';

export type KubernetesObject = Readonly<Record<string, unknown>>;

export interface KubernetesClientOptions {
  /** The API server's URL, without a path. */
  readonly server: string;
  /** Read anew as it is replaced. */
  readonly tokenFile: string;
  /** PEM; read at every new connection. Null: the system's roots, or plain HTTP. */
  readonly caFile: string | null;
}

/** Which objects of a collection. */
export interface Selection {
  /** The only one; asked for so that RBAC can name it. */
  readonly name?: string;
  readonly labelSelector?: string;
}

/** A part of a list. */
export interface Page {
  readonly items: readonly KubernetesObject[];
  /** Of the whole list: where a watch goes on. */
  readonly resourceVersion: string;
  /** For the next page; null at the end. */
  readonly continue: string | null;
}

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubernetesObject; readonly version: string }
  /** Nothing has changed up to this version. */
  | { readonly type: 'BOOKMARK'; readonly version: string };

export interface PageOptions {
  readonly selection: Selection;
  /** The most objects. */
  readonly limit: number;
  /** The `continue` of the page before; null for the first. */
  readonly token: string | null;
  readonly signal: AbortSignal;
}

export interface WatchOptions {
  readonly selection: Selection;
  readonly resourceVersion: string;
  /** The API server ends the watch then. */
  readonly seconds: number;
  readonly signal: AbortSignal;
  /** The API server has taken the watch. */
  readonly onOpen: () => void;
  readonly onEvent: (event: WatchEvent) => void;
}

/** One operation of a JSON patch (RFC 6902). */
export type PatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

const CONNECT_TIMEOUT_MS = 5000;
const HEADERS_TIMEOUT_MS = 15_000;
const IDLE_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** Beyond its own time a watch is taken for dead after so long. */
const WATCH_GRACE_MS = 10_000;
/** Requests beside the watches, of which each has a connection for itself. */
const CONNECTIONS = 8;
const MAX_HEADER_BYTES = 32 * 1024;
/** Of a page, or an object. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const MAX_STATUS_BYTES = 1024 * 1024;
/** etcd takes objects of 1.5 MiB; written as JSON they can become longer. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;

interface Ask {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

/**
 * The few verbs of the Kubernetes API that are needed here, over HTTP/1.1, each bounded in time and size. The API
 * server's own word is trusted; what tenants wrote into objects is not, and is parsed by whoever reads them.
 * Expected failures are data; nothing is retried but a request whose token had been replaced meanwhile.
 */
export class KubernetesClient {
  readonly #token: ServiceAccountToken;
  readonly #requests: Pool;
  readonly #watches: Pool;

  constructor({ server, tokenFile, caFile }: KubernetesClientOptions) {
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

  get(collection: Collection, name: string): Promise<Outcome<KubernetesObject>> {
    return this.#answered({ method: 'GET', path: objectPath(collection, name) });
  }

  /** A part of the list of objects. */
  async page(collection: Collection, { selection, limit, token, signal }: PageOptions): Promise<Outcome<Page>> {
    const query = queryOf(selection, { limit: String(limit), continue: token ?? undefined });
    const answer = await this.#answered({ method: 'GET', path: `${collectionPath(collection)}?${query}` }, signal);
    if ('failure' in answer) return answer;
    const { items = [] } = answer.value;
    const resourceVersion = own(answer.value, 'metadata', 'resourceVersion');
    const next = own(answer.value, 'metadata', 'continue');
    if (typeof resourceVersion !== 'string' || !Array.isArray(items) || !items.every(isPlainObject)) {
      return failure('malformed', 'the API server answered something that is not a list');
    }
    const rest = typeof next === 'string' && next !== '' ? next : null;
    return { value: { items, resourceVersion, continue: rest } };
  }

  /** Tells of changes since a version until the watch ends; null if it ended as it should, at its time. */
  async watch(collection: Collection, options: WatchOptions): Promise<ApiFailure | null> {
    const { selection, resourceVersion, seconds, signal, onOpen, onEvent } = options;
    const query = queryOf(selection, {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion,
      timeoutSeconds: String(seconds),
    });
    const lifetime = seconds * 1000 + WATCH_GRACE_MS;
    const limits = { bodyTimeout: lifetime, signal: AbortSignal.any([signal, AbortSignal.timeout(lifetime)]) };
    try {
      const path = `${collectionPath(collection)}?${query}`;
      const response = await this.#authorized(this.#watches, { method: 'GET', path }, limits);
      if (response.statusCode !== 200) return await refusalOf(response);
      if (!isJson(response)) return discarded(response);
      onOpen();
      for await (const line of boundedLines(response.body, MAX_LINE_BYTES)) {
        const event = readEvent(line);
        if ('failure' in event) return event.failure;
        onEvent(event);
      }
      return null;
    } catch (error) {
      return failureOf(error);
    }
  }

  /** Makes an object; `conflict` if it is there already. */
  create(collection: Collection, object: KubernetesObject): Promise<Outcome<KubernetesObject>> {
    return this.#answered({ method: 'POST', path: collectionPath(collection), body: object });
  }

  /** Replaces an object; `conflict` if it is no longer at the `metadata.resourceVersion` that comes along. */
  replace(collection: Collection, name: string, object: KubernetesObject): Promise<Outcome<KubernetesObject>> {
    return this.#answered({ method: 'PUT', path: objectPath(collection, name), body: object });
  }

  patch(
    collection: Collection,
    name: string,
    operations: readonly PatchOperation[],
  ): Promise<Outcome<KubernetesObject>> {
    const contentType = 'application/json-patch+json';
    return this.#answered({ method: 'PATCH', path: objectPath(collection, name), body: operations, contentType });
  }

  /** Ends every connection; requests under way break off. */
  async close(): Promise<void> {
    await Promise.all([this.#requests.destroy(), this.#watches.destroy()]);
  }

  async #answered(ask: Ask, ended?: AbortSignal): Promise<Outcome<KubernetesObject>> {
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const signal = ended === undefined ? timeout : AbortSignal.any([ended, timeout]);
    try {
      return await answerOf(await this.#authorized(this.#requests, ask, { signal }));
    } catch (error) {
      return { failure: failureOf(error) };
    }
  }

  async #authorized(
    pool: Pool,
    ask: Ask,
    limits: Pick<Dispatcher.RequestOptions, 'bodyTimeout' | 'signal'>,
  ): Promise<Dispatcher.ResponseData> {
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

async function answerOf(response: Dispatcher.ResponseData): Promise<Outcome<KubernetesObject>> {
  const { statusCode, body } = response;
  if (statusCode < 200 || statusCode > 299) return { failure: await refusalOf(response) };
  if (!isJson(response)) return { failure: discarded(response) };
  const value = parseJson(await boundedText(body, MAX_ANSWER_BYTES));
  return isPlainObject(value) ? { value } : failure('malformed', 'the API server answered something that is not JSON');
}

async function refusalOf(response: Dispatcher.ResponseData): Promise<ApiFailure> {
  if (isJson(response)) {
    return statusFailure(response.statusCode, parseJson(await boundedText(response.body, MAX_STATUS_BYTES)));
  }
  discarded(response);
  return statusFailure(response.statusCode, null);
}

function isJson({ headers }: Dispatcher.ResponseData): boolean {
  return /^application\/json\s*(?:;|$)/i.test(String(headers['content-type'] ?? ''));
}

function discarded({ body }: Dispatcher.ResponseData): ApiFailure {
  body.on('error', () => undefined).destroy();
  return { kind: 'malformed', reason: 'the API server answered something that is not JSON' };
}

function readEvent(line: string): WatchEvent | { readonly failure: ApiFailure } {
  const event = parseJson(line);
  const [type, object] = [own(event, 'type'), own(event, 'object')];
  if (type === 'ERROR') {
    const code = own(object, 'code');
    return { failure: statusFailure(typeof code === 'number' ? code : 500, object) };
  }
  const version = own(object, 'metadata', 'resourceVersion');
  if (isPlainObject(object) && typeof version === 'string' && version !== '') {
    if (type === 'BOOKMARK') return { type, version };
    if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') return { type, object, version };
  }
  return failure('malformed', 'the API server sent an event that cannot be read');
}

/** Undefined for what is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failureOf(error: unknown): ApiFailure {
  if (!(error instanceof TooLargeError)) return networkFailure(error);
  return { kind: 'too-large', reason: `the API server's answer is larger than ${error.maxBytes} bytes` };
}

function queryOf({ name, labelSelector }: Selection, parameters: Readonly<Record<string, string | undefined>>): string {
  const fieldSelector = name === undefined ? undefined : `metadata.name=${name}`;
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries({ fieldSelector, labelSelector, ...parameters })) {
    if (value !== undefined) query.set(key, value);
  }
  return query.toString();
}
