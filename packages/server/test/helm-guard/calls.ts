import type { HelmCall } from '../../src/helm-guard/helm-call.ts';

/** A call of Helm, and how it is read. `{repo}` and `{registry}` stand for a repository and a registry on loopback. */
export interface CallRow {
  readonly args: string;
  readonly read: HelmCall['kind'];
  /** Of a pull: repository, chart and version. */
  readonly pull?: readonly [string, string, string];
  readonly destination?: string;
  /** What Helm leaves there; null: nothing, since it takes the call for none. */
  readonly file?: string | null;
}

const HTTP = ['{repo}', 'demo', '1.2.3'] as const;
const BUILD = ['{repo}', 'demo', '2.0.0+build.7'] as const;
const BUILD_FILE = 'demo-2.0.0+build.7.tgz';
const SPACED = ['{repo}', 'demo', '>=1.0.0 <2.0.0'] as const;
const OCI = ['{registry}/charts', 'demo', '1.2.3'] as const;

function passes(args: string): CallRow {
  return { args, read: 'passes' };
}

function http(args: string, destination = 'out'): CallRow {
  return { args, read: 'pull', pull: HTTP, destination };
}

function oci(args: string): CallRow {
  return { args, read: 'pull', pull: OCI, destination: 'out' };
}

function unguarded(args: string): CallRow {
  return { args, read: 'unguarded' };
}

/**
 * Every spelling of the calls that fetch, and of those that seem to. Arguments are divided at single spaces; `␣` is a
 * space within one.
 */
export const CALLS: readonly CallRow[] = [
  // As Argo CD writes them (util/helm/cmd.go).
  http('pull --destination out --version 1.2.3 --repo {repo} demo'),
  http('pull --destination out --version 1.2.3 --username u --password p --repo {repo} demo'),
  http('pull --destination out --version 1.2.3 --insecure-skip-tls-verify --repo {repo} demo --pass-credentials'),
  oci('pull oci://{registry}/charts/demo --version 1.2.3 --destination out --plain-http'),
  { args: 'dependency build', read: 'dependencies' },
  { args: 'dependency build --insecure-skip-tls-verify --plain-http', read: 'dependencies' },
  passes('version --short'),
  passes('show values .'),
  passes('show chart .'),
  passes('template . --name-template demo --namespace default --kube-version 1.37.0 --include-crds'),
  passes('template . --name-template demo --set a=b --values values.yaml --api-versions v1'),
  passes('registry logout {registry}'),
  // Other spellings of the same.
  http('pull demo --repo {repo} --version 1.2.3 --destination out'),
  http('pull demo --repo={repo} --version=1.2.3 --destination=out'),
  http('pull demo --repo={repo} --version=1.2.3 -d out'),
  http('pull demo --repo={repo} --version=1.2.3 -dout'),
  http('pull demo --repo={repo} --version=1.2.3 -d=out'),
  http('fetch demo --repo {repo} --version 1.2.3 -d out'),
  http('--debug pull demo --repo {repo} --version 1.2.3 -d out'),
  http('--namespace other pull demo --repo {repo} --version 1.2.3 -d out'),
  http('-n other pull demo --repo {repo} --version 1.2.3 -d out'),
  http('-nother pull demo --repo {repo} --version 1.2.3 -d out'),
  http('pull -n other demo --repo {repo} --version 1.2.3 -d out'),
  http('pull --repo {repo} --version 1.2.3 -d out -- demo'),
  http('pull demo --repo {repo} --version 9.9.9 --version 1.2.3 -d out'),
  http('pull demo --repo https://other.invalid --repo {repo} --version 1.2.3 -d out'),
  http('pull demo --repo {repo} --version 1.2.3 -d other -d out'),
  http('pull demo --repo {repo} --version 1.2.3 -d out --untar=false'),
  http('pull demo --repo {repo} --version 1.2.3 -d out --untar --untar=false'),
  http('pull demo --repo {repo} --version 1.2.3 -d out --devel'),
  http('pull demo --repo {repo} --version 1.2.3 -d out --verify=false'),
  http('pull demo --repo {repo} --version 1.2.3 --untardir elsewhere -d out'),
  http('pull demo --repo {repo} --version 1.2.3 --keyring --untar -d out'),
  http('pull demo --repo {repo} --version 1.2.3', '.'),
  oci('pull --plain-http -d out --version=1.2.3 oci://{registry}/charts/demo'),
  oci('pull oci://{registry}/charts/demo --repo= --plain-http --version 1.2.3 -d out'),
  { args: 'dep build', read: 'dependencies' },
  { args: 'dependencies update', read: 'dependencies' },
  { args: 'dependency up', read: 'dependencies' },
  { args: 'dependency update . --skip-refresh', read: 'dependencies' },
  { args: 'dependency build -- .', read: 'dependencies' },
  { args: 'dependency --debug build', read: 'unguarded' },
  // Versions that a tenant may write: the index has 1.2.3 and 2.0.0+build.7 of demo.
  { ...http('pull --destination out --version 2.0.0+build.7 --repo {repo} demo'), pull: BUILD, file: BUILD_FILE },
  { ...http('pull --destination out --version=2.0.0+build.7 --repo {repo} demo'), pull: BUILD, file: BUILD_FILE },
  { ...http('pull --destination out --version ^1.2.0 --repo {repo} demo'), pull: ['{repo}', 'demo', '^1.2.0'] },
  { ...http('pull --destination out --version >=1.0.0␣<2.0.0 --repo {repo} demo'), pull: SPACED },
  { ...http('pull --destination out --version ␣1.2.3␣ --repo {repo} demo'), pull: ['{repo}', 'demo', ' 1.2.3 '] },
  // Charts that are named like a flag: those of which Helm makes no chart leave nothing.
  passes('pull --destination out --version 1.2.3 --repo {repo} --devel'),
  passes('pull --destination out --version 1.2.3 --repo {repo} --version=2.0.0+build.7'),
  passes('pull --destination out --version 1.2.3 --repo {repo} --destination=elsewhere'),
  passes('pull --destination out --version 1.2.3 --repo {repo} --help'),
  unguarded('pull --destination out --version 1.2.3 --repo {repo} --untar'),
  passes('pull --destination out --version 1.2.3 --repo {repo} --untardir'),
  unguarded('pull --destination out --version 1.2.3 --repo {repo} -x'),
  {
    ...http('pull --destination out --version --devel --repo {repo} demo'),
    pull: ['{repo}', 'demo', '--devel'],
    file: null,
  },
  // What nobody could look at before it is rendered, or what names no version.
  unguarded('pull demo --repo {repo} -d out'),
  unguarded('pull demo --repo {repo} --version= -d out'),
  unguarded('pull demo --repo {repo} --version 1.2.3 -d out --untar'),
  unguarded('pull demo --repo {repo} --version 1.2.3 -d out --untar=true'),
  unguarded('pull demo --repo {repo} --version 1.2.3 -d out --untar=T'),
  unguarded('pull demo demo --repo {repo} --version 1.2.3 -d out'),
  unguarded('pull {repo}/demo-1.2.3.tgz --version 1.2.3 -d out'),
  unguarded('pull {repo}/demo-1.2.3.tgz --repo {repo} --version 1.2.3 -d out'),
  unguarded('pull stable/demo --version 1.2.3 -d out'),
  unguarded('pull oci://{registry}/charts/demo:1.2.3 --plain-http -d out --version 1.2.3'),
  unguarded('pull oci://{registry}/charts/demo -d out --plain-http'),
  unguarded('pull demo --no-such-flag --repo {repo} --version 1.2.3 -d out'),
  unguarded('--no-such-flag pull demo --repo {repo} --version 1.2.3 -d out'),
  unguarded('template demo {repo}/demo-1.2.3.tgz'),
  unguarded('template demo demo --repo {repo} --version 1.2.3'),
  unguarded('template . --name-template demo --repo {repo}'),
  unguarded('template . --name-template demo --repo={repo}'),
  unguarded('template demo oci://{registry}/charts/demo --version 1.2.3 --plain-http'),
  unguarded('template demo --name-template . demo --repo {repo}'),
  unguarded('template . --name-template demo --dependency-update'),
  unguarded('template . -n x -g --dependency-update=true'),
  unguarded('template stable/demo --generate-name'),
  unguarded('template demo --set . stable/demo'),
  unguarded('show values demo --repo {repo} --version 1.2.3'),
  unguarded('show all {repo}/demo-1.2.3.tgz'),
  unguarded('inspect chart oci://{registry}/charts/demo --version 1.2.3 --plain-http'),
  unguarded('install demo demo --repo {repo} --dry-run=client'),
  unguarded('upgrade demo demo --repo {repo}'),
  unguarded('package . -u'),
  unguarded('secrets template .'),
  unguarded('diff upgrade demo oci://{registry}/charts/demo'),
  // What fetches nothing.
  passes('pull --help'),
  passes('pull -h demo --repo {repo} --version 1.2.3'),
  passes('template --help'),
  passes('template demo ./chart'),
  passes('template demo /no/such/chart'),
  passes('template -g .'),
  passes('lint .'),
  passes('env'),
  passes('repo list'),
  passes('dependency list'),
  passes('help pull'),
  passes('plugin list'),
  passes(''),
];
