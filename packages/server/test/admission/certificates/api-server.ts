import type { ApiFailure, Outcome } from '../../../src/cluster/kubernetes/api-failure.ts';
import type { KubernetesClient, KubernetesObject } from '../../../src/cluster/kubernetes/client.ts';
import * as z from 'zod';

type Client = Pick<KubernetesClient, 'get' | 'replace' | 'patch'>;

const Versioned = z.looseObject({ metadata: z.looseObject({ resourceVersion: z.string() }) });
const Webhooks = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  webhooks: z.array(z.looseObject({ clientConfig: z.looseObject({ caBundle: z.string().optional() }) })),
});
const Data = z.object({ data: z.record(z.string(), z.string()).optional() });

/** The Secret and the two webhook configurations, with the API server's optimistic locking. */
export class FakeApiServer implements Client {
  readonly objects = new Map<string, KubernetesObject>();
  readonly writes: string[] = [];
  /** What is refused, by the plural of the resource. */
  readonly failing = new Map<string, ApiFailure['kind']>();
  /** Runs once before the next write, as another replica would. */
  beforeWrite: (() => Promise<void>) | null = null;
  #version = 1;

  constructor() {
    this.put('secrets/certificates', { metadata: { name: 'certificates', labels: { kept: 'yes' } }, type: 'Opaque' });
    for (const kind of ['mutating', 'validating']) {
      this.put(`${kind}webhookconfigurations/ours`, {
        metadata: { name: 'ours' },
        webhooks: [{ name: 'gate', failurePolicy: 'Fail', clientConfig: { service: { name: 'server' } } }],
      });
    }
  }

  put(path: string, object: { readonly metadata: object; readonly [more: string]: unknown }): void {
    this.#version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
    this.objects.set(path, { ...object, metadata });
  }

  /** The PEM files in the Secret, by their keys. */
  secret(): Readonly<Record<string, string>> {
    const { data = {} } = Data.parse(this.objects.get('secrets/certificates'));
    return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]));
  }

  /** What one of the webhook configurations trusts, as PEM. */
  bundle(kind: 'mutating' | 'validating'): string {
    const { webhooks } = Webhooks.parse(this.objects.get(`${kind}webhookconfigurations/ours`));
    return Buffer.from(webhooks[0]?.clientConfig.caBundle ?? '', 'base64').toString();
  }

  get: Client['get'] = ({ resource: { plural } }, name) => Promise.resolve(this.#found(plural, name));

  replace: Client['replace'] = async ({ resource: { plural } }, name, object) => {
    const refused = await this.#writing(`replace ${plural}`, plural);
    if (refused !== null) return refused;
    const found = this.#found(plural, name);
    if ('failure' in found) return found;
    const [asked, there] = [Versioned.parse(object), Versioned.parse(found.value)];
    if (asked.metadata.resourceVersion !== there.metadata.resourceVersion) return failed('conflict');
    this.writes.push(`replace ${plural}`);
    this.put(`${plural}/${name}`, asked);
    return this.#found(plural, name);
  };

  patch: Client['patch'] = async ({ resource: { plural } }, name, operations) => {
    const refused = await this.#writing(`patch ${plural}`, plural);
    if (refused !== null) return refused;
    const found = this.#found(plural, name);
    if ('failure' in found) return found;
    const { metadata, webhooks, ...rest } = Webhooks.parse(found.value);
    const changed = structuredClone(webhooks);
    for (const operation of operations) {
      if (operation.op === 'test' && operation.value !== metadata.resourceVersion) return failed('refused');
      const [, place] = /^\/webhooks\/(\d+)\/clientConfig\/caBundle$/.exec(operation.path) ?? [];
      const webhook = changed[Number(place)];
      if (operation.op === 'add' && webhook !== undefined) webhook.clientConfig.caBundle = String(operation.value);
    }
    this.writes.push(`patch ${plural}`);
    this.put(`${plural}/${name}`, { ...rest, metadata, webhooks: changed });
    return this.#found(plural, name);
  };

  #found(plural: string, name: string): Outcome<KubernetesObject> {
    const refused = this.failing.get(plural);
    if (refused !== undefined) return failed(refused);
    const object = this.objects.get(`${plural}/${name}`);
    return object === undefined ? failed('not-found') : { value: structuredClone(object) };
  }

  async #writing(what: string, plural: string): Promise<{ readonly failure: ApiFailure } | null> {
    const before = this.beforeWrite;
    this.beforeWrite = null;
    await before?.();
    const refused = this.failing.get(plural) ?? this.failing.get(what);
    return refused === undefined ? null : failed(refused);
  }
}

function failed(kind: ApiFailure['kind']): { readonly failure: ApiFailure } {
  return { failure: { kind, reason: `the API server answered ${kind}` } };
}
