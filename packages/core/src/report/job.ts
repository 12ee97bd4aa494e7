import * as z from 'zod/mini';
import { Problem } from '../verdict/problem.ts';
import { Timestamp } from '../verdict/verdict.ts';

/** The steps of a verification, in order. */
export const PhaseName = z.enum(['resolving', 'downloading', 'verifying', 'recording']);
export type PhaseName = z.infer<typeof PhaseName>;

/** `POST /api/v1/verifications` (202) and `GET /api/v1/verifications/:id`. The report is fetched when it is `done`. */
export const Job = z.object({
  id: z.string(),
  state: z.enum(['queued', 'running', 'done', 'failed']),
  phases: z.array(z.object({ name: PhaseName, startedAt: Timestamp, finishedAt: z.nullable(Timestamp) })),
  requestedAt: Timestamp,
  finishedAt: z.nullable(Timestamp),
  /** Why it `failed`: the verification itself, not what it found. */
  problem: z.nullable(Problem),
});
export type Job = z.infer<typeof Job>;
