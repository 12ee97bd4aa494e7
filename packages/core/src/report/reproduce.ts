import { quote } from './shell-quote.ts';
import type { Digest } from '../verdict/verdict.ts';

export interface ReproducedChart {
  readonly argocdNamespace: string;
  readonly repoURL: string;
  readonly chart: string;
  readonly version: string;
  readonly fileName: string;
  readonly digest: Digest;
  /** Whether the repository asks for credentials, which the reader has to fill in. */
  readonly credentials: boolean;
}

/**
 * The same question asked with the field's own tools: shell lines for kubectl, GnuPG and Helm, pinned by digest.
 * Names come from Applications and index files, so every one is quoted, and none can be read as an option.
 */
export function reproduceWithHelm(chart: ReproducedChart): string[] {
  const credentials = chart.credentials ? ' --username "$REPO_USERNAME" --password "$REPO_PASSWORD"' : '';
  const file = `./${chart.fileName}`;
  return [
    `kubectl -n ${quote(chart.argocdNamespace)} get configmap argocd-gpg-keys-cm -o go-template='{{range .data}}{{println .}}{{end}}' | gpg --dearmor > argocd-keys.gpg`,
    `helm pull --prov --repo ${quote(chart.repoURL)} --version ${quote(chart.version)}${credentials} -- ${quote(chart.chart)}`,
    `printf '%s\\n' ${quote(`${chart.digest.replace(/^sha256:/, '')}  ${file}`)} | sha256sum --check`,
    `helm verify --keyring argocd-keys.gpg -- ${quote(file)}`,
  ];
}
