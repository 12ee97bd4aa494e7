import type { Application } from '@source-integrity/core';
import type { Lookup } from '../cluster.ts';
import { own } from '../json-object.ts';
import { unreadableBecause } from '../unreadable.ts';
import { type Json, readApplication } from '../view.ts';
import { type ApplicationNamespaces, applicationNamespaces } from './application-namespaces.ts';
import type { KubernetesClient } from './client.ts';
import { RESOURCES } from './resource.ts';
import { keyFor, Watched, type WatchedOptions } from './watched.ts';

type Kept = Lookup<Application>;

export interface ApplicationWatchOptions extends Pick<WatchedOptions<Kept>, 'timing' | 'onFailure'> {
  readonly client: KubernetesClient;
  readonly controllerNamespace: string;
  /** `argocd-cmd-params-cm` as it is now. */
  readonly parameters: () => Lookup<Json>;
  readonly onChange: (application: Application) => void;
}

/**
 * Applications in Argo CD's namespace and wherever else it looks for them. Of each only what is parsed is kept: with
 * thousands of them, their status and managed fields would be most of this server's memory.
 */
export class ApplicationWatch {
  readonly #options: ApplicationWatchOptions;
  /** By namespace; under null all of them. */
  readonly #watched = new Map<string | null, Watched<Kept>>();
  readonly #stopping: Promise<void>[] = [];
  #namespaces: ApplicationNamespaces | null = null;
  #source = '';

  constructor(options: ApplicationWatchOptions) {
    this.#options = options;
  }

  /** Watches where `argocd-cmd-params-cm` says; what cannot be read of it leaves Argo CD's own namespace. */
  follow(): void {
    const parameters = this.#options.parameters();
    if (parameters.status === 'unreadable' && this.#namespaces !== null) return;
    const entry = parameters.status === 'found' ? own(parameters.value, 'data', 'application.namespaces') : '';
    const text = typeof entry === 'string' ? entry : '';
    if (this.#namespaces !== null && text === this.#source) return;
    this.#source = text;
    const namespaces = applicationNamespaces(text, this.#options.controllerNamespace);
    this.#namespaces = namespaces;
    const wanted = new Set<string | null>(namespaces.names ?? [null]);
    for (const [namespace, watched] of this.#watched) {
      // What is kept of a watch over all namespaces depends on the patterns.
      if (namespace !== null && wanted.has(namespace)) continue;
      this.#watched.delete(namespace);
      this.#stopping.push(watched.stop());
    }
    for (const namespace of wanted) {
      if (this.#watched.has(namespace)) continue;
      const watched = this.#watch(namespace, namespaces);
      this.#watched.set(namespace, watched);
      watched.start();
    }
  }

  application(namespace: string, name: string): Lookup<Application> {
    const watched = this.#watched.get(null) ?? this.#watched.get(namespace);
    const reason = watched === undefined ? this.#unknown() : watched.unreadable;
    if (reason !== null) return unreadableBecause(reason);
    return watched?.get(keyFor(namespace, name)) ?? { status: 'missing' };
  }

  applications(): readonly Application[] {
    return [...this.#watched.values()].flatMap((watched) =>
      [...watched.snapshot().values()].flatMap((kept) => (kept.status === 'found' ? [kept.value] : [])),
    );
  }

  /** What cannot be read. */
  unreadable(): readonly string[] {
    const reasons = [...this.#watched.values()].flatMap((watched) => watched.unreadable ?? []);
    return [...[this.#unknown() ?? []].flat(), ...reasons];
  }

  /** Every namespace was looked at, though perhaps in vain. */
  get isAnswered(): boolean {
    return this.#watched.size > 0 && [...this.#watched.values()].every((watched) => watched.isAnswered);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#stopping, ...[...this.#watched.values()].map((watched) => watched.stop())]);
  }

  /** Why nothing is known of other namespaces than those that are watched. */
  #unknown(): string | null {
    const parameters = this.#options.parameters();
    return parameters.status === 'unreadable' ? parameters.reason : null;
  }

  #watch(namespace: string | null, { permits }: ApplicationNamespaces): Watched<Kept> {
    const { client, timing, onFailure, onChange } = this.#options;
    return new Watched<Kept>({
      client,
      collection: { resource: RESOURCES.applications, namespace },
      selection: {},
      timing,
      onFailure,
      keep(object) {
        const where = own(object, 'metadata', 'namespace');
        return typeof where === 'string' && permits(where) ? readApplication(object) : null;
      },
      onChange(kept) {
        if (kept?.status === 'found') onChange(kept.value);
      },
    });
  }
}
