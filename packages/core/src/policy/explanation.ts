import * as z from 'zod/mini';
import { Enforcement, PolicyRef } from '../verdict/decision.ts';
import { Problem } from '../verdict/problem.ts';

/** Which spelling of a source a glob met: see docs/policies.md, "What is matched". */
export const SourceForm = z.enum(['raw', 'normal', 'normal-slash', 'artifact', 'decoded']);
export type SourceForm = z.infer<typeof SourceForm>;

/** Why these requirements and no others apply to one source: the whole way of the decision. */
export const PolicyExplanation = z.object({
  project: z.string(),
  enforcement: z.object({ value: Enforcement, from: z.string() }),
  /** Entries that apply, the baseline's before the project's; each of them must hold. */
  requirements: z.array(
    z.object({
      ref: PolicyRef,
      mode: z.enum(['none', 'provenance', 'signature']),
      /** Trusted keys, normalised; empty trusts nothing. */
      keys: z.array(z.string()),
      matched: z.object({ glob: z.string(), form: SourceForm, text: z.string() }),
      /** Later entries of the same list that match too and therefore never apply here. */
      shadows: z.array(PolicyRef),
    }),
  ),
  notMatched: z.array(
    z.object({
      ref: PolicyRef,
      because: z.enum(['no-glob', 'excluded', 'chart']),
      glob: z.nullable(z.string()),
    }),
  ),
  /** What the baseline says of sources that no entry matches; null where an entry matches or there is no baseline. */
  unmatched: z.nullable(z.enum(['allow', 'deny'])),
  problems: z.array(Problem),
});
export type PolicyExplanation = z.infer<typeof PolicyExplanation>;
