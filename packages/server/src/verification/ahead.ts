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

/** What a sync of an Application would deploy. */
interface Target {
  readonly digest: string;
  /** It has its place in a queue. */
  isWaiting: boolean;
  /** The policy by which it was looked at last; undefined: not yet. */
  under: string | null | undefined;
}

/** An Application with a target that is to be verified. */
interface Waiting {
  readonly target: Target;
  readonly namespace: string;
  readonly name: string;
}

/** Applications whose target is remembered. */
const MAX_KNOWN = 100_000;
/** Targets of one project that wait; the oldest are left to their sync. */
const MAX_WAITING = 10_000;

/**
 * Verifies what a sync of an Application would deploy as soon as its target appears, or a policy that may ask something
 * of it, so that the sync finds the answer there. The projects take turns, one verification of each at a time, the
 * newest target first. Nobody relies on it: the gate verifies whatever is not there.
 */
export class Ahead {
  readonly #options: AheadOptions;
  /** The target of each Application, by namespace and name. */
  readonly #known = new LRUCache<string, Target>({ max: MAX_KNOWN });
  /** By project; whose turn is next comes first. */
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #running = new Set<string>();
  #isReconsidering = false;
  #closed = false;

  constructor(options: AheadOptions) {
    this.#options = options;
  }

  /** To be called with each Application that is found or has changed. */
  notice(application: Application): void {
    const { namespace, name } = application;
    const key = keyOf(application);
    const digest = targetOf(application);
    const known = this.#known.get(key);
    if (this.#closed || known?.digest === digest) return;
    const target: Target = { digest, isWaiting: false, under: undefined };
    this.#known.set(key, target);
    // At first sight of what runs already, as at a start, nothing is new.
    if (known === undefined && isDeployed(application)) return;
    this.#queue(application.project, { target, namespace, name });
    this.#next();
  }

  /**
   * To be called when anything but an Application may have changed. Under another policy what waits for its sync is
   * verified anew, in its turn; what runs already is not.
   */
  settingsChanged(): void {
    if (this.#isReconsidering || this.#closed) return;
    this.#isReconsidering = true;
    void this.#reconsider();
  }

  /** Nothing is begun any more; what is under way ends with what it works with. */
  close(): void {
    this.#closed = true;
    this.#waiting.clear();
  }

  async #reconsider(): Promise<void> {
    const { cluster, pauseMs, onFault } = this.#options;
    try {
      // Many objects change at once, as at a start.
      await pause(pauseMs, undefined, { ref: false });
      this.#isReconsidering = false;
      const view = await cluster.view();
      const { policyDigest } = await argocdSettings(view);
      if (this.#closed || policyDigest === null) return;
      for (const application of view.applications()) {
        const target = this.#known.get(keyOf(application));
        if (target === undefined || target.isWaiting || target.under === policyDigest || isDeployed(application))
          continue;
        const { namespace, name, project } = application;
        this.#queue(project, { target, namespace, name });
      }
      this.#next();
    } catch (error) {
      this.#isReconsidering = false;
      if (!this.#closed) onFault(error);
    }
  }

  #queue(project: string, waiting: Waiting): void {
    const queue = this.#waiting.get(project) ?? [];
    queue.push(waiting);
    waiting.target.isWaiting = true;
    const left = queue.length > MAX_WAITING ? queue.shift() : undefined;
    if (left !== undefined) left.target.isWaiting = false;
    this.#waiting.set(project, queue);
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
      waiting.target.isWaiting = false;
      this.#running.add(project);
      void this.#turn(project, waiting);
      if (this.#running.size >= this.#options.concurrency) return;
    }
  }

  async #turn(project: string, { target, namespace, name }: Waiting): Promise<void> {
    const { cluster, pauseMs, onFault } = this.#options;
    try {
      // Thousands of Applications without a policy must not hold up whoever asks meanwhile.
      await yielded();
      const view = await cluster.view();
      const { policyDigest } = await argocdSettings(view);
      target.under = policyDigest;
      const found = view.application(namespace, name);
      const isCurrent = found.status === 'found' && this.#known.get(keyOf(found.value)) === target;
      if (isCurrent && (await isConcerned(view, found.value))) {
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

function keyOf({ namespace, name }: Application): string {
  return `${namespace}/${name}`;
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
