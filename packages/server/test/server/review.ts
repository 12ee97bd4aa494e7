import * as z from 'zod';
import type { World } from './fixture.ts';
import type { Manifest } from './manifests.ts';

const Answer = z.object({
  response: z.strictObject({
    uid: z.string(),
    allowed: z.boolean(),
    warnings: z.array(z.string()).optional(),
    status: z.strictObject({ code: z.number(), reason: z.string(), message: z.string() }).optional(),
  }),
});
export type GateAnswer = z.infer<typeof Answer>['response'];

export interface ReviewOptions {
  readonly dryRun?: boolean;
  readonly operation?: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly oldObject?: object | null;
  readonly name?: string;
}

/** What kube-apiserver sends when an Application is written. */
export function reviewOf(
  object: Manifest | null,
  options: ReviewOptions = {},
): { readonly request: object; readonly [more: string]: unknown } {
  const { operation = 'UPDATE', oldObject = without(object), dryRun = false } = options;
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'b8f0b0c2-7f2e-4c1e-9a52-2d7c3c0f4a11',
      kind: { group: 'argoproj.io', version: 'v1alpha1', kind: 'Application' },
      resource: { group: 'argoproj.io', version: 'v1alpha1', resource: 'applications' },
      operation,
      namespace: object?.metadata.namespace ?? 'argocd',
      name: options.name ?? object?.metadata.name ?? 'payments',
      userInfo: { username: 'system:serviceaccount:argocd:argocd-server' },
      object,
      oldObject: operation === 'CREATE' ? null : oldObject,
      dryRun,
    },
  };
}

function without(object: Manifest | null): object | null {
  if (object === null) return null;
  const { operation: _, ...rest } = object;
  return rest;
}

/** The operation that Argo CD's page writes for an Application with one source. */
export function syncOf(application: Manifest, more: object = {}): Manifest {
  const { source } = z.object({ source: z.looseObject({ targetRevision: z.unknown() }) }).parse(application.spec);
  return {
    ...application,
    operation: { initiatedBy: {}, retry: {}, sync: { revision: source.targetRevision, source, ...more } },
  };
}

/** Asks the gate, which answers every review with 200. */
export async function gate({ server }: Pick<World, 'server'>, review: object): Promise<GateAnswer> {
  const response = await postReview({ server }, JSON.stringify(review));
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return Answer.parse(await response.json()).response;
}

export function postReview({ server }: Pick<World, 'server'>, body: string): Promise<Response> {
  return fetch(`${server.addresses.admission}/admission/gate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
}

/** Syncs, and answers the refusal; null: it was let through without a word. */
export async function refusalOf(
  world: Pick<World, 'server'>,
  object: Manifest,
  options: ReviewOptions = {},
): Promise<string | null> {
  const answer = await gate(world, reviewOf(object, options));
  return answer.allowed ? null : (answer.status?.message ?? '');
}
