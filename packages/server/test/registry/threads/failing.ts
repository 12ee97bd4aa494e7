/** A thread that fails at each question. */
import { parentPort } from 'node:worker_threads';

parentPort?.on('message', () => {
  throw new RangeError('what it was asked was too much');
});
