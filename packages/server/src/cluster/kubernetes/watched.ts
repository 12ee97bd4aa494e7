import { setTimeout as pause } from 'node:timers/promises';
import { own } from '../json-object.ts';
import type { ApiFailure } from './api-failure.ts';
import type { KubernetesClient, KubernetesObject, Selection, WatchEvent } from './client.ts';
import { listAll } from './list.ts';
import { type Collection, describeCollection, RESOURCES } from './resource.ts';

/** Times in milliseconds but where they say otherwise. */
export interface WatchTiming {
  /**
   * The longest a watch lasts, in seconds; the least is two thirds of it. So short that a connection that is dead
   * without a word is noticed before what came over it counts as lost.
   */
  readonly watchSeconds: number;
  /** Without contact for so long, nothing is known any more. */
  readonly lostAfter: number;
  readonly backoff: { readonly first: number; readonly most: number };
  /**
   * So often is everything listed anew, watch or no watch. A list has to agree with etcd, while an API server that is
   * cut off from it goes on with its watches as if nothing ever changed: so ConfigMaps, which are few, are listed
   * after every watch.
   */
  readonly resync: { readonly configMaps: number; readonly others: number };
  /** Objects of one page. */
  readonly pageSize: number;
}

export const WATCH_TIMING: WatchTiming = {
  watchSeconds: 45,
  lostAfter: 60_000,
  backoff: { first: 500, most: 10_000 },
  resync: { configMaps: 20_000, others: 30 * 60_000 },
  pageSize: 100,
};

export interface WatchedOptions<T> {
  readonly client: KubernetesClient;
  readonly collection: Collection;
  readonly selection: Selection;
  /** What is kept of an object; null: nothing, it is as good as not there. */
  readonly keep: (object: KubernetesObject) => T | null;
  /** Null: it is gone. Called with what was found at first, too. */
  readonly onChange: (kept: T | null) => void;
  /** `what` cannot be listed or watched. */
  readonly onFailure: (what: string, failure: ApiFailure) => void;
  readonly timing: WatchTiming;
}

/** How often this resource is listed anew. */
function resyncOf({
  collection: { resource },
  timing: { resync },
}: Pick<WatchedOptions<unknown>, 'collection' | 'timing'>): number {
  return resource === RESOURCES.configMaps ? resync.configMaps : resync.others;
}

interface Entry<T> {
  readonly version: string;
  readonly kept: T;
}

/**
 * Objects of the API server, listed and then watched. What cannot be listed, and what has not been heard of for too
 * long, is unreadable, whatever is still in memory: absence is told only of what is known.
 */
export class Watched<T> {
  readonly #options: WatchedOptions<T>;
  readonly #stopping = new AbortController();
  readonly #answered = Promise.withResolvers<void>();
  #entries = new Map<string, Entry<T>>();
  /** Where a watch goes on; null: list first. */
  #version: string | null = null;
  #listedAt: number | null = null;
  /** When all that had happened was known. */
  #contactAt = 0;
  #failure: { readonly verb: 'list' | 'watch'; readonly failure: ApiFailure } | null = null;
  #ended: Promise<void> | null = null;

  constructor(options: WatchedOptions<T>) {
    this.#options = options;
  }

  start(): void {
    this.#ended ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#answered.resolve();
    await this.#ended;
  }

  /** Settles once there is a first answer, be it a failure. */
  get answered(): Promise<void> {
    return this.#answered.promise;
  }

  get isAnswered(): boolean {
    return this.#listedAt !== null || this.#failure !== null;
  }

  /** Why nothing can be said about these objects; null if it can. A whole sentence without its full stop. */
  get unreadable(): string | null {
    const what = this.#what;
    const failed = this.#failure;
    if (this.#listedAt !== null) {
      const silence = performance.now() - this.#contactAt;
      if (silence <= this.#options.timing.lostAfter) return null;
      const because = failed === null ? '' : `: ${failed.failure.reason}`;
      return `nothing has been heard of ${what} for ${Math.round(silence / 1000)} s${because}`;
    }
    if (failed === null) return `there is no list yet of ${what}`;
    const { kind, reason } = failed.failure;
    return `this server ${kind === 'forbidden' ? 'may not' : 'cannot'} ${failed.verb} ${what}: ${reason}`;
  }

  get #what(): string {
    return describeCollection(this.#options.collection, this.#options.selection.name);
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)?.kept;
  }

  /** What is known now, by namespace and name. */
  snapshot(): ReadonlyMap<string, T> {
    return new Map([...this.#entries].map(([key, { kept }]) => [key, kept]));
  }

  async #run(): Promise<void> {
    const { timing, onFailure } = this.#options;
    const resync = resyncOf(this.#options);
    let attempt = 0;
    while (!this.#isStopped()) {
      const startedAt = performance.now();
      if (startedAt - (this.#listedAt ?? startedAt) > resync) this.#version = null;
      const verb = this.#version === null ? 'list' : 'watch';
      const failed = this.#version === null ? await this.#list() : await this.#watch(this.#version);
      if (this.#isStopped()) return;
      if (failed === null && verb === 'list') continue;
      // A watch that ends at once is as good as none: nobody may be asked without a pause.
      const isBrief = performance.now() - startedAt < timing.backoff.first;
      attempt = failed === null && !isBrief ? 0 : attempt + 1;
      if (failed?.kind === 'expired') this.#version = null;
      // A watch that is too old is nobody's fault; a list that is, before it ends, never comes to an end.
      if (failed !== null && !(failed.kind === 'expired' && verb === 'watch')) {
        // The same again is no news.
        if (this.#failure?.failure.kind !== failed.kind) onFailure(this.#what, failed);
        this.#failure = { verb, failure: failed };
      }
      this.#answered.resolve();
      if (attempt > 0) await this.#pause(attempt);
    }
  }

  async #list(): Promise<ApiFailure | null> {
    const { client, collection, selection, timing } = this.#options;
    const startedAt = performance.now();
    const next = new Map<string, Entry<T>>();
    const changed: T[] = [];
    const listed = await listAll(
      client,
      collection,
      { selection, limit: timing.pageSize, signal: this.#stopping.signal },
      (object) => {
        const version = own(object, 'metadata', 'resourceVersion');
        const key = keyOf(object);
        if (key === null || typeof version !== 'string') return;
        const known = this.#entries.get(key);
        const kept = known?.version === version ? known.kept : this.#options.keep(object);
        if (kept === null) return;
        next.set(key, { version, kept });
        if (kept !== known?.kept) changed.push(kept);
      },
    );
    if ('failure' in listed) return listed.failure;
    const gone = [...this.#entries.keys()].some((key) => !next.has(key));
    this.#entries = next;
    this.#version = listed.value;
    this.#listedAt = startedAt;
    this.#contact(startedAt);
    this.#answered.resolve();
    for (const kept of changed) this.#options.onChange(kept);
    if (gone) this.#options.onChange(null);
    return null;
  }

  async #watch(resourceVersion: string): Promise<ApiFailure | null> {
    const { client, collection, selection, timing } = this.#options;
    const failed = await client.watch(collection, {
      selection,
      resourceVersion,
      seconds: Math.max(1, Math.round(timing.watchSeconds * (1 - Math.random() / 3))),
      signal: this.#stopping.signal,
      onOpen: () => {
        this.#contact(performance.now());
      },
      onEvent: (event) => {
        this.#apply(event);
      },
    });
    // One that ended at its time had told everything until then.
    if (failed === null) this.#contact(performance.now());
    return failed;
  }

  #apply(event: WatchEvent): void {
    this.#version = event.version;
    this.#contact(performance.now());
    if (event.type === 'BOOKMARK') return;
    const key = keyOf(event.object);
    if (key === null) return;
    const kept = event.type === 'DELETED' ? null : this.#options.keep(event.object);
    if (kept !== null) this.#entries.set(key, { version: event.version, kept });
    else if (!this.#entries.delete(key)) return;
    this.#options.onChange(kept);
  }

  #contact(at: number): void {
    this.#contactAt = at;
    this.#failure = null;
  }

  #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #pause(attempt: number): Promise<void> {
    const { first, most } = this.#options.timing.backoff;
    const longest = Math.min(most, first * 2 ** Math.min(attempt - 1, 20));
    const signal = this.#stopping.signal;
    await pause(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
  }
}

/** By namespace and name. */
export function keyFor(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function keyOf(object: KubernetesObject): string | null {
  const namespace = own(object, 'metadata', 'namespace');
  const name = own(object, 'metadata', 'name');
  return typeof namespace === 'string' && typeof name === 'string' ? keyFor(namespace, name) : null;
}
