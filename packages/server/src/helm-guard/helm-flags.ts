/**
 * Flags of Helm 4.3 that take no value, and those that take one, for the calls that fetch charts. What is in neither
 * list cannot be read here: the next argument may or may not belong to it.
 */
export interface FlagTable {
  readonly switches: ReadonlySet<string>;
  readonly valued: ReadonlySet<string>;
  /** One letter → the long name. */
  readonly short: ReadonlyMap<string, string>;
}

const GLOBAL_SWITCHES = ['debug', 'help', 'kube-insecure-skip-tls-verify'];
const GLOBAL_VALUED = [
  'burst-limit',
  'color',
  'colour',
  'content-cache',
  'kube-apiserver',
  'kube-as-group',
  'kube-as-user',
  'kube-ca-file',
  'kube-context',
  'kube-tls-server-name',
  'kube-token',
  'kubeconfig',
  'namespace',
  'qps',
  'registry-config',
  'repository-cache',
  'repository-config',
];
const DOWNLOAD_SWITCHES = ['insecure-skip-tls-verify', 'pass-credentials', 'plain-http', 'verify', 'devel'];
const DOWNLOAD_VALUED = ['ca-file', 'cert-file', 'key-file', 'keyring', 'password', 'repo', 'username', 'version'];

function table(
  switches: readonly string[],
  valued: readonly string[],
  short: Readonly<Record<string, string>> = {},
): FlagTable {
  return {
    switches: new Set([...GLOBAL_SWITCHES, ...switches]),
    valued: new Set([...GLOBAL_VALUED, ...valued]),
    short: new Map([['h', 'help'], ['n', 'namespace'], ...Object.entries(short)]),
  };
}

export const GLOBAL_FLAGS = table([], []);

export const PULL_FLAGS = table(
  [...DOWNLOAD_SWITCHES, 'prov', 'untar'],
  [...DOWNLOAD_VALUED, 'destination', 'untardir'],
  { d: 'destination' },
);

/** Of `build` and of `update`. */
export const DEPENDENCY_FLAGS = table(
  [...DOWNLOAD_SWITCHES, 'skip-refresh'],
  DOWNLOAD_VALUED.filter((flag) => flag !== 'repo' && flag !== 'version'),
);

/** Of the two commands that show a chart or render it: show and template. */
export const RENDER_FLAGS = table(
  [
    ...DOWNLOAD_SWITCHES,
    'create-namespace',
    'dependency-update',
    'disable-openapi-validation',
    // A value can only follow its equals sign.
    'dry-run',
    'enable-dns',
    'force-conflicts',
    'force-replace',
    'generate-name',
    'include-crds',
    'is-upgrade',
    'no-hooks',
    'release-name',
    'replace',
    'rollback-on-failure',
    'server-side',
    'skip-crds',
    'skip-schema-validation',
    'skip-tests',
    'take-ownership',
    'wait',
    'wait-for-jobs',
  ],
  [
    ...DOWNLOAD_VALUED,
    'api-versions',
    'description',
    'jsonpath',
    'kube-version',
    'labels',
    'name-template',
    'output-dir',
    'post-renderer',
    'post-renderer-args',
    'set',
    'set-file',
    'set-json',
    'set-literal',
    'set-string',
    'show-only',
    'timeout',
    'values',
  ],
  { a: 'api-versions', f: 'values', g: 'generate-name', l: 'labels', s: 'show-only' },
);
