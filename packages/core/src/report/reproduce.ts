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
    keyRingOf(chart.argocdNamespace),
    `helm pull --prov --repo ${quote(chart.repoURL)} --version ${quote(chart.version)}${credentials} -- ${quote(chart.chart)}`,
    `printf '%s\\n' ${quote(`${chart.digest.replace(/^sha256:/, '')}  ${file}`)} | sha256sum --check`,
    `helm verify --keyring argocd-keys.gpg -- ${quote(file)}`,
  ];
}

export interface ReproducedRegistryChart {
  readonly argocdNamespace: string;
  /** Host, with a port where it has one. */
  readonly registry: string;
  /** Path in the registry; its last part is the chart's name. */
  readonly repository: string;
  readonly version: string;
  /** Of the manifest. */
  readonly digest: Digest;
  readonly credentials: boolean;
  /** The registry is asked over plain HTTP. */
  readonly plainHttp: boolean;
}

/**
 * The same for a chart in a registry. Helm 4 pulls by digest, but under a file name that no provenance file holds, so
 * that `helm pull --verify` fails there: the files get back their names before they are verified.
 */
export function reproduceWithHelmFromRegistry(chart: ReproducedRegistryChart): string[] {
  const name = chart.repository.split('/').at(-1) ?? chart.repository;
  const pulled = `./${name}@${chart.digest.replace(':', '-')}.tgz`;
  const file = `./${name}-${chart.version}.tgz`;
  const plainHttp = chart.plainHttp ? ' --plain-http' : '';
  const login = `printf '%s' "$REGISTRY_PASSWORD" | helm registry login${plainHttp} --username "$REGISTRY_USERNAME" --password-stdin -- ${quote(chart.registry)}`;
  return [
    keyRingOf(chart.argocdNamespace),
    ...(chart.credentials ? [login] : []),
    `helm pull --prov${plainHttp} -- ${quote(`oci://${chart.registry}/${chart.repository}@${chart.digest}`)}`,
    `mv -- ${quote(pulled)} ${quote(file)}`,
    `mv -- ${quote(`${pulled}.prov`)} ${quote(`${file}.prov`)}`,
    `helm verify --keyring argocd-keys.gpg -- ${quote(file)}`,
  ];
}

function keyRingOf(argocdNamespace: string): string {
  return `kubectl -n ${quote(argocdNamespace)} get configmap argocd-gpg-keys-cm -o go-template='{{range .data}}{{println .}}{{end}}' | gpg --dearmor > argocd-keys.gpg`;
}
