import { parentPort } from 'node:worker_threads';
import { verifyArtifact } from '@source-integrity/core';
import type { WorkerQuestion } from '../../../src/verification/signature-pool.ts';

/** Never answers what was asked in 1970, and everything else as it should. */
parentPort?.on('message', ({ id, question }: WorkerQuestion) => {
  const { artifact, discovered, requirement, now } = question;
  if (now.getTime() === 0) return;
  const verdict = verifyArtifact(artifact, discovered.candidates, discovered.searched, requirement, now);
  parentPort?.postMessage({ id, verdict });
});
