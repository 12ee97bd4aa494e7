import { own, isPlainObject } from '../json-object.ts';
import { answerOf, discarded, isJson, type KubernetesObject, readEvent, refusalOf, type WatchEvent } from './answer.ts';
import { type ApiFailure, failure, networkFailure, type Outcome } from './api-failure.ts';
import { boundedLines, TooLargeError } from './bounded-body.ts';
import { type Ask, type ConnectionOptions, Connections } from './connections.ts';
import { type Collection, collectionPath, objectPath } from './resource.ts';
import { TokenFileError } from './service-account.ts';

export type { KubernetesObject, WatchEvent } from './answer.ts';

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

const REQUEST_TIMEOUT_MS = 60_000;
/** Beyond its own time a watch is taken for dead after so long. */
const WATCH_GRACE_MS = 10_000;
/** etcd takes objects of 1.5 MiB; written as JSON they can become longer. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;

/**
 * The few verbs of the Kubernetes API that are needed here, over HTTP/1.1, each bounded in time and size. The API
 * server's own word is trusted; what tenants wrote into objects is not, and is parsed by whoever reads them.
 * Expected failures are data; nothing is retried but a request whose token had been replaced meanwhile.
 */
export class KubernetesClient {
  readonly #connections: Connections;

  constructor(options: ConnectionOptions) {
    this.#connections = new Connections(options);
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
      const response = await this.#connections.watch({ method: 'GET', path }, limits);
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
  close(): Promise<void> {
    return this.#connections.close();
  }

  async #answered(ask: Ask, ended?: AbortSignal): Promise<Outcome<KubernetesObject>> {
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const signal = ended === undefined ? timeout : AbortSignal.any([ended, timeout]);
    try {
      return await answerOf(await this.#connections.request(ask, { signal }));
    } catch (error) {
      return { failure: failureOf(error) };
    }
  }
}

function failureOf(error: unknown): ApiFailure {
  if (error instanceof TokenFileError) return { kind: 'unavailable', reason: error.message };
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
