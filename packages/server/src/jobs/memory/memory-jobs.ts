import { LRUCache } from 'lru-cache';
import type { Job, JobRequest, Jobs, Submission } from '../jobs.ts';
import { type RateLimit, TokenBuckets } from '../token-bucket.ts';
import { RunningJob } from './running-job.ts';

export interface MemoryJobsOptions {
  /** Jobs that run at the same time. */
  readonly concurrency: number;
  /** Jobs that may wait; more are refused as `busy`. */
  readonly maxWaiting: number;
  readonly timeoutMs: number;
  readonly rateLimit: RateLimit;
  /** How long a job can be asked for when it is over, in milliseconds. */
  readonly keepMs?: number;
  /** How many are kept when they are over; the oldest go first. */
  readonly maxKept?: number;
  readonly now?: () => number;
  /** Told of a job that ended in a fault, for the log. */
  readonly onFault?: (error: unknown, key: string) => void;
}

const KEEP_MS = 10 * 60 * 1000;
const MAX_KEPT = 5000;
const RETRY_WHEN_BUSY_MS = 5000;
/** For work that does not heed its signal: a shutdown waits no longer. */
const CLOSE_GRACE_MS = 5000;

/** A {@link Jobs} in this process: what is under way when it ends is lost. */
export class MemoryJobs<Result, Phase extends string> implements Jobs<Result, Phase> {
  readonly #options: MemoryJobsOptions;
  readonly #now: () => number;
  readonly #buckets: TokenBuckets;
  readonly #waiting: RunningJob<Result, Phase>[] = [];
  readonly #running = new Map<RunningJob<Result, Phase>, Promise<void>>();
  readonly #current = new Map<string, RunningJob<Result, Phase>>();
  readonly #over: LRUCache<string, RunningJob<Result, Phase>>;
  #closed = false;

  constructor(options: MemoryJobsOptions) {
    const now = options.now ?? Date.now;
    this.#options = options;
    this.#now = now;
    this.#buckets = new TokenBuckets(options.rateLimit, now);
    this.#over = new LRUCache({
      max: options.maxKept ?? MAX_KEPT,
      ttl: options.keepMs ?? KEEP_MS,
      // No timer of its own, and the time that tests move.
      ttlResolution: 0,
      perf: { now },
    });
  }

  async submit(request: JobRequest<Result, Phase>): Promise<Submission<Result, Phase>> {
    const current = this.#current.get(request.key);
    if (current !== undefined) {
      if (current.scope !== request.scope) throw new Error('jobs of one key are of one scope');
      return { accepted: 'joined', job: current.snapshot() };
    }
    const waiting = this.#waiting.length;
    const isFull = this.#running.size >= this.#options.concurrency && waiting >= this.#options.maxWaiting;
    if (this.#closed || isFull) return { refused: 'busy', waiting, retryAfterMs: RETRY_WHEN_BUSY_MS };
    const retryAfterMs = request.limitedBy === null ? 0 : this.#buckets.take(request.limitedBy);
    if (retryAfterMs > 0) return { refused: 'rate-limited', retryAfterMs };
    const job = new RunningJob(request, this.#now);
    this.#current.set(job.key, job);
    this.#waiting.push(job);
    this.#startWaiting();
    return { accepted: 'new', job: job.snapshot() };
  }

  async get(id: string, scope: string): Promise<Job<Result, Phase> | null> {
    return this.#find(id, scope)?.snapshot() ?? null;
  }

  async current(key: string): Promise<Job<Result, Phase> | null> {
    return this.#current.get(key)?.snapshot() ?? null;
  }

  async settled(id: string, scope: string): Promise<Job<Result, Phase> | null> {
    const job = this.#find(id, scope);
    if (job === null) return null;
    await job.over;
    return job.snapshot();
  }

  counts(): { readonly queued: number; readonly running: number } {
    return { queued: this.#waiting.length, running: this.#running.size };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#waiting.splice(0)) {
      job.fail({ kind: 'stopped' });
      this.#finish(job);
    }
    for (const job of this.#running.keys()) job.fail({ kind: 'stopped' });
    const { promise: graceIsOver, resolve } = Promise.withResolvers<void>();
    const grace = setTimeout(resolve, CLOSE_GRACE_MS);
    await Promise.race([Promise.all(this.#running.values()), graceIsOver]);
    clearTimeout(grace);
  }

  #find(id: string, scope: string): RunningJob<Result, Phase> | null {
    const job = this.#over.get(id) ?? [...this.#current.values()].find((current) => current.id === id);
    return job?.scope === scope ? job : null;
  }

  #startWaiting(): void {
    while (this.#running.size < this.#options.concurrency) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      this.#running.set(job, this.#run(job));
    }
  }

  async #run(job: RunningJob<Result, Phase>): Promise<void> {
    // When its time is up a job is over, and can be asked for anew, though its work may still have to notice.
    void job.over.then(() => this.#finish(job));
    await job.run(this.#options.timeoutMs);
    this.#running.delete(job);
    const { outcome } = job.snapshot();
    if (outcome.state === 'failed' && outcome.failure.kind === 'fault') {
      this.#options.onFault?.(outcome.failure.error, job.key);
    }
    this.#startWaiting();
  }

  #finish(job: RunningJob<Result, Phase>): void {
    if (this.#current.get(job.key) === job) this.#current.delete(job.key);
    this.#over.set(job.id, job);
  }
}
