import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { policyData, releaseKey, trustConfigMaps } from './artifacts.ts';
import { type JsonObject, textAt } from './json.ts';
import { FAIR } from './link.ts';
import { controls, kubectl, kubernetes, path, stack, until } from './proof.ts';

const DEPLOY = fileURLToPath(new URL('../../../deploy/kustomize', import.meta.url));
export type Overlay = 'warn' | 'enforce';

/** Tells Argo CD of the suite's repositories. Again is the same as once. */
export async function repositories(): Promise<void> {
  const { charts, registry } = stack.places;
  const put = (name: string, type: 'repository' | 'repo-creds', stringData: JsonObject): Promise<JsonObject> =>
    kubernetes.apply(path.secret(name), {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': type } },
      stringData,
    });
  await put('charts', 'repository', { name: 'charts', type: 'helm', url: `${charts}/charts` });
  await put('registry-charts', 'repository', {
    name: 'registry-charts',
    type: 'helm',
    url: `${registry}/charts`,
    enableOCI: 'true',
    insecureOCIForceHttp: 'true',
  });
  await put('registry', 'repo-creds', { type: 'oci', url: `oci://${registry}`, insecureOCIForceHttp: 'true' });
}

/**
 * What every proof starts from: the product installed by its own manifests and enforcing, its server running, all
 * repositories as they should be, and the suite's policy.
 */
export async function installed(overlay: Overlay = 'enforce'): Promise<void> {
  await controls.disturb('charts', FAIR);
  await controls.disturb('registry', FAIR);
  await repositories();
  await applyManifests(overlay);
  for (const object of await trustConfigMaps()) {
    await kubernetes.apply(path.configMap(textAt(object, 'metadata', 'name')), object);
  }
  await setPolicy(await suitePolicy(overlay));
  await controls.ensureServer();
  await guarded(overlay);
}

/** The suite's policy, with other entries or in another mode. */
export async function suitePolicy(
  enforcement: 'enforce' | 'warn' | 'off' = 'enforce',
  more: JsonObject = {},
): Promise<JsonObject> {
  return { ...policyData(stack.places, await releaseKey(), enforcement), ...more };
}

/** Replaces `data` of argocd-source-integrity-cm. The server sees it when its watch does. */
export async function setPolicy(data: JsonObject): Promise<void> {
  const name = path.configMap('argocd-source-integrity-cm');
  const before = await kubernetes.get(name);
  if (JSON.stringify(sorted(before?.['data'])) === JSON.stringify(sorted(data))) return;
  await kubernetes.replace(name, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'argocd-source-integrity-cm',
      namespace: 'argocd',
      labels: {
        'app.kubernetes.io/name': 'argocd-source-integrity-cm',
        'app.kubernetes.io/part-of': 'argocd',
      },
    },
    data,
  });
}

/**
 * Applies the manifests as they are shipped, with the overlay for Applications in other namespaces on top: it is
 * written for *warn*, and is to be copied. The one thing that stands in for a cluster's controllers is the Service's
 * EndpointSlice, which names the server's process.
 */
export async function applyManifests(overlay: Overlay): Promise<void> {
  const folder = join(stack.folder, 'kustomize');
  const own = join(folder, 'overlays', `namespaced-${overlay}`);
  await cp(DEPLOY, folder, { recursive: true });
  await mkdir(own, { recursive: true });
  const namespaced = join(folder, 'overlays', 'namespaced');
  const kustomization = await readFile(join(namespaced, 'kustomization.yaml'), 'utf8');
  await writeFile(join(own, 'kustomization.yaml'), kustomization.replace('../warn', `../${overlay}`));
  await cp(join(namespaced, 'application-namespaces.yaml'), join(own, 'application-namespaces.yaml'));
  const { code, output } = await kubectl('apply', '--server-side', '--force-conflicts', '-k', own);
  if (code !== 0) throw new Error(`kubectl apply -k: ${output}`);

  await nameEndpoint('argocd', stack.integrity.admission);
}

/** Names the one process behind the Service of an instance. */
export async function nameEndpoint(
  namespace: string,
  { address, port }: { readonly address: string; readonly port: number },
): Promise<void> {
  await kubernetes.apply(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices/source-integrity-server`, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'source-integrity-server',
      namespace,
      labels: { 'kubernetes.io/service-name': 'source-integrity-server' },
    },
    addressType: 'IPv4',
    ports: [{ name: 'admission', port, protocol: 'TCP' }],
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
  });
}

/** Removes the webhooks, as an administrator would who suspends enforcement. */
export async function removeWebhooks(): Promise<void> {
  for (const kind of ['mutating', 'validating']) {
    await kubernetes.delete(
      `/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations/source-integrity-argocd`,
    );
  }
}

/** Until the API server asks the gate: an operation that nobody can verify is refused by it, or warned of. */
async function guarded(overlay: Overlay): Promise<void> {
  await until('the gate answers the API server', async () => {
    const { status, body, warning } = await kubernetes.ask('POST', `${path.application()}?dryRun=All`, {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'probe', namespace: 'argocd' },
      spec: {
        project: 'default',
        destination: { server: 'https://kubernetes.default.svc', namespace: 'probe' },
        source: { repoURL: `oci://${stack.places.registry}/keyed/unsigned`, path: '.', targetRevision: '1.0.0' },
      },
      operation: { sync: {} },
    });
    const message = textAt(body, 'message');
    if (overlay === 'enforce' && status === 403 && message.includes('gate.source-integrity.io')) return true;
    if (overlay === 'warn' && status === 201 && warning.includes('Source Integrity: ')) return true;
    throw new Error(`${status} ${message}`);
  });
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
