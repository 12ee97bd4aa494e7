import { DEFAULT_FETCH_LIMITS } from '../fetch/limits.ts';
import {
  apiServerUrl,
  hosts,
  integer,
  listenAddress,
  mirrorUrl,
  oneOf,
  secretText,
  type Setting,
  text,
  tokenRealms,
  variableOf,
} from './setting.ts';

const MINUTES = 60_000;
const MEBIBYTES = 1024 * 1024;

function setting<T>(flag: string, meaning: string, parse: Setting<T>['parse'], fallback: T): Setting<T> {
  return { flag, meaning, parse, fallback, secret: false };
}

function optional<T>(flag: string, meaning: string, parse: Setting<T>['parse'], secret = false): Setting<T | null> {
  return { flag, meaning, parse, fallback: null, secret };
}

const milliseconds = (max: number): Setting<number>['parse'] => integer(1, max);

/** Everything that the server can be told, in the order in which `serve --help` lists it. */
export const SETTINGS = {
  clusterDir: optional('cluster-dir', 'Folder of Argo CD manifests to read', text('the path of a folder')),
  namespace: setting('namespace', "Argo CD's namespace", namespaceName, 'argocd'),
  kubernetesApi: optional('kubernetes-api', 'URL of the API server to read instead; in a pod its own', apiServerUrl),
  kubernetesTokenFile: setting(
    'kubernetes-token-file',
    'File that holds the token of the ServiceAccount',
    text('the path of a file'),
    '/var/run/secrets/kubernetes.io/serviceaccount/token',
  ),
  kubernetesCaFile: setting(
    'kubernetes-ca-file',
    'PEM file, authority of the API server',
    text('the path of a PEM file'),
    '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
  ),

  apiListen: setting('api-listen', 'Where Argo CD reaches the API', listenAddress, local(8080)),
  admissionListen: setting('admission-listen', 'Where kube-apiserver reaches the webhooks', listenAddress, local(8443)),
  operationsListen: setting(
    'operations-listen',
    'Where /metrics and the health checks are',
    listenAddress,
    local(9090),
  ),
  admissionTlsCert: optional(
    'admission-tls-cert',
    'PEM file, certificate of the webhooks',
    text('the path of a PEM file'),
  ),
  admissionTlsKey: optional('admission-tls-key', 'PEM file, key of the webhooks', text('the path of a PEM file')),

  admissionCertificates: optional(
    'admission-certificates',
    'Who renews that certificate: this server, or whoever writes the files; this server where it reads the API server',
    oneOf('self-managed', 'files'),
  ),
  certificateSecret: setting(
    'certificate-secret',
    'Secret for the certificates of this server, which has to be there',
    objectName,
    'source-integrity-certificates',
  ),
  webhookConfiguration: optional(
    'webhook-configuration',
    'The two webhook configurations that trust it; by default source-integrity-<namespace>',
    objectName,
  ),
  serviceName: setting(
    'service-name',
    'Service by which the webhooks are asked',
    objectName,
    'source-integrity-server',
  ),
  certificateNames: setting('certificate-names', 'More DNS names and IP addresses for the certificate', hosts, []),

  token: optional('token', 'Secret that Argo CD sends with every request', secretText, true),
  tokenFile: optional('token-file', 'File that holds the token', text('the path of a file')),
  tokenPrevious: optional('token-previous', 'The token before, valid while it is being replaced', secretText, true),
  tokenPreviousFile: optional('token-previous-file', 'File that holds the token before', text('the path of a file')),

  dataDir: setting(
    'data-dir',
    'Folder of the database, or :memory:',
    text('the path of a folder'),
    'source-integrity-data',
  ),
  logLevel: setting(
    'log-level',
    'The least that is logged',
    oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent'),
    'info',
  ),

  privateAddresses: setting('private-addresses', 'Repositories at private addresses', oneOf('allow', 'deny'), 'allow'),
  allowedHosts: setting('allowed-hosts', 'The only hosts that are asked; any if empty', hosts, []),
  tokenRealms: setting(
    'token-realms',
    'Token servers that may be sent the credentials of a registry on another host: registry=host',
    tokenRealms,
    [],
  ),
  tuf: setting(
    'tuf',
    'Refresh the public-good trust root by TUF, where a policy rests on it',
    oneOf('on', 'off'),
    'on',
  ),
  tufMirror: optional('tuf-mirror', 'URL of another TUF mirror than the public-good one', mirrorUrl),
  tufRoot: optional('tuf-root', 'File, root.json of that mirror', text('the path of a root.json')),

  connectTimeoutMs: setting(
    'connect-timeout-ms',
    'Time for a connection',
    milliseconds(MINUTES),
    DEFAULT_FETCH_LIMITS.connectTimeoutMs,
  ),
  headersTimeoutMs: setting(
    'headers-timeout-ms',
    'Time for the headers of an answer',
    milliseconds(5 * MINUTES),
    DEFAULT_FETCH_LIMITS.headersTimeoutMs,
  ),
  idleTimeoutMs: setting(
    'idle-timeout-ms',
    'Time between two pieces of an answer',
    milliseconds(5 * MINUTES),
    DEFAULT_FETCH_LIMITS.idleTimeoutMs,
  ),
  requestTimeoutMs: setting(
    'request-timeout-ms',
    'Time for a whole answer',
    milliseconds(10 * MINUTES),
    DEFAULT_FETCH_LIMITS.totalTimeoutMs,
  ),
  maxRedirects: setting(
    'max-redirects',
    'Redirects that are followed',
    integer(0, 20),
    DEFAULT_FETCH_LIMITS.maxRedirects,
  ),
  maxIndexBytes: setting('max-index-bytes', 'Size of an index.yaml', integer(1024, 1024 * MEBIBYTES), 128 * MEBIBYTES),
  maxChartBytes: setting('max-chart-bytes', 'Size of a chart archive', integer(1024, 1024 * MEBIBYTES), 64 * MEBIBYTES),

  verificationConcurrency: setting('verification-concurrency', 'Verifications at the same time', integer(1, 64), 4),
  maxWaitingVerifications: setting(
    'max-waiting-verifications',
    'Verifications that may wait',
    integer(1, 100_000),
    200,
  ),
  verificationTimeoutMs: setting(
    'verification-timeout-ms',
    'Time for one verification',
    milliseconds(30 * MINUTES),
    2 * MINUTES,
  ),
  automatedBudgetMs: setting(
    'automated-budget-ms',
    'Time for the answer to an automated sync',
    milliseconds(25_000),
    2_000,
  ),
  interactiveBudgetMs: setting(
    'interactive-budget-ms',
    "Time for the answer to a person's sync",
    milliseconds(25_000),
    8_000,
  ),
  reverifyBurst: setting('reverify-burst', 'Re-verifications of one Application at once', integer(1, 1000), 3),
  reverifyPerMinute: setting(
    'reverify-per-minute',
    'Re-verifications of one Application in the long run',
    integer(1, 1000),
    6,
  ),
} as const;

function local(port: number): { readonly host: string; readonly port: number } {
  return { host: '127.0.0.1', port };
}

function objectName(given: string): ReturnType<Setting<string>['parse']> {
  if (/^[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/.test(given)) return { value: given };
  return { wrong: 'is not the name of an object', write: 'at most 253 lower-case letters, digits, dashes and dots' };
}

function namespaceName(given: string): ReturnType<Setting<string>['parse']> {
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(given)) return { value: given };
  return { wrong: 'is not the name of a namespace', write: 'at most 63 lower-case letters, digits and dashes' };
}

/** For `parseArgs`: the flag of every setting that is no secret. */
export const SETTING_FLAGS: Readonly<Record<string, { readonly type: 'string' }>> = Object.fromEntries(
  Object.values(SETTINGS)
    .filter(({ secret }) => !secret)
    .map(({ flag }) => [flag, { type: 'string' }]),
);

/** One line for each setting, for `serve --help`. */
export function settingsUsage(): readonly string[] {
  return Object.values(SETTINGS).map(({ flag, meaning, secret, fallback }) => {
    const name = secret ? variableOf(flag) : `--${flag}`;
    return `${name.padEnd(33)} ${meaning}${defaultText(fallback)}`;
  });
}

function defaultText(fallback: (typeof SETTINGS)[keyof typeof SETTINGS]['fallback']): string {
  if (fallback === null) return '';
  if (typeof fallback !== 'object') return ` (${fallback})`;
  return 'port' in fallback ? ` (${fallback.host}:${fallback.port})` : '';
}
