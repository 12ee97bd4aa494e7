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
  readonly username?: string;
}

/** What kube-apiserver sends when an Application is written. */
export function reviewOf(
  object: Manifest | null,
  options: ReviewOptions = {},
): { readonly request: object; readonly [more: string]: unknown } {
  const { operation = 'UPDATE', oldObject = without(object), dryRun = false } = options;
  const { username = 'system:serviceaccount:argocd:argocd-server' } = options;
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
      userInfo: { username },
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

export function postReview(
  { server }: Pick<World, 'server'>,
  body: string,
  webhook: 'gate' | 'pin' = 'gate',
): Promise<Response> {
  return fetch(`${server.addresses.admission}/admission/${webhook}`, {
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

const Patch = z.array(
  z.union([
    z.strictObject({ op: z.literal('add'), path: z.string(), value: z.unknown() }),
    z.strictObject({ op: z.literal('remove'), path: z.string() }),
  ]),
);
export type PinPatch = z.infer<typeof Patch>;
const PinAnswer = z.object({
  response: z.strictObject({
    uid: z.string(),
    allowed: z.literal(true),
    patchType: z.literal('JSONPatch').optional(),
    patch: z.base64().optional(),
  }),
});

/** Asks pin, which allows every review, and answers its patch. */
export async function pinPatch(world: Pick<World, 'server'>, review: object): Promise<PinPatch> {
  const response = await postReview(world, JSON.stringify(review), 'pin');
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  const { patch } = PinAnswer.parse(await response.json()).response;
  return patch === undefined ? [] : Patch.parse(JSON.parse(Buffer.from(patch, 'base64').toString('utf8')));
}

/** The object as kube-apiserver goes on with it: RFC 6902 for members of objects. */
export function patched(object: Manifest, patch: PinPatch): Manifest {
  const now = { ...object };
  for (const each of patch) {
    const next = changed(now, each.path.split('/').slice(1), each);
    for (const name of Object.keys(now)) if (!Object.hasOwn(next, name)) Reflect.deleteProperty(now, name);
    Object.assign(now, next);
  }
  return now;
}

function changed(value: unknown, [name = '', ...more]: readonly string[], each: PinPatch[number]): object {
  const members: Record<string, unknown> = { ...z.record(z.string(), z.unknown()).parse(value) };
  if (more.length > 0) return { ...members, [name]: changed(members[name], more, each) };
  if (each.op === 'add') return { ...members, [name]: each.value };
  if (!Object.hasOwn(members, name)) throw new Error(`${each.path} is not there to be removed`);
  return Object.fromEntries(Object.entries(members).filter(([key]) => key !== name));
}

/** Writes as kube-apiserver does: pin, and then the gate with what pin has made of it. */
export async function write(
  world: Pick<World, 'server'>,
  object: Manifest,
  options: ReviewOptions = {},
): Promise<{ readonly object: Manifest; readonly refusal: string | null }> {
  const oldObject = options.oldObject ?? without(object);
  const after = patched(object, await pinPatch(world, reviewOf(object, { ...options, oldObject })));
  return { object: after, refusal: await refusalOf(world, after, { ...options, oldObject }) };
}
