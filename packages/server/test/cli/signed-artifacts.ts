import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CHART, vector } from './command-line.ts';
import type { ContentDescriptor, RegistryContent } from './registry.ts';

const HELM = 'application/vnd.cncf.helm';

export interface Keys {
  readonly pem: string;
  readonly privatePem: string;
  readonly privateKey: KeyObject;
}

export function newKeys(): Keys {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    pem: String(publicKey.export({ format: 'pem', type: 'spki' })),
    privatePem: String(privateKey.export({ format: 'pem', type: 'pkcs8' })),
    privateKey,
  };
}

export interface Pushed {
  readonly name?: string;
  readonly tag?: string;
  /** Of the vectors; null: none. */
  readonly provenance?: string | null;
  /** In place of the chart. */
  readonly content?: { readonly config: string; readonly layer: string };
}

/** Pushes hashtest 1.2.3 as `helm push` does, and answers its descriptor. */
export function pushChart(registry: RegistryContent, pushed: Pushed = {}): ContentDescriptor {
  const { name = 'charts/hashtest', tag = '1.2.3', provenance = 'rsa2048.prov', content } = pushed;
  const config = registry.blob(
    JSON.stringify({ apiVersion: 'v1', description: 'Test chart versioning', name: 'hashtest', version: '1.2.3' }),
    content?.config ?? `${HELM}.config.v1+json`,
  );
  const layer = content?.layer ?? `${HELM}.chart.content.v1.tar+gzip`;
  const layers = [registry.blob(readFileSync(CHART), layer)];
  if (provenance !== null) {
    layers.push(registry.blob(readFileSync(vector(provenance)), `${HELM}.chart.provenance.v1.prov`));
  }
  return registry.push(name, { schemaVersion: 2, config, layers }, tag);
}

export interface Signature {
  readonly keys: Keys;
  /** Of the artifact. */
  readonly digest: string;
  /** Where the signature goes, if not beside the chart. */
  readonly name?: string;
  readonly claims?: Readonly<Record<string, string>>;
}

/** Signs as `cosign sign` 2 does: a payload in the `.sig` manifest. */
export function pushSignature(registry: RegistryContent, signature: Signature): void {
  const { keys, digest, name = 'charts/hashtest', claims = {} } = signature;
  const payload = JSON.stringify({
    critical: {
      identity: { 'docker-reference': `registry.example/${name}` },
      image: { 'docker-manifest-digest': digest },
      type: 'cosign container image signature',
    },
    optional: claims,
  });
  const layer = registry.blob(payload, 'application/vnd.dev.cosign.simplesigning.v1+json');
  const made = sign('sha256', Buffer.from(payload), keys.privateKey).toString('base64');
  const manifest = {
    schemaVersion: 2,
    config: registry.blob('{}', 'application/vnd.oci.image.config.v1+json'),
    layers: [{ ...layer, annotations: { 'dev.cosignproject.cosign/signature': made } }],
  };
  registry.push(name, manifest, `${digest.replace(':', '-')}.sig`);
}
