import * as z from 'zod/mini';
import { SourceKind } from '../application/source-kind.ts';
import { PolicyExplanation } from '../policy/explanation.ts';
import { Decision, Enforcement } from '../verdict/decision.ts';
import { Problem } from '../verdict/problem.ts';
import { Digest, Timestamp, Verdict } from '../verdict/verdict.ts';

/** Something that a verdict rests on; `retained` ones can be had from `GET /api/v1/evidence/:digest`. */
export const EvidenceItem = z.object({
  kind: z.enum(['chart', 'provenance', 'manifest', 'signature']),
  digest: Digest,
  /** Bytes. */
  size: z.number(),
  mediaType: z.string(),
  location: z.string(),
  retained: z.boolean(),
});
export type EvidenceItem = z.infer<typeof EvidenceItem>;

export const Dependency = z.object({
  name: z.string(),
  version: z.string(),
  repository: z.string(),
  /** Vendored charts lie inside the signed archive; others are fetched when the chart is rendered, unsigned. */
  vendored: z.boolean(),
});
export type Dependency = z.infer<typeof Dependency>;

/**
 * Another archive that the repo-server was seen to pull as the same version: `refused`, `verified` then, or `let`
 * through because nothing was asked of it or a policy only warned.
 */
export const OtherPull = z.object({
  digest: Digest,
  /** What this server was given at that time; null: the same, or it did not look. */
  expected: z.nullable(Digest),
  outcome: z.enum(['verified', 'let', 'refused']),
  firstAt: Timestamp,
  lastAt: Timestamp,
});
export type OtherPull = z.infer<typeof OtherPull>;

export const SourceReport = z.object({
  /** Position among the Application's sources, from 0. */
  index: z.number(),
  /** What people call it: the chart, or the last part of the repository's path. */
  name: z.string(),
  kind: SourceKind,
  /** Without user info. */
  repoURL: z.string(),
  chart: z.nullable(z.string()),
  path: z.nullable(z.string()),
  /** Name under which other sources refer to its files. */
  ref: z.nullable(z.string()),
  targetRevision: z.string(),
  /** The version that the target came to; null where that could not be told. */
  revision: z.nullable(z.string()),
  digest: z.nullable(Digest),
  verdict: Verdict,
  decision: Decision,
  /**
   * What stands in the way of a sync beside the verdict, whatever that is: a source that the baseline does not
   * allow, a chart that Argo CD may still hold other bytes of.
   */
  obstacles: z.array(Problem),
  policy: PolicyExplanation,
  evidence: z.array(EvidenceItem),
  dependencies: z.array(Dependency),
  /** When the repository was last asked; a verdict may be younger than the bytes it judges. */
  observedAt: z.nullable(Timestamp),
  /** The entry of the policy that would accept exactly this signer, as YAML; null where there is no signer to accept. */
  proposedPolicy: z.nullable(z.string()),
  /** Shell lines that check the same with the field's own tools; empty where there is nothing to check. */
  reproduce: z.array(z.string()),
  /**
   * When Argo CD's repo-server was last seen to pull exactly these bytes; null: not seen, so that admission alone looked
   * at them. Absent for what is no Helm chart, and from a server that does not tell.
   */
  pull: z.optional(z.nullable(z.object({ at: Timestamp }))),
  /** The last seen first. Absent where `pull` is. */
  otherPulls: z.optional(z.array(OtherPull)),
});
export type SourceReport = z.infer<typeof SourceReport>;

/** One word for all sources: the worst of them; `partially-verified` where some are verified and others need not be. */
export const OverallStatus = z.enum([
  'verified',
  'partially-verified',
  'failed',
  'unsigned',
  'indeterminate',
  'unsupported',
  'not-required',
]);
export type OverallStatus = z.infer<typeof OverallStatus>;

/** What asked for a verification. */
export const Trigger = z.enum(['opened', 're-verify', 'sync', 'automated-sync', 'ahead', 'command-line']);
export type Trigger = z.infer<typeof Trigger>;

export const ApplicationRef = z.object({
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  project: z.string(),
});
export type ApplicationRef = z.infer<typeof ApplicationRef>;

/**
 * What takes force from a policy that enforces: the gate's webhook is not installed; it lets syncs through while the
 * server is away; the pin's is not installed.
 */
export const Gap = z.enum(['gate-missing', 'gate-lets-through', 'pin-missing']);
export type Gap = z.infer<typeof Gap>;

/** `GET /api/v1/report`: everything that the tab shows of one Application. */
export const Report = z.object({
  application: ApplicationRef,
  checkedAt: Timestamp,
  trigger: Trigger,
  status: OverallStatus,
  enforcement: Enforcement,
  decision: Decision,
  sources: z.array(SourceReport),
  /** What concerns the Application as a whole: its project, its shape. Never empty without a `deny` or a `warn`. */
  problems: z.array(Problem),
  exemption: z.nullable(z.object({ reason: z.string(), until: Timestamp })),
  /** Revisions that Argo CD says are deployed, in the order of the sources; empty before the first sync. */
  deployedRevisions: z.array(z.string()),
  /** A verification of this Application under way, which can be followed by its ID. */
  runningJob: z.nullable(z.string()),
  /** Only where the policy enforces; absent where nobody knows, and from a server that does not tell. */
  gaps: z.optional(z.array(Gap)),
});
export type Report = z.infer<typeof Report>;
