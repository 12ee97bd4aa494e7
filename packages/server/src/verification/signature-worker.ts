/** Runs in a thread of its own: a certificate takes 10 to 20 ms of JavaScript, in which no request is answered. */
import { parentPort } from 'node:worker_threads';
import { verifyArtifact } from '@source-integrity/core';
import type { WorkerAnswer, WorkerQuestion } from './signature-pool.ts';

parentPort?.on('message', ({ id, question }: WorkerQuestion) => {
  const { artifact, discovered, requirement, now } = question;
  const verdict = verifyArtifact(artifact, discovered.candidates, discovered.searched, requirement, now);
  parentPort?.postMessage({ id, verdict } satisfies WorkerAnswer);
});
