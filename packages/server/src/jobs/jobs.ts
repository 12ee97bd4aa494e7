/** One step of a job. Times are milliseconds since 1970. */
export interface JobPhase<Phase extends string> {
  readonly name: Phase;
  readonly startedAt: number;
  readonly finishedAt: number | null;
}

/** How a job stands. `failed` is the work itself that could not be done, not what it found. */
export type JobOutcome<Result> =
  | { readonly state: 'queued' }
  | { readonly state: 'running' }
  | { readonly state: 'done'; readonly finishedAt: number; readonly result: Result }
  | { readonly state: 'failed'; readonly finishedAt: number; readonly failure: JobFailure };

export type JobFailure =
  | { readonly kind: 'timed-out'; readonly limitMs: number }
  /** The queue closed before it was done. */
  | { readonly kind: 'stopped' }
  /** A bug, or a part of the server that does not work. */
  | { readonly kind: 'fault'; readonly error: unknown };

export interface Job<Result, Phase extends string> {
  /** Cannot be guessed: 128 random bits. */
  readonly id: string;
  readonly requestedAt: number;
  readonly phases: readonly JobPhase<Phase>[];
  readonly outcome: JobOutcome<Result>;
}

/** What a job is given to work with. */
export interface JobContext<Phase extends string> {
  /** Ends the phase before it. */
  readonly enter: (phase: Phase) => void;
  /** Aborted when its time is up or the queue closes. */
  readonly signal: AbortSignal;
}

export interface JobRequest<Result, Phase extends string> {
  /** Jobs of one key are one job as long as it waits or runs: whoever asks second joins. */
  readonly key: string;
  /** Who may see it: an Application under its project. Jobs of one key are of one scope. */
  readonly scope: string;
  /** Whose rate limit it counts against; null: nobody's. Joining is free. */
  readonly limitedBy: string | null;
  readonly run: (context: JobContext<Phase>) => Promise<Result>;
}

export type Submission<Result, Phase extends string> =
  | { readonly accepted: 'new' | 'joined'; readonly job: Job<Result, Phase> }
  | { readonly refused: 'busy'; readonly waiting: number; readonly retryAfterMs: number }
  | { readonly refused: 'rate-limited'; readonly retryAfterMs: number };

/** Work that outlasts the request that asked for it. Knows nothing of what the work is. */
export interface Jobs<Result, Phase extends string> {
  submit(request: JobRequest<Result, Phase>): Promise<Submission<Result, Phase>>;
  /** A job as it stands, for its own scope; null for any other, and after its time. */
  get(id: string, scope: string): Promise<Job<Result, Phase> | null>;
  /** The job of a key that waits or runs. */
  current(key: string): Promise<Job<Result, Phase> | null>;
  /** The job once it is done or failed; null like {@link get}. */
  settled(id: string, scope: string): Promise<Job<Result, Phase> | null>;
  counts(): { readonly queued: number; readonly running: number };
  /** Takes nothing more, ends what waits and runs as `stopped`, and answers when nothing runs any more or a few seconds passed. */
  close(): Promise<void>;
}
