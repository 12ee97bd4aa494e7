import { Worker } from 'node:worker_threads';
import {
  type ArtifactVerdict,
  type Problem,
  problem,
  quotable,
  type SignatureQuestion,
  unjudged,
  verifyArtifact,
} from '@source-integrity/core';
import { FairSlots } from './fair-slots.ts';

export interface WorkerQuestion {
  readonly id: number;
  readonly question: SignatureQuestion;
}

export interface WorkerAnswer {
  readonly id: number;
  readonly verdict: ArtifactVerdict;
}

/** A question that a thread is to answer. */
interface Task {
  readonly work: WorkerQuestion;
  readonly settle: (answer: Answer) => void;
}

/** A verdict, or what stands in for one for the time being. */
type Answer = { readonly verdict: ArtifactVerdict } | { readonly unanswered: ArtifactVerdict };

interface Thread {
  readonly worker: Worker;
  current: Task | null;
  timer: NodeJS.Timeout | null;
  /** It has failed or was ended, and only its exit is yet to come. */
  ending: boolean;
}

export interface SignaturePoolOptions {
  /** Milliseconds for one artifact with all its signatures, a thousand of which would take ten seconds; default 10 s. */
  readonly timeoutMs?: number;
  /** Questions that may wait for a thread; default 1000. */
  readonly maxWaiting?: number;
  /** The module that answers in the thread. */
  readonly worker?: URL;
}

export interface SignatureAsk {
  /** How long the asker can wait; the question goes on for whoever asks next. */
  readonly waitMs: number;
  /** Whose question it is: a project. See {@link FairSlots}. */
  readonly tenant: string;
}

/** What a key does to so many signatures and bytes takes a few milliseconds at most. */
const INLINE_SIGNATURES = 32;
const INLINE_BYTES = 256 * 1024;

/**
 * Verifies signatures off the event loop, in a bounded number of threads. A key alone takes less than a message to a
 * thread does, so that is answered at once – unless somebody has put a thousand signatures beside the artifact. A
 * thread that takes too long or fails is ended, and its question is not answered with a yes. No project holds more than
 * half of the threads or of the places to wait. Evidence that was judged is not judged again by the same requirement
 * for an hour.
 */
export class SignaturePool {
  readonly #options: Required<Omit<SignaturePoolOptions, 'maxWaiting'>>;
  readonly #slots: FairSlots;
  readonly #threads = new Set<Thread>();
  readonly #known = new WeakMap<SignatureQuestion['discovered'], Map<string, Promise<ArtifactVerdict>>>();
  #nextId = 1;
  #closed = false;

  constructor(
    size: number,
    { timeoutMs = 10_000, maxWaiting = 1000, worker = workerUrl() }: SignaturePoolOptions = {},
  ) {
    this.#options = { timeoutMs, worker };
    this.#slots = new FairSlots(size, maxWaiting);
  }

  async verify(question: SignatureQuestion, { waitMs, tenant }: SignatureAsk): Promise<ArtifactVerdict> {
    const known = this.#known.get(question.discovered) ?? new Map<string, Promise<ArtifactVerdict>>();
    this.#known.set(question.discovered, known);
    const key = keyOf(question);
    let verdict = known.get(key);
    if (verdict === undefined) {
      verdict = this.#judge(question, tenant).then((answer) => {
        if ('unanswered' in answer) known.delete(key);
        return 'unanswered' in answer ? answer.unanswered : answer.verdict;
      });
      known.set(key, verdict);
      verdict.catch(() => known.delete(key));
    }
    return within(verdict, waitMs);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const threads = [...this.#threads];
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  async #judge(question: SignatureQuestion, tenant: string): Promise<Answer> {
    if (isQuick(question)) {
      const { artifact, discovered, requirement, now } = question;
      return { verdict: verifyArtifact(artifact, discovered.candidates, discovered.searched, requirement, now) };
    }
    if (this.#closed) return unanswered(problem('verification-stopped', {}));
    const waiting = this.#slots.refusal(tenant);
    if (waiting !== null) return unanswered(problem('verification-busy', { waiting }));
    await this.#slots.enter(tenant);
    try {
      return this.#closed ? unanswered(problem('verification-stopped', {})) : await this.#answer(question);
    } finally {
      this.#slots.leave(tenant);
    }
  }

  /** Who has a place has a thread: one that is idle, or a new one. */
  #answer(question: SignatureQuestion): Promise<Answer> {
    return new Promise((settle) => {
      const thread = [...this.#threads].find(({ current, ending }) => current === null && !ending) ?? this.#start();
      const task: Task = { work: { id: this.#nextId, question }, settle };
      this.#nextId += 1;
      thread.current = task;
      thread.timer = setTimeout(() => {
        thread.ending = true;
        settle(unanswered(problem('verification-timed-out', { since: question.now.toISOString() })));
        void thread.worker.terminate();
      }, this.#options.timeoutMs);
      thread.worker.ref();
      thread.worker.postMessage(task.work);
    });
  }

  #start(): Thread {
    const worker = new Worker(this.#options.worker, { env: {}, resourceLimits: { maxOldGenerationSizeMb: 512 } });
    const thread: Thread = { worker, current: null, timer: null, ending: false };
    this.#threads.add(thread);
    worker.on('message', ({ id, verdict }: WorkerAnswer) => {
      if (thread.current?.work.id !== id) return;
      this.#release(thread)?.settle({ verdict });
    });
    // What makes a thread fail, as by eating up its memory, comes from a registry: it is no fault of the asker's.
    worker.on('error', (error: Error) => {
      thread.ending = true;
      this.#release(thread)?.settle(unanswered(problem('verification-fault', { name: quotable(error.name) })));
    });
    worker.on('exit', () => {
      this.#threads.delete(thread);
      this.#release(thread)?.settle(unanswered(problem('verification-stopped', {})));
    });
    return thread;
  }

  #release(thread: Thread): Task | null {
    const { current, timer } = thread;
    thread.current = null;
    thread.timer = null;
    if (timer !== null) clearTimeout(timer);
    thread.worker.unref();
    return current;
  }
}

function isQuick({ discovered: { candidates }, requirement: { keys, trustRoot } }: SignatureQuestion): boolean {
  if (trustRoot !== null || candidates.length * Math.max(keys.length, 1) > INLINE_SIGNATURES) return false;
  const bytes = candidates.reduce((sum, each) => sum + ('content' in each ? each.content.length : 0), 0);
  return bytes <= INLINE_BYTES;
}

const HOUR_MS = 60 * 60 * 1000;

/** Everything that a verdict on the same evidence depends on; of the time only the validity of logs and authorities. */
function keyOf({ artifact, requirement: { keys, trustRoot, ...rest }, now }: SignatureQuestion): string {
  const hour = Math.floor(now.getTime() / HOUR_MS);
  const named = keys.map(({ name, fingerprint }) => [name, fingerprint]);
  return JSON.stringify([artifact, named, trustRoot?.name, trustRoot?.identity, rest, hour]);
}

async function within(verdict: Promise<ArtifactVerdict>, waitMs: number): Promise<ArtifactVerdict> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<ArtifactVerdict>((resolve) => {
    timer = setTimeout(() => {
      resolve(unanswered(problem('verification-running', { budgetMs: waitMs })).unanswered);
    }, waitMs);
  });
  try {
    return await Promise.race([verdict, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** Beside this module in the sources, and beside the bundle in a release. */
function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './signature-worker.ts' : './signature-worker.js', import.meta.url);
}

function unanswered(because: Problem): { readonly unanswered: ArtifactVerdict } {
  return { unanswered: { observation: unjudged('indeterminate', [because]), candidates: [] } };
}
