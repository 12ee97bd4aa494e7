import { setTimeout as pause } from 'node:timers/promises';
import type { Application } from '@source-integrity/core';
import type { Logger } from '../../logger.ts';
import type { Cluster, ClusterView } from '../cluster.ts';
import { clusterView } from '../view.ts';
import type { ApiFailure } from './api-failure.ts';
import { ApplicationWatch } from './application-watch.ts';
import type { KubernetesClient } from './client.ts';
import { SettingsWatch } from './settings-watch.ts';
import { WATCH_TIMING, type WatchTiming } from './watched.ts';

export interface KubernetesClusterOptions {
  /** Stays open when the cluster is closed. */
  readonly client: KubernetesClient;
  /** Argo CD's. */
  readonly controllerNamespace: string;
  /** See {@link AccessSettings}. */
  readonly identityKey: Uint8Array;
  readonly logger: Logger;
  readonly timing?: WatchTiming;
}

/** Milliseconds for which a view waits for the first lists: a moment later there is an answer better than "not yet". */
const WARM_WAIT = 1500;

/**
 * Argo CD's objects as the API server has them, by watches. A change is seen here a moment after it was written;
 * nothing is believed that is older than {@link WatchTiming.lostAfter}.
 */
export function openKubernetesCluster(options: KubernetesClusterOptions): Cluster {
  const { client, controllerNamespace, identityKey, logger, timing = WATCH_TIMING } = options;
  const listeners: ((application: Application) => void)[] = [];
  const settingsListeners: (() => void)[] = [];
  const onFailure = (objects: string, { kind, reason }: ApiFailure): void => {
    logger.warn({ objects, kind, reason }, 'objects cannot be watched');
  };
  const applications = new ApplicationWatch({
    client,
    controllerNamespace,
    parameters: () => settings.parameters(),
    timing,
    onFailure,
    onChange(application) {
      for (const listener of listeners) listener(application);
    },
  });
  const settings = new SettingsWatch({
    client,
    namespace: controllerNamespace,
    timing,
    onFailure,
    onParameters() {
      applications.follow();
    },
    onChange() {
      for (const listener of settingsListeners) listener();
    },
  });
  let known: { readonly state: string; readonly view: ClusterView } | null = null;
  let isWarm = false;
  let hasApplications = false;

  settings.start();
  void settings.parametersAnswered.then(() => {
    applications.follow();
  });
  const warm = settings.answered().then(() => {
    isWarm = true;
  });

  return {
    async view() {
      if (!isWarm) await Promise.race([warm, pause(WARM_WAIT, undefined, { ref: false })]);
      const { state } = settings;
      if (known?.state !== state) {
        const objects = {
          ...settings.objects(),
          application: applications.application.bind(applications),
          applications: applications.applications.bind(applications),
        };
        known = { state, view: clusterView(objects, { controllerNamespace, identityKey }) };
      }
      return known.view;
    },
    health() {
      const missing = settings.unreadable();
      // Only at first: namespaces that come later must not take the gate from everybody.
      hasApplications ||= applications.isAnswered;
      return {
        ready: missing.length === 0 && hasApplications,
        notes: [...missing, ...applications.unreadable()],
      };
    },
    onApplicationChange(listener) {
      listeners.push(listener);
      // What was found before anybody listened.
      for (const application of applications.applications()) listener(application);
    },
    onSettingsChange(listener) {
      settingsListeners.push(listener);
    },
    async close() {
      await Promise.all([settings.stop(), applications.stop()]);
    },
  };
}
