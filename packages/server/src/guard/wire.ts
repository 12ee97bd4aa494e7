import * as z from 'zod/mini';

/** Longer ones are no chart's. */
const text = z.string().check(z.maxLength(2048));
const digest = z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/));

/** What Helm was asked for, and what it has downloaded. */
const GuardedCall = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('pull'),
    repository: text,
    registry: z.boolean(),
    chart: text,
    version: text,
    passCredentials: z.boolean(),
    digest,
  }),
  z.object({
    kind: z.literal('dependencies'),
    /** Text of Chart.lock, or of requirements.lock; null: there is none. */
    lock: z.nullable(z.string().check(z.maxLength(256 * 1024))),
    archives: z.array(z.object({ file: text, digest })).check(z.maxLength(1000)),
    /** Names of what lies in `charts/` as before the call. */
    unchanged: z.optional(z.array(text).check(z.maxLength(1000))),
  }),
  /** A call that fetches what nobody can look at before it is rendered. */
  z.object({ kind: z.literal('unguarded'), why: text }),
]);
export type GuardedCall = z.infer<typeof GuardedCall>;
export type GuardedPull = Extract<GuardedCall, { kind: 'pull' }>;

/** `POST /guard/v1/pulls`. */
export const GuardQuestion = z.object({
  guard: text,
  /** Digest of the policy that the guard keeps for when nobody answers; null: it has none. */
  policy: z.nullable(text),
  call: GuardedCall,
});
export type GuardQuestion = z.infer<typeof GuardQuestion>;

/** That a chart's bytes were verified, signed with the key of the admission listener's certificate. */
export const Receipt = z.object({
  /** JSON of what was verified and until when that counts. */
  text: z.string().check(z.maxLength(16 * 1024)),
  /** ECDSA or RSA with SHA-256 over the text, in base64. */
  signature: z.string().check(z.maxLength(2048)),
  /** PEM of the certificate. */
  certificate: z.string().check(z.maxLength(16 * 1024)),
});
export type Receipt = z.infer<typeof Receipt>;

export const GuardAnswer = z.object({
  /** `warn` lets the call pass, and says what `enforce` would have refused. */
  action: z.enum(['allow', 'warn', 'refuse']),
  /** Whole sentences without their full stops. */
  sentences: z.array(z.string().check(z.maxLength(4096))).check(z.maxLength(20)),
  /** The policy in force, where it is another than the guard has. */
  policy: z.nullable(z.object({ digest: text, entries: z.record(z.string(), z.string()) })),
  /** That these bytes were verified, for when nobody answers; where the policy allows that. */
  receipt: z.nullable(Receipt),
});
export type GuardAnswer = z.infer<typeof GuardAnswer>;
