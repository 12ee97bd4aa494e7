import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { policyData, releaseKey, trustConfigMaps } from './artifacts.ts';
import { at, type JsonObject, textAt } from './json.ts';
import type { Answer } from './kubernetes.ts';
import { FAIR } from './link.ts';
import { applicationManifest, controls, kubectl, kubernetes, path, source, stack, until } from './proof.ts';

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

/** What a proof goes on from that has changed nothing of what is installed: the server runs, and is asked. */
export async function running(): Promise<void> {
  await controls.ensureServer();
  await guarded('enforce');
}

/** The suite's policy, with other entries or in another mode. */
export async function suitePolicy(
  enforcement: 'enforce' | 'warn' | 'off' = 'enforce',
  more: JsonObject = {},
): Promise<JsonObject> {
  return { ...policyData(stack.places, await releaseKey(), enforcement), ...more };
}

/** Replaces `data` of argocd-source-integrity-cm. The server sees it when its watch does: see `judged`. */
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

/** Removes the webhooks, as an administrator would who suspends enforcement, until the API server asks neither. */
export async function removeWebhooks(): Promise<void> {
  for (const kind of ['mutating', 'validating']) {
    await kubernetes.delete(
      `/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations/source-integrity-argocd`,
    );
  }
  await until('the API server asks no webhook of ours', async () => {
    const { status, body } = await probe(unsigned(), 'default');
    return status === 201 && at(body, 'operation', 'sync', 'source') === undefined;
  });
}

/** Until the server has seen what was changed of policy or keys, and the gate judges an operation of `from` by it. */
export async function judged(verdict: 'let through' | 'refused', from: JsonObject, project = 'default'): Promise<void> {
  await until(`it is ${verdict}`, async () => {
    const { status, body } = await probe(from, project);
    if (status !== 201 && status !== 403) throw new Error(`${status} ${textAt(body, 'message')}`);
    return (status === 201) === (verdict === 'let through');
  });
}

/** Until the API server asks the gate: an operation that nobody can verify is refused by it, or warned of. */
async function guarded(overlay: Overlay): Promise<void> {
  await until('the gate answers the API server', async () => {
    const { status, body, warning } = await probe(unsigned(), 'default');
    const message = textAt(body, 'message');
    if (overlay === 'enforce' && status === 403 && message.includes('gate.source-integrity.io')) return true;
    if (overlay === 'warn' && status === 201 && warning.includes('Source Integrity: ')) return true;
    throw new Error(`${status} ${message}`);
  });
}

/** What becomes of an operation of `from`: nothing is stored. */
function probe(from: JsonObject, project: string): Promise<Answer> {
  const manifest = applicationManifest('probe', from, { project, beside: { operation: { sync: {} } } });
  return kubernetes.ask('POST', `${path.application()}?dryRun=All`, manifest);
}

const unsigned = (): JsonObject => source('plain OCI by key', 'unsigned');

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
