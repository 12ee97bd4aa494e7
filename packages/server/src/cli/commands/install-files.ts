import { readFile } from 'node:fs/promises';
import { type Document, parseAllDocuments } from 'yaml';

/** deploy/kustomize: the one source of what is installed. The build puts a copy beside the bundle. */
const FOLDER = new URL(
  import.meta.url.endsWith('.ts') ? '../../../../../deploy/kustomize/' : './kustomize/',
  import.meta.url,
);

/** The documents of a file, comments included, with `argocd` replaced by this instance's namespace. */
export async function installFile(path: string, namespace: string): Promise<Document.Parsed[]> {
  const documents = parseAllDocuments(inNamespace(await readFile(new URL(path, FOLDER), 'utf8'), namespace));
  return Array.isArray(documents) ? documents : [];
}

/**
 * The places where a file names the instance: the namespace itself, cluster-scoped names, accounts, selectors and host
 * names. Labels and Argo CD's names, such as `part-of: argocd` and `argocd-cm`, are the same in every instance.
 */
function inNamespace(text: string, namespace: string): string {
  return text
    .replaceAll(/(\bnamespace: |metadata\.name: |\bvalues: \[|serviceaccount:)argocd\b/g, `$1${namespace}`)
    .replaceAll(/\bsource-integrity-argocd\b/g, `source-integrity-${namespace}`)
    .replaceAll('.argocd.svc', `.${namespace}.svc`);
}

/** As YAML, readable, each document behind `---`. */
export function printDocuments(documents: readonly Document.Parsed[]): string {
  return documents.map((document) => `---\n${document.toString({ lineWidth: 120, directives: false })}`).join('');
}
