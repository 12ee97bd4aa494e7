import { CONFIG_MAPS, type Lookup, SECRET_TYPE_LABEL, type Unreadable } from '../cluster.ts';
import { unreadableBecause } from '../unreadable.ts';
import { type ArgocdObjects, type Json, settingFaults } from '../view.ts';
import type { KubernetesClient, KubernetesObject, Selection } from './client.ts';
import { keptConfigMap, keptProject, keptSecret } from './kept.ts';
import { type Resource, RESOURCES } from './resource.ts';
import { keyFor, Watched, type WatchedOptions } from './watched.ts';

const PARAMETERS = 'argocd-cmd-params-cm';
const REPOSITORIES = { labelSelector: `${SECRET_TYPE_LABEL} in (repository,repo-creds)` };

export interface SettingsWatchOptions extends Pick<WatchedOptions<Json>, 'timing' | 'onFailure'> {
  readonly client: KubernetesClient;
  readonly namespace: string;
  /** `application.namespaces` is known, or may have changed. */
  readonly onParameters: () => void;
  /** Anything here has changed, or was found. */
  readonly onChange: () => void;
}

/** Everything but the Applications: objects of Argo CD's namespace that say what is verified, and how. */
export class SettingsWatch {
  readonly #namespace: string;
  readonly #configMaps = new Map<string, Watched<Json>>();
  readonly #projects: Watched<Json>;
  readonly #secrets: Watched<Json>;
  readonly #parameters: Watched<Json>;
  /** Counts changes. */
  #version = 0;

  constructor({ client, namespace, onParameters, onChange, ...options }: SettingsWatchOptions) {
    this.#namespace = namespace;
    const watched = (
      resource: Resource,
      selection: Selection,
      keep: (object: KubernetesObject) => Json,
      onOwnChange = (): void => undefined,
    ): Watched<Json> =>
      new Watched({
        ...options,
        client,
        collection: { resource, namespace },
        selection,
        keep,
        onChange: () => {
          this.#version += 1;
          onOwnChange();
          onChange();
        },
      });
    for (const name of Object.values(CONFIG_MAPS)) {
      this.#configMaps.set(name, watched(RESOURCES.configMaps, { name }, keptConfigMap));
    }
    this.#projects = watched(RESOURCES.projects, {}, keptProject);
    this.#secrets = watched(RESOURCES.secrets, REPOSITORIES, keptSecret);
    this.#parameters = watched(RESOURCES.configMaps, { name: PARAMETERS }, keptConfigMap, onParameters);
  }

  start(): void {
    for (const each of this.#all()) each.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all().map((each) => each.stop()));
  }

  /** Settles once everything was looked for. */
  async answered(): Promise<void> {
    await Promise.all(this.#all().map((each) => each.answered));
  }

  /** What cannot be read that a decision rests on; `argocd-cmd-params-cm` says only which Applications are watched. */
  unreadable(): readonly string[] {
    return [...this.#configMaps.values(), this.#projects, this.#secrets].flatMap((each) => each.unreadable ?? []);
  }

  /** `application.namespaces`; why it cannot be told otherwise. */
  parameters(): Lookup<Json> {
    return lookup(this.#parameters, keyFor(this.#namespace, PARAMETERS));
  }

  get parametersAnswered(): Promise<void> {
    return this.#parameters.answered;
  }

  /** Another text whenever the objects, or what can be said about them, are others. */
  get state(): string {
    return JSON.stringify([this.#version, this.unreadable()]);
  }

  /** The objects as they are now, and stay in what is answered. */
  objects(): Omit<ArgocdObjects, 'application' | 'applications'> {
    const configMaps = new Map(
      [...this.#configMaps].map(([name, watched]) => [name, lookup(watched, keyFor(this.#namespace, name))]),
    );
    const configMap = (name: string): Lookup<Json> => configMaps.get(name) ?? { status: 'missing' };
    const projectsHidden = hidden(this.#projects);
    const projects = this.#projects.snapshot();
    return {
      project: (name) => projectsHidden ?? found(projects.get(keyFor(this.#namespace, name))),
      projects: [...projects.values()],
      configMap,
      optionalConfigMap: configMap,
      secrets: hidden(this.#secrets) ?? [...this.#secrets.snapshot().values()],
      faults: settingFaults(
        [...configMaps.values()].flatMap((each) => (each.status === 'found' ? [each.value] : [])),
        [...projects.values()],
      ),
    };
  }

  #all(): readonly Watched<Json>[] {
    return [...this.#configMaps.values(), this.#projects, this.#secrets, this.#parameters];
  }
}

function lookup(watched: Watched<Json>, key: string): Lookup<Json> {
  return hidden(watched) ?? found(watched.get(key));
}

function found(object: Json | undefined): Lookup<Json> {
  return object === undefined ? { status: 'missing' } : { status: 'found', value: object };
}

function hidden(watched: Watched<Json>): Unreadable | null {
  const reason = watched.unreadable;
  return reason === null ? null : unreadableBecause(reason);
}
