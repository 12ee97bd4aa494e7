import { Worker } from 'node:worker_threads';
import {
  type ArtifactVerdict,
  type Problem,
  problem,
  type SignatureQuestion,
  unjudged,
  verifyArtifact,
} from '@source-integrity/core';

export interface WorkerQuestion {
  readonly id: number;
  readonly question: SignatureQuestion;
}

export interface WorkerAnswer {
  readonly id: number;
  readonly verdict: ArtifactVerdict;
}

interface Waiting {
  readonly work: WorkerQuestion;
  readonly settle: (verdict: ArtifactVerdict | Error) => void;
}

interface Thread {
  readonly worker: Worker;
  current: Waiting | null;
  timer: NodeJS.Timeout | null;
}

/** For one artifact with all its signatures; a thousand of them would take ten seconds. */
const TIMEOUT_MS = 10_000;
const MAX_WAITING = 1000;

/**
 * Verifies signatures off the event loop, in a bounded number of threads. A key alone takes less than a message to a
 * thread does, so that is answered at once. A thread that takes too long is ended, and its question is not answered
 * with a yes.
 */
export class SignaturePool {
  readonly #size: number;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Waiting[] = [];
  #nextId = 1;

  constructor(size: number) {
    this.#size = size;
  }

  verify(question: SignatureQuestion): Promise<ArtifactVerdict> {
    const { artifact, discovered, requirement, now } = question;
    if (requirement.trustRoot === null) {
      return Promise.resolve(verifyArtifact(artifact, discovered.candidates, discovered.searched, requirement, now));
    }
    if (this.#waiting.length >= MAX_WAITING) {
      return Promise.resolve(unanswered(problem('verification-busy', { waiting: this.#waiting.length })));
    }
    return new Promise((resolve, reject) => {
      const work = { id: this.#nextId, question };
      this.#nextId += 1;
      const settle: Waiting['settle'] = (verdict) => {
        if (verdict instanceof Error) reject(verdict);
        else resolve(verdict);
      };
      this.#waiting.push({ work, settle });
      this.#assign();
    });
  }

  async close(): Promise<void> {
    const threads = [...this.#threads];
    for (const { settle } of this.#waiting.splice(0)) settle(unanswered(problem('verification-stopped', {})));
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  #assign(): void {
    const idle = [...this.#threads].find(({ current }) => current === null);
    const thread = idle ?? (this.#threads.size < this.#size ? this.#start() : null);
    if (thread === null) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    thread.current = next;
    thread.timer = setTimeout(() => {
      next.settle(unanswered(problem('verification-timed-out', { since: next.work.question.now.toISOString() })));
      void thread.worker.terminate();
    }, TIMEOUT_MS);
    thread.worker.ref();
    thread.worker.postMessage(next.work);
  }

  #start(): Thread {
    const worker = new Worker(workerUrl(), { env: {}, resourceLimits: { maxOldGenerationSizeMb: 512 } });
    const thread: Thread = { worker, current: null, timer: null };
    this.#threads.add(thread);
    worker.on('message', ({ verdict }: WorkerAnswer) => {
      this.#release(thread)?.settle(verdict);
      this.#assign();
    });
    // After an error comes an exit, and what the thread was at is nobody's yes.
    worker.on('error', (error: Error) => {
      this.#release(thread)?.settle(error);
    });
    worker.on('exit', () => {
      this.#threads.delete(thread);
      this.#release(thread)?.settle(unanswered(problem('verification-stopped', {})));
      this.#assign();
    });
    return thread;
  }

  #release(thread: Thread): Waiting | null {
    const { current, timer } = thread;
    thread.current = null;
    thread.timer = null;
    if (timer !== null) clearTimeout(timer);
    thread.worker.unref();
    return current;
  }
}

/** Beside this module in the sources, and beside the bundle in a release. */
function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './signature-worker.ts' : './signature-worker.js', import.meta.url);
}

function unanswered(because: Problem): ArtifactVerdict {
  return { observation: unjudged('indeterminate', [because]), candidates: [] };
}
