import { createHash } from 'node:crypto';
import { setImmediate as yielded, setTimeout as pause } from 'node:timers/promises';
import { type Application, enforcementFor, nextDeployment, selectRequirements } from '@source-integrity/core';
import { LRUCache } from 'lru-cache';
import type { Cluster, ClusterView } from '../cluster/cluster.ts';
import type { ApplicationVerifier } from './application-verifier.ts';
import { argocdSettings } from './argocd-settings.ts';

export interface AheadOptions {
  readonly cluster: Pick<Cluster, 'view'>;
  readonly verifier: Pick<ApplicationVerifier, 'verify'>;
  /** Verifications at the same time; what is asked for by a sync has to find room beside them. */
  readonly concurrency: number;
  /** Milliseconds for one of them. */
  readonly timeoutMs: number;
  /** Milliseconds between two verifications of one project, so that a start with thousands of targets is no storm. */
  readonly pauseMs: number;
  readonly onFault: (error: unknown) => void;
}

/** An Application with a target that was not there before. */
interface Waiting {
  readonly key: string;
  readonly target: string;
  readonly namespace: string;
  readonly name: string;
}

/** Applications whose target is remembered. */
const MAX_KNOWN = 100_000;
/** Targets of one project that wait; the oldest are left to their sync. */
const MAX_WAITING = 10_000;

/**
 * Verifies what a sync of an Application would deploy as soon as its target appears, so that the sync finds the answer
 * there. The projects take turns, one verification of each at a time, the newest target first. Nobody relies on it:
 * the gate verifies whatever is not there.
 */
export class Ahead {
  readonly #options: AheadOptions;
  /** The target of each Application, by namespace and name. */
  readonly #known = new LRUCache<string, string>({ max: MAX_KNOWN });
  /** By project; whose turn is next comes first. */
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #running = new Set<string>();
  #closed = false;

  constructor(options: AheadOptions) {
    this.#options = options;
  }

  /** To be called with each Application that is found or has changed. */
  notice(application: Application): void {
    const { namespace, name, project } = application;
    const key = `${namespace}/${name}`;
    const target = targetOf(application);
    const known = this.#known.get(key);
    if (this.#closed || known === target) return;
    this.#known.set(key, target);
    // At first sight of what runs already, as at a start, nothing is new.
    if (known === undefined && isDeployed(application)) return;
    const queue = this.#waiting.get(project) ?? [];
    queue.push({ key, target, namespace, name });
    if (queue.length > MAX_WAITING) queue.shift();
    this.#waiting.set(project, queue);
    this.#next();
  }

  /** Nothing is begun any more; what is under way ends with what it works with. */
  close(): void {
    this.#closed = true;
    this.#waiting.clear();
  }

  #next(): void {
    if (this.#closed || this.#running.size >= this.#options.concurrency) return;
    for (const [project, queue] of this.#waiting) {
      if (this.#running.has(project)) continue;
      const waiting = queue.pop();
      // To the end of the round.
      this.#waiting.delete(project);
      if (queue.length > 0) this.#waiting.set(project, queue);
      if (waiting === undefined) continue;
      this.#running.add(project);
      void this.#turn(project, waiting);
      if (this.#running.size >= this.#options.concurrency) return;
    }
  }

  async #turn(project: string, waiting: Waiting): Promise<void> {
    const { cluster, pauseMs, onFault } = this.#options;
    try {
      // Thousands of Applications without a policy must not hold up whoever asks meanwhile.
      await yielded();
      const view = await cluster.view();
      const found = view.application(waiting.namespace, waiting.name);
      const isCurrent = this.#known.get(waiting.key) === waiting.target;
      if (isCurrent && found.status === 'found' && (await isConcerned(view, found.value))) {
        try {
          await this.#verify(view, found.value);
        } finally {
          await pause(pauseMs, undefined, { ref: false });
        }
      }
    } catch (error) {
      if (!this.#closed) onFault(error);
    } finally {
      this.#running.delete(project);
      this.#next();
    }
  }

  async #verify(view: ClusterView, application: Application): Promise<void> {
    const { verifier, timeoutMs } = this.#options;
    const { namespace, name, uid, project, deployedRevisions } = application;
    await verifier.verify({
      view,
      application: { namespace, name, uid, project },
      deployment: nextDeployment(application, view.enablesOCI(project)),
      deployedRevisions,
      trigger: 'ahead',
      runningJob: null,
      ask: { waitMs: timeoutMs, interactive: false, refresh: false },
      observe: false,
      record: true,
      enter: () => undefined,
    });
  }
}

/** Whether a policy in force requires anything of any source, and a sync could be answered by what is seen now. */
async function isConcerned(view: ClusterView, application: Application): Promise<boolean> {
  const { policy } = await argocdSettings(view);
  const { project } = application;
  // With no freshness the sync asks anew, whatever was seen before.
  if (policy.freshnessMs === 0 || enforcementFor(policy, project).value === 'off') return false;
  const { sources } = nextDeployment(application, view.enablesOCI(project));
  return sources.some(({ source }) => selectRequirements(policy, project, source).requirements.length > 0);
}

/** What would be deployed, as far as it is the Application's own to say. */
function targetOf({ uid, project, spec, comparedRevisions }: Application): string {
  const text = JSON.stringify([uid, project, spec, comparedRevisions]);
  return createHash('sha256').update(text).digest('base64');
}

/** What runs is what the last comparison found to be the target. */
function isDeployed({ deployedRevisions, comparedRevisions }: Application): boolean {
  return comparedRevisions.length > 0 && JSON.stringify(deployedRevisions) === JSON.stringify(comparedRevisions);
}
