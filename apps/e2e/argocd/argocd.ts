import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { textAt } from './json.ts';
import type { ControlPlane } from './control-plane.ts';
import { ownPort } from './own-port.ts';
import { flags, type Program, readyWhen, start } from './process.ts';
import type { Tools } from './tools.ts';

/** Namespaces besides its own in which Argo CD looks for Applications. */
export const OTHER_NAMESPACES = ['team-a', 'team-b'] as const;

/** Accounts of Argo CD, and what its RBAC lets them do. */
const ACCOUNTS = ['operator', 'reader', 'neighbour'] as const;
export type Account = (typeof ACCOUNTS)[number];
const RBAC = `
p, role:operator, applications, *, */*, allow
p, role:operator, projects, get, *, allow
p, role:operator, clusters, get, *, allow
p, role:operator, extensions, invoke, source-integrity, allow
g, operator, role:operator
p, role:reader, applications, get, */*, allow
g, reader, role:reader
p, role:neighbour, applications, *, next-door/*, allow
p, role:neighbour, extensions, invoke, source-integrity, allow
g, neighbour, role:neighbour
`;

export interface ArgoCD {
  readonly url: string;
  /** API tokens of the accounts. */
  readonly tokens: Readonly<Record<Account, string>>;
  readonly components: ReadonlyMap<string, Program>;
  /** Ends a component and starts it again, as it was at first but for more of its environment. */
  restart(component: string, environment?: Readonly<Record<string, string>>): Promise<void>;
  /** Ends a component until it is restarted. */
  stop(component: string): Promise<void>;
}

/**
 * Installs Argo CD's own manifests and runs its components beside the API server, each with the token of its own
 * ServiceAccount. Faster than they would be by default in what is only waiting: comparison every 3 s, self-heal at
 * once.
 */
export async function startArgoCD(
  folder: string,
  logs: string,
  tools: Tools,
  plane: ControlPlane,
  extensionApi: string,
  started: (program: Program) => void,
): Promise<ArgoCD> {
  const [redisPort, repoPort, port] = await Promise.all([ownPort(), ownPort(), ownPort()]);
  const [repoMetrics, controllerMetrics, serverMetrics] = await Promise.all([ownPort(), ownPort(), ownPort()]);
  const [setMetrics, setProbe, setWebhook] = await Promise.all([ownPort(), ownPort(), ownPort()]);
  const redisPassword = 'not-a-secret';
  await settings(plane, extensionApi, redisPassword);

  const files = join(folder, 'argocd');
  for (const name of ['tls', 'ssh', 'gpg', 'gnupg', 'plugins', 'tmp', 'assets']) {
    await mkdir(join(files, name), { recursive: true, mode: 0o700 });
  }
  const environment = async (binary: string, serviceAccount: string): Promise<Record<string, string>> => ({
    ARGOCD_BINARY_NAME: binary,
    ARGOCD_FAKE_IN_CLUSTER: 'true',
    KUBECONFIG: await plane.kubeconfig(binary, await plane.serviceAccountToken(serviceAccount)),
    ARGOCD_TLS_DATA_PATH: join(files, 'tls'),
    ARGOCD_SSH_DATA_PATH: join(files, 'ssh'),
    ARGOCD_GPG_DATA_PATH: join(files, 'gpg'),
    ARGOCD_GNUPGHOME: join(files, 'gnupg'),
    ARGOCD_GPG_ENABLED: 'false',
    ARGOCD_PLUGINSOCKFILEPATH: join(files, 'plugins'),
    ARGOCD_ASK_PASS_SOCK: join(files, 'ask-pass.sock'),
    ARGOCD_LOG_FORMAT: 'json',
    ARGOCD_ENABLE_DYNAMIC_CLUSTER_DISTRIBUTION: 'false',
    REDIS_PASSWORD: redisPassword,
    PATH: `${tools.repoServerPath}:/usr/local/bin:/usr/bin:/bin`,
    HOME: files,
    TMPDIR: join(files, 'tmp'),
  });

  const startRedis = (): Promise<void> => {
    const program = start(logs, {
      name: 'redis',
      file: tools.redis,
      args: [
        '--port',
        String(redisPort),
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--dir',
        files,
        '--requirepass',
        redisPassword,
      ],
    });
    components.set('redis', program);
    started(program);
    return readyWhen(program, () => connects(redisPort));
  };
  const common = { redis: `127.0.0.1:${redisPort}` };
  const repoServer = `127.0.0.1:${repoPort}`;
  const namespaces = { 'application-namespaces': OTHER_NAMESPACES.join(',') };
  const components = new Map<string, Program>();
  const starters = new Map<string, (more: Readonly<Record<string, string>>) => Promise<void>>([['redis', startRedis]]);
  await startRedis();
  const component = async (
    name: string,
    serviceAccount: string,
    args: Parameters<typeof flags>[0],
    ready: () => Promise<unknown>,
  ): Promise<void> => {
    const binary = `argocd-${name}`;
    const env = await environment(binary, serviceAccount);
    const begin = async (more: Readonly<Record<string, string>>): Promise<void> => {
      const program = start(logs, { name: binary, file: tools.argocd, args: flags(args), env: { ...env, ...more } });
      components.set(name, program);
      started(program);
      await readyWhen(program, ready);
    };
    starters.set(name, begin);
    await begin({});
  };
  const url = `http://127.0.0.1:${port}`;
  await Promise.all([
    component(
      'repo-server',
      'argocd-repo-server',
      { ...common, address: '127.0.0.1', port: repoPort, 'metrics-address': '127.0.0.1', 'metrics-port': repoMetrics },
      () => connects(repoPort),
    ),
    component(
      'application-controller',
      'argocd-application-controller',
      {
        ...common,
        ...namespaces,
        'repo-server': repoServer,
        'metrics-port': controllerMetrics,
        'app-resync': 3,
        'app-resync-jitter': 0,
        'self-heal-timeout-seconds': 1,
      },
      () => connects(controllerMetrics),
    ),
    component(
      'server',
      'argocd-server',
      {
        ...common,
        ...namespaces,
        'repo-server': repoServer,
        insecure: true,
        'enable-proxy-extension': true,
        address: '127.0.0.1',
        port,
        staticassets: join(files, 'assets'),
        'metrics-address': '127.0.0.1',
        'metrics-port': serverMetrics,
      },
      () => answers(`${url}/healthz`),
    ),
    component(
      'applicationset-controller',
      'argocd-applicationset-controller',
      {
        'argocd-repo-server': repoServer,
        'enable-progressive-syncs': true,
        'refresh-grace-period-seconds': 0,
        'metrics-addr': `127.0.0.1:${setMetrics}`,
        'probe-addr': `127.0.0.1:${setProbe}`,
        'webhook-addr': `127.0.0.1:${setWebhook}`,
      },
      () => connects(setMetrics),
    ),
  ]);
  return {
    url,
    tokens: await accountTokens(url, plane),
    components,
    async stop(name) {
      await components.get(name)?.stop();
    },
    async restart(name, more = {}) {
      await components.get(name)?.stop();
      await starters.get(name)?.(more);
    },
  };
}

async function settings(plane: ControlPlane, extensionApi: string, redisPassword: string): Promise<void> {
  await plane.admin
    .patch('/api/v1/namespaces/argocd/secrets/argocd-redis', {
      stringData: { auth: redisPassword },
    })
    .catch(() =>
      plane.admin.create('/api/v1/namespaces/argocd/secrets', {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'argocd-redis', namespace: 'argocd' },
        stringData: { auth: redisPassword },
      }),
    );
  await plane.admin.patch('/api/v1/namespaces/argocd/configmaps/argocd-cm', {
    data: {
      ...Object.fromEntries(ACCOUNTS.map((name) => [`accounts.${name}`, 'apiKey'])),
      'accounts.admin': 'apiKey, login',
      'timeout.reconciliation': '3s',
      'timeout.reconciliation.jitter': '0s',
      'application.resourceTrackingMethod': 'annotation',
      'extension.config.source-integrity': JSON.stringify({
        connectionTimeout: '2s',
        services: [
          {
            url: extensionApi,
            headers: [{ name: 'Authorization', value: '$source-integrity.token' }],
          },
        ],
      }),
    },
  });
  // As in Argo CD's examples/k8s-rbac/argocd-server-applications, for Applications in other namespaces.
  const name = 'argocd-server-cluster-apps';
  const applications = ['create', 'delete', 'update', 'patch'];
  await plane.admin.create('/apis/rbac.authorization.k8s.io/v1/clusterroles', {
    metadata: { name },
    rules: [
      { apiGroups: ['argoproj.io'], resources: ['applications'], verbs: applications },
      { apiGroups: [''], resources: ['events'], verbs: ['create'] },
    ],
  });
  await plane.admin.create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name: 'argocd-server', namespace: 'argocd' }],
  });
  await plane.admin.patch('/api/v1/namespaces/argocd/configmaps/argocd-cmd-params-cm', {
    data: { 'application.namespaces': OTHER_NAMESPACES.join(','), 'server.enable.proxy.extension': 'true' },
  });
  await plane.admin.patch('/api/v1/namespaces/argocd/configmaps/argocd-rbac-cm', {
    data: { 'policy.csv': RBAC, 'policy.default': '' },
  });
}

/** Logs in as Argo CD's own first administrator, who gives each account a token. */
async function accountTokens(url: string, plane: ControlPlane): Promise<Record<Account, string>> {
  const initial = await plane.admin.get('/api/v1/namespaces/argocd/secrets/argocd-initial-admin-secret');
  const password = Buffer.from(textAt(initial, 'data', 'password'), 'base64').toString('utf8');
  const token = textAt(await posted(`${url}/api/v1/session`, { username: 'admin', password }), 'token');
  const of = async (account: Account): Promise<string> =>
    textAt(await posted(`${url}/api/v1/account/${account}/token`, { expiresIn: 0, name: account }, token), 'token');
  return { operator: await of('operator'), reader: await of('reader'), neighbour: await of('neighbour') };
}

async function posted(url: string, body: object, token?: string): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  const answer: unknown = await response.json();
  return answer;
}

async function answers(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
}

async function connects(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
