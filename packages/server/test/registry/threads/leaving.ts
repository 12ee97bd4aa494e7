/** A thread that ends without an answer. */
import { parentPort } from 'node:worker_threads';

parentPort?.on('message', () => {
  process.exit(0);
});
