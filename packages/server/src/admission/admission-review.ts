import * as z from 'zod';
import type { PatchOperation } from './pin-patch.ts';

/** What the webhooks read of an AdmissionReview (`admission.k8s.io/v1`); the objects are parsed where they are judged. */
const AdmissionReview = z.object({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  request: z.object({
    uid: z.string().min(1).max(128),
    kind: z.object({ group: z.string(), version: z.string(), kind: z.string() }),
    operation: z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
    namespace: z.string().max(253).default(''),
    name: z.string().max(253).default(''),
    userInfo: z.object({ username: z.string().default('') }).default({ username: '' }),
    object: z.unknown(),
    oldObject: z.unknown(),
    dryRun: z.boolean().default(false),
  }),
});
export type AdmissionRequest = z.infer<typeof AdmissionReview>['request'];

/** The request of a review, or what is wrong with it. */
export function parseAdmissionReview(body: unknown): { request: AdmissionRequest } | { fault: string } {
  const parsed = AdmissionReview.safeParse(body);
  if (parsed.success) return { request: parsed.data.request };
  const [issue] = parsed.error.issues;
  return { fault: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not an AdmissionReview'}`.slice(0, 300) };
}

export interface AdmissionAnswer {
  readonly allowed: boolean;
  readonly warnings: readonly string[];
  /** Shown by Argo CD behind "denied the request: ". Empty when allowed. */
  readonly message: string;
}

/**
 * A review that carries the answer. A denial is always 403: Argo CD loops on 409 without a sleep, and its UI goes to
 * the login page on 401 (`util/argo/argo.go`, `SetAppOperation`).
 */
export function reviewResponse(uid: string, answer: AdmissionAnswer): object {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: answer.allowed,
      ...(answer.warnings.length > 0 ? { warnings: answer.warnings } : {}),
      ...(answer.allowed ? {} : { status: { code: 403, reason: 'Forbidden', message: answer.message } }),
    },
  };
}

/** A review that is allowed, and changed where there is anything to change. */
export function patchResponse(uid: string, patch: readonly PatchOperation[]): object {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: true,
      ...(patch.length > 0
        ? { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch), 'utf8').toString('base64') }
        : {}),
    },
  };
}
