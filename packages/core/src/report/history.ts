import * as z from 'zod/mini';
import { Decision } from '../verdict/decision.ts';
import { Digest, Signer, Timestamp } from '../verdict/verdict.ts';
import { OverallStatus, Trigger } from './report.ts';

/** One verification that took place. */
export const HistoryEntry = z.object({
  id: z.string(),
  checkedAt: Timestamp,
  trigger: Trigger,
  status: OverallStatus,
  decision: Decision,
  sources: z.array(
    z.object({
      name: z.string(),
      revision: z.nullable(z.string()),
      digest: z.nullable(Digest),
      status: z.string(),
      signers: z.array(Signer),
    }),
  ),
});
export type HistoryEntry = z.infer<typeof HistoryEntry>;

/** `GET /api/v1/history`: the newest first. */
export const History = z.object({ entries: z.array(HistoryEntry), next: z.nullable(z.string()) });
export type History = z.infer<typeof History>;

/** RFC 9457, with the problem's code and parameters as extension members. */
export const ApiProblem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  code: z.string(),
  requestId: z.optional(z.string()),
});
export type ApiProblem = z.infer<typeof ApiProblem>;
