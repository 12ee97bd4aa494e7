import { randomBytes } from 'node:crypto';
import type { Job, JobFailure, JobOutcome, JobPhase, JobRequest } from '../jobs.ts';

/** One job of the queue in memory, from its request to its end. */
export class RunningJob<Result, Phase extends string> {
  readonly id = randomBytes(16).toString('base64url');
  readonly key: string;
  readonly scope: string;
  /** Fulfilled when it is over, however it ended. */
  readonly over: Promise<void>;
  readonly #request: JobRequest<Result, Phase>;
  readonly #now: () => number;
  readonly #requestedAt: number;
  readonly #phases: { name: Phase; startedAt: number; finishedAt: number | null }[] = [];
  readonly #controller = new AbortController();
  readonly #end: () => void;
  #outcome: JobOutcome<Result> = { state: 'queued' };

  constructor(request: JobRequest<Result, Phase>, now: () => number) {
    this.key = request.key;
    this.scope = request.scope;
    this.#request = request;
    this.#now = now;
    this.#requestedAt = now();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.#end = resolve;
  }

  /**
   * Does the work. Answers when it has really ended: what outlives its time still holds its place in the queue, so
   * that work which ignores its signal cannot pile up.
   */
  async run(timeoutMs: number): Promise<void> {
    this.#outcome = { state: 'running' };
    const timer = setTimeout(() => this.fail({ kind: 'timed-out', limitMs: timeoutMs }), timeoutMs);
    const { signal } = this.#controller;
    try {
      const result = await this.#request.run({ enter: (phase) => this.#enter(phase), signal });
      this.#settle({ state: 'done', finishedAt: this.#now(), result });
    } catch (error) {
      this.fail({ kind: 'fault', error });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends it as failed, unless it is over already. */
  fail(failure: JobFailure): void {
    this.#settle({ state: 'failed', finishedAt: this.#now(), failure });
    this.#controller.abort(new Error(`the job ${failure.kind === 'timed-out' ? 'took too long' : 'was ended'}`));
  }

  snapshot(): Job<Result, Phase> {
    const phases: readonly JobPhase<Phase>[] = this.#phases.map((phase) => ({ ...phase }));
    return { id: this.id, requestedAt: this.#requestedAt, phases, outcome: this.#outcome };
  }

  #enter(name: Phase): void {
    if (this.#outcome.state !== 'running') return;
    this.#finishPhase();
    this.#phases.push({ name, startedAt: this.#now(), finishedAt: null });
  }

  #settle(outcome: JobOutcome<Result>): void {
    if (this.#outcome.state === 'done' || this.#outcome.state === 'failed') return;
    this.#finishPhase();
    this.#outcome = outcome;
    this.#end();
  }

  #finishPhase(): void {
    const last = this.#phases.at(-1);
    if (last !== undefined) last.finishedAt ??= this.#now();
  }
}
