import { kubernetes, path, stack } from './proof.ts';
import type { JsonObject } from './json.ts';

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
