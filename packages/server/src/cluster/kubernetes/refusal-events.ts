import { randomBytes } from 'node:crypto';
import type { ApplicationRef } from '@source-integrity/core';
import { TokenBuckets } from '../../jobs/token-bucket.ts';
import type { ApiFailure } from './api-failure.ts';
import type { KubernetesClient } from './client.ts';
import { RESOURCES } from './resource.ts';

export interface RefusalEventsOptions {
  readonly client: Pick<KubernetesClient, 'create'>;
  readonly now: () => Date;
  readonly onFailure: (failure: ApiFailure) => void;
}

/** Automated sync is refused again at each refresh; the same words are told once in ten minutes. */
const SAME = { burst: 1, perMinute: 0.1 };
/** Whoever may write Applications could have any number of syncs refused: etcd is not theirs to fill. */
const ALL = { burst: 25, perMinute: 60 };
/** Characters that `message` may have (`core/v1`, `ValidateEvent`). */
const MAX_MESSAGE = 1024;

/** Tells of refused syncs by Events of Kubernetes that regard the Application. Nobody waits for them. */
export class RefusalEvents {
  readonly #options: RefusalEventsOptions;
  readonly #same: TokenBuckets;
  readonly #all: TokenBuckets;

  constructor(options: RefusalEventsOptions) {
    this.#options = options;
    const now = (): number => options.now().getTime();
    this.#same = new TokenBuckets(SAME, now);
    this.#all = new TokenBuckets(ALL, now);
  }

  tell({ namespace, name, uid }: ApplicationRef, message: string): void {
    // One that was not let in has no UID, and nothing that an Event could regard.
    if (uid === '' || this.#same.take(JSON.stringify([uid, message])) > 0 || this.#all.take('') > 0) return;
    const { client, now, onFailure } = this.#options;
    const at = now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z');
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name.slice(0, 230)}.${randomBytes(8).toString('hex')}`, namespace },
      involvedObject: { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace, name, uid },
      reason: 'SourceIntegrityRefused',
      message: message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE - 1)}…` : message,
      type: 'Warning',
      source: { component: 'source-integrity' },
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
    };
    void client.create({ resource: RESOURCES.events, namespace }, event).then((answer) => {
      if ('failure' in answer) onFailure(answer.failure);
    });
  }
}
