import { Worker } from 'node:worker_threads';
import { problem } from '../verdict/catalogue.ts';
import { quotable } from '../verdict/quotable.ts';
import type { IndexLookup, IndexRefusal } from './index-document.ts';

/** Reads whole indexes of any shape away from the event loop. */
export interface IndexThread {
  /** The blocks together are the index; they are of no use to the caller afterwards. */
  find(
    blocks: readonly Uint8Array<ArrayBuffer>[],
    chart: string,
    signal?: AbortSignal,
  ): Promise<IndexLookup | IndexRefusal>;
}

export interface IndexThreadOptions {
  /**
   * The module that runs in the thread. By default the one beside this module: `index-worker.ts` in the sources, and
   * `index-worker.js` in a bundle – which the bundler has to write, as an entry point of its own, into the folder of the
   * bundle's files (esbuild: `entryPoints: { …, 'index-worker': 'packages/core/src/helm/index-worker.ts' }`).
   */
  readonly workerUrl?: URL;
  /** Heap of the thread in MiB; default 1024. Reading takes up to 20 times the size of the index. */
  readonly memoryMiB?: number;
  /** Time for one index in milliseconds, waiting not counted; default 20,000. */
  readonly timeoutMs?: number;
}

/** What the thread is started with. */
export interface IndexWork {
  readonly blocks: readonly Uint8Array<ArrayBuffer>[];
  readonly chart: string;
}

/** Makes the reader: one thread at a time, a fresh one for each index, ended when it overruns memory or time. */
export function createIndexThread({
  workerUrl = defaultWorkerUrl(),
  memoryMiB = 1024,
  timeoutMs = 20_000,
}: IndexThreadOptions = {}): IndexThread {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    find: (blocks, chart, signal) => {
      const mine = turn.then(() => run(workerUrl, { blocks, chart }, memoryMiB, timeoutMs, signal));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}

function defaultWorkerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './index-worker.ts' : './index-worker.js', import.meta.url);
}

async function run(
  workerUrl: URL,
  work: IndexWork,
  memoryMiB: number,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<IndexLookup | IndexRefusal> {
  signal?.throwIfAborted();
  const worker = new Worker(workerUrl, {
    workerData: work,
    transferList: work.blocks.map(({ buffer }) => buffer),
    resourceLimits: { maxOldGenerationSizeMb: memoryMiB, maxYoungGenerationSizeMb: 64, stackSizeMb: 4 },
    env: {},
    stdin: false,
  });
  const { promise, resolve, reject } = Promise.withResolvers<IndexLookup | IndexRefusal>();
  const timer = setTimeout(() => resolve({ problem: problem('index-too-slow', { limitMs: timeoutMs }) }), timeoutMs);
  const onAbort = (): void => reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
  signal?.addEventListener('abort', onAbort, { once: true });
  worker.once('message', resolve);
  worker.once('error', (error) => resolve({ problem: problemOf(error, memoryMiB) }));
  worker.once('exit', () =>
    resolve({ problem: problem('index-reader-failed', { detail: 'it ended without an answer' }) }),
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}

function problemOf(error: unknown, memoryMiB: number): IndexRefusal['problem'] {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return problem('index-too-complex', { limitMiB: memoryMiB });
  }
  return problem('index-reader-failed', { detail: quotable(error instanceof Error ? error.message : 'unknown') });
}
