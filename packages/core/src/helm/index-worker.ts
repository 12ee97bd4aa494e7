/** Runs in a thread of its own, started by `index-thread.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { findInIndexText } from './index-text.ts';
import type { IndexWork } from './index-thread.ts';

const work: unknown = workerData;
if (!isWork(work)) throw new TypeError('started without an index');
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
parentPort?.postMessage(findInIndexText(work.blocks, work.chart));

function isWork(value: unknown): value is IndexWork {
  return (
    typeof value === 'object' &&
    value !== null &&
    'blocks' in value &&
    Array.isArray(value.blocks) &&
    'chart' in value &&
    typeof value.chart === 'string'
  );
}
