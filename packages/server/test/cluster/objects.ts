import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openManifestCluster } from '../../src/cluster/manifests/manifest-cluster.ts';

/** A new folder with these files. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'source-integrity-cluster-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

export async function viewOf(...documents: readonly string[]) {
  return openManifestCluster({ folder: folderOf({ 'all.yaml': documents.join('\n---\n') }) }).view();
}

export const application = `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: payments, namespace: argocd}
spec:
  project: team
  destination: {server: https://kubernetes.default.svc, namespace: team}
  source: {repoURL: https://charts.example.com, chart: payments, targetRevision: 1.4.2}
`;

export const project = `
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: team, namespace: argocd, labels: {tier: prod}}
spec: {sourceRepos: ['https://charts.example.com']}
`;

export function configMap(
  name: string,
  data: string,
  metadata = 'labels: {app.kubernetes.io/part-of: argocd}',
): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: argocd, ${metadata}}\ndata: ${data}`;
}

export function secret(name: string, type: string, stringData: Readonly<Record<string, string>>): string {
  const metadata = { name, namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': type } };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata, stringData });
}

export const policy = configMap('argocd-source-integrity-cm', '{enforcement: enforce}');
