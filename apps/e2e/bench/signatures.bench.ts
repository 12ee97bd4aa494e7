/**
 * Keyless verdicts per second with the pool of threads, and what is left of the event loop meanwhile; a signature by a
 * key, which needs no thread; and evidence that was judged before, which needs neither.
 */
import { availableParallelism } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { SignatureQuestion } from '@source-integrity/core';
import { ARTIFACT, asCandidate, LATER } from '../../../packages/core/test/cosign/fake-sigstore.ts';
import { bundle, KEYLESS, key, legacy, OFFLINE } from '../../../packages/core/test/cosign/world.ts';
import { SignaturePool } from '../../../packages/server/src/verification/signature-pool.ts';
import { note, report, timed } from './timing.ts';

const ROUNDS = 1000;
const LONG = 60_000;
/** Two projects, since no single one gets more than half of the threads. */
const TENANTS = ['one', 'other'] as const;
const RESOLUTION_MS = 1;
const searched: SignatureQuestion['discovered']['searched'] = [
  { kind: 'fallback-tag', location: 'registry.test/acme/config', found: '1 referrer' },
];
type Candidates = SignatureQuestion['discovered']['candidates'];

/** Each question has evidence of its own, so that none is known. */
const asking = (candidates: Candidates, requirement: SignatureQuestion['requirement']) => (): SignatureQuestion => ({
  artifact: ARTIFACT,
  discovered: { candidates: [...candidates], searched },
  requirement,
  now: LATER,
});

let asked = 0;

const keyless = asking([asCandidate(bundle())], KEYLESS);
const byKey = asking([asCandidate(bundle({ by: key, log: 'none' }))], OFFLINE);
const byLegacyKey = asking([legacy({ by: key, log: 'none' })], OFFLINE);

for (const threads of [1, 2]) {
  const pool = new SignaturePool(threads);
  await Promise.all(Array.from({ length: 20 * threads }, () => verified(pool, keyless())));
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: ROUNDS }, () => verified(pool, keyless())));
  const seconds = (performance.now() - startedAt) / 1000;
  delay.disable();
  const [median, p99] = [50, 99].map((each) => `${(delay.percentile(each) / 1e6 - RESOLUTION_MS).toFixed(1)} ms`);
  const rate = `${(ROUNDS / seconds).toFixed(0)} verdicts a second`;
  note(
    `keyless, ${threads} threads of ${availableParallelism()} cores`.padEnd(44) +
      ` ${rate}; event loop late by ${median}, p99 ${p99}`,
  );
  report(`keyless, one at a time`, await timed(100, () => verified(pool, keyless())));
  const known = keyless();
  report('keyless, known', await timed(ROUNDS, () => verified(pool, known)));
  await pool.close();
}
const pool = new SignaturePool(1);
report('by key, bundle', await timed(ROUNDS, () => verified(pool, byKey())));
report('by key, legacy', await timed(ROUNDS, () => verified(pool, byLegacyKey())));
await pool.close();

async function verified(pool: SignaturePool, question: SignatureQuestion): Promise<void> {
  asked += 1;
  const { observation } = await pool.verify(question, { waitMs: LONG, tenant: TENANTS[asked % 2] ?? '' });
  if (observation.status !== 'verified') throw new Error(observation.problems[0].code);
}
