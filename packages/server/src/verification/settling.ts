import { type Problem, problem } from '@source-integrity/core/contract';
import { LRUCache } from 'lru-cache';
import { FairSlots } from './fair-slots.ts';

/** An answer, or why there is none. */
export type Outcome<T> = { readonly value: T } | { readonly problem: Problem };

export interface SettlingOptions {
  readonly now: () => number;
  /** Questions under way at once; more wait. */
  readonly concurrency: number;
  /** Questions that may wait; more are answered `verification-busy`. */
  readonly maxWaiting: number;
  /** How long an answer that came too late for its asker counts as fresh: automated sync comes back after 120 s. */
  readonly keepLateMs: number;
  /** At the earliest after so long is a question that timed out tried again in the background. */
  readonly retryMs: number;
}

export interface Ask {
  /** An answer of at most this age will do; 0 asks anew. */
  readonly maxAgeMs: number;
  /** How long the asker can wait. The question goes on in the background. */
  readonly waitMs: number;
  /** Whose question it is: a project. See {@link FairSlots}. */
  readonly tenant: string;
  /** A person asks, and waits for what is so now rather than for what was so when it last failed. */
  readonly interactive: boolean;
}

interface Answer<T> {
  readonly outcome: Outcome<T>;
  readonly at: number;
  /** Fresh until here, whatever the asker's age limit: the answer that somebody was told to come back for. */
  readonly keptUntil: number;
}

/**
 * Answers slow questions within a budget. Askers of the same question share one run; what does not finish in time
 * goes on, and its answer is kept for the asker's return. A question that timed out once is answered at once from
 * then on, until a run in the background settles it: Argo CD's automated sync holds one of its 20 status processors
 * while it waits, and one dead registry must not stall them all.
 */
export class Settling<T> {
  readonly #options: SettlingOptions;
  readonly #answers = new LRUCache<string, Answer<T>>({ max: 10_000 });
  readonly #running = new Map<string, { readonly promise: Promise<Outcome<T>>; late: boolean }>();
  readonly #unsettled = new LRUCache<string, { readonly since: number; lastTry: number }>({ max: 10_000 });
  readonly #slots: FairSlots;

  constructor(options: SettlingOptions) {
    this.#options = options;
    this.#slots = new FairSlots(options.concurrency, options.maxWaiting);
  }

  async ask(key: string, ask: Ask, run: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const { now, retryMs } = this.#options;
    const answer = this.#answers.get(key);
    if (answer !== undefined && ask.maxAgeMs > 0 && this.#isFresh(answer, ask.maxAgeMs)) return answer.outcome;

    const unsettled = this.#unsettled.get(key);
    if (unsettled !== undefined && !ask.interactive) {
      if (now() - unsettled.lastTry >= retryMs) {
        unsettled.lastTry = now();
        if (this.#slots.refusal(ask.tenant) === null) void this.#start(key, ask.tenant, run);
      }
      // Why it failed last says more than that it took too long.
      if (answer !== undefined && 'problem' in answer.outcome) return answer.outcome;
      return { problem: problem('verification-timed-out', { since: new Date(unsettled.since).toISOString() }) };
    }
    const waiting = this.#running.has(key) ? null : this.#slots.refusal(ask.tenant);
    if (waiting !== null) return { problem: problem('verification-busy', { waiting }) };
    return this.#within(key, ask.waitMs, this.#start(key, ask.tenant, run));
  }

  /**
   * Keeps what the run for `from` found for another question, too: the version that a range stands for. It counts for
   * as long as the answer to `from` will.
   */
  offer(from: string, key: string, value: T): void {
    const at = this.#options.now();
    const late = this.#running.get(from)?.late === true;
    this.#answers.set(key, { outcome: { value }, at, keptUntil: late ? at + this.#options.keepLateMs : 0 });
    this.#unsettled.delete(key);
  }

  /** Forgets what was answered, so that the next asker is told what is so now. */
  forget(key: string): void {
    this.#answers.delete(key);
    this.#unsettled.delete(key);
  }

  #isFresh(answer: Answer<T>, maxAgeMs: number): boolean {
    const now = this.#options.now();
    return now < answer.keptUntil || ('value' in answer.outcome && now - answer.at < maxAgeMs);
  }

  #start(key: string, tenant: string, run: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const running = this.#running.get(key);
    if (running !== undefined) return running.promise;
    const promise = this.#run(key, tenant, run);
    this.#running.set(key, { promise, late: false });
    // A fault is thrown to whoever waits; in the background nobody does, and it must not end the process.
    promise.catch(() => undefined);
    return promise;
  }

  async #run(key: string, tenant: string, run: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    await this.#slots.enter(tenant);
    try {
      const outcome = await run();
      const at = this.#options.now();
      const late = this.#running.get(key)?.late === true && 'value' in outcome;
      this.#answers.set(key, { outcome, at, keptUntil: late ? at + this.#options.keepLateMs : 0 });
      if ('value' in outcome) this.#unsettled.delete(key);
      return outcome;
    } finally {
      this.#running.delete(key);
      this.#slots.leave(tenant);
    }
  }

  async #within(key: string, waitMs: number, promise: Promise<Outcome<T>>): Promise<Outcome<T>> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<Outcome<T>>((resolve) => {
      timer = setTimeout(() => {
        const running = this.#running.get(key);
        if (running !== undefined) running.late = true;
        const now = this.#options.now();
        if (!this.#unsettled.has(key)) this.#unsettled.set(key, { since: now, lastTry: now });
        resolve({ problem: problem('verification-running', { budgetMs: waitMs }) });
      }, waitMs);
    });
    try {
      return await Promise.race([promise, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }
}
