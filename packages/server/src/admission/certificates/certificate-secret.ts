import * as z from 'zod';
import { failure, type Outcome } from '../../cluster/kubernetes/api-failure.ts';
import type { KubernetesClient } from '../../cluster/kubernetes/client.ts';
import { RESOURCES } from '../../cluster/kubernetes/resource.ts';
import { authoritiesOf, type StoredCertificates } from './stored.ts';

export interface CertificateSecretOptions {
  readonly client: Pick<KubernetesClient, 'get' | 'replace'>;
  readonly namespace: string;
  readonly name: string;
}

const Text = z
  .string()
  .optional()
  .transform((base64) => Buffer.from(base64 ?? '', 'base64').toString('utf8'));
const Secret = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  data: z.looseObject({ 'ca.crt': Text, 'ca.key': Text, 'tls.crt': Text, 'tls.key': Text }).nullish(),
});

/** Replicas that want to change the Secret at the same time agree after this many tries, or at the next round. */
const TRIES = 4;

/** The Secret in which the replicas of an instance agree on their certificates. It has to be there: empty will do. */
export class CertificateSecret {
  readonly #options: CertificateSecretOptions;

  constructor(options: CertificateSecretOptions) {
    this.#options = options;
  }

  /** What is in it after `change` has had its say, which answers what it is given where nothing is to be changed. */
  async agree(change: (stored: StoredCertificates | null) => StoredCertificates): Promise<Outcome<StoredCertificates>> {
    const { client, namespace, name } = this.#options;
    const collection = { resource: RESOURCES.secrets, namespace };
    for (let tries = 0; tries < TRIES; tries += 1) {
      const got = await client.get(collection, name);
      if ('failure' in got) return got;
      const secret = Secret.safeParse(got.value);
      if (!secret.success) return failure('malformed', 'it is not what the API server writes');
      const stored = read(secret.data.data ?? null);
      const next = change(stored);
      if (next === stored) return { value: next };
      // Name, labels and other keys stay; whoever was faster is read again, and mostly agreed with.
      const data = { ...base64(got.value['data']), ...write(next) };
      const replaced = await client.replace(collection, name, { ...got.value, data });
      if (!('failure' in replaced)) return { value: next };
      if (replaced.failure.kind !== 'conflict') return replaced;
    }
    return failure('conflict', 'others change it all the time');
  }
}

function read(data: z.infer<typeof Secret>['data'] | null): StoredCertificates | null {
  if (data === null || data === undefined) return null;
  const authorities = authoritiesOf(data['ca.crt']);
  const serving = { cert: data['tls.crt'], key: data['tls.key'] };
  return authorities.length === 0 ? null : { authorities, authorityKey: data['ca.key'], serving };
}

function write({ authorities, authorityKey, serving }: StoredCertificates): Readonly<Record<string, string>> {
  const texts = {
    'ca.crt': authorities.join(''),
    'ca.key': authorityKey,
    'tls.crt': serving.cert,
    'tls.key': serving.key,
  };
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, Buffer.from(text, 'utf8').toString('base64')]),
  );
}

function base64(data: unknown): Readonly<Record<string, unknown>> {
  const parsed = z.record(z.string(), z.unknown()).safeParse(data);
  return parsed.success ? parsed.data : {};
}
