import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { textAt } from './json.ts';
import { Kubernetes, type Access } from './kubernetes.ts';
import { ownPort } from './own-port.ts';
import { flags, type Program, readyWhen, start } from './process.ts';
import type { Tools } from './tools.ts';

const run = promisify(execFile);

/** People with a token, and the groups they are in. What the others may do is for RBAC. */
const USERS = { admin: 'system:masters', tenant: 'tenants', auditor: 'auditors' } as const;
export type User = keyof typeof USERS;

export interface ControlPlane {
  readonly server: string;
  readonly caFile: string;
  readonly tokens: Readonly<Record<User, string>>;
  readonly admin: Kubernetes;
  /** A kubeconfig with that token. */
  kubeconfig(name: string, token: string): Promise<string>;
  /** A token of a ServiceAccount, as its pod would be given one. */
  serviceAccountToken(name: string, namespace?: string): Promise<string>;
  /** Runs the real kubectl as the administrator; answers what it printed. */
  kubectl(...args: readonly string[]): Promise<string>;
}

/** Starts etcd and kube-apiserver in `folder`, on loopback. Webhooks by Service are sent to the Service's endpoints. */
export async function startControlPlane(
  folder: string,
  logs: string,
  tools: Tools,
  started: (program: Program) => void,
): Promise<ControlPlane> {
  await mkdir(join(folder, 'kubeconfigs'), { recursive: true });
  const [etcdPort, peerPort, port] = await Promise.all([ownPort(), ownPort(), ownPort()]);
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  const etcd = start(logs, {
    name: 'etcd',
    file: tools.etcd,
    args: flags({
      'data-dir': join(folder, 'etcd'),
      'unsafe-no-fsync': true,
      'log-level': 'warn',
      name: 'suite',
      'listen-client-urls': etcdUrl,
      'advertise-client-urls': etcdUrl,
      'listen-peer-urls': peerUrl,
      'initial-advertise-peer-urls': peerUrl,
      'initial-cluster': `suite=${peerUrl}`,
    }),
  });

  started(etcd);
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const file = (name: string): string => join(folder, name);
  const tokens = Object.fromEntries(Object.keys(USERS).map((user) => [user, randomBytes(24).toString('hex')]));
  await Promise.all([
    writeFile(file('sa.pub'), publicKey.export({ type: 'spki', format: 'pem' })),
    writeFile(file('sa.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 }),
    writeFile(
      file('tokens.csv'),
      Object.entries(USERS)
        .map(([user, group]) => `${tokens[user]},${user},${user},"${group}"\n`)
        .join(''),
      { mode: 0o600 },
    ),
  ]);
  const apiserver = start(logs, {
    name: 'kube-apiserver',
    file: tools.kubeApiserver,
    args: flags({
      'etcd-servers': etcdUrl,
      'cert-dir': file('tls'),
      'bind-address': '127.0.0.1',
      'secure-port': port,
      'authorization-mode': 'RBAC',
      'token-auth-file': file('tokens.csv'),
      'service-account-issuer': 'https://kubernetes.default.svc',
      'service-account-key-file': file('sa.pub'),
      'service-account-signing-key-file': file('sa.key'),
      'service-cluster-ip-range': '10.0.0.0/24',
      'disable-admission-plugins': 'ServiceAccount',
      'enable-aggregator-routing': true,
      // Its own endpoints would be an address that is not on loopback.
      'endpoint-reconciler-type': 'none',
    }),
  });
  started(apiserver);

  const server = `https://127.0.0.1:${port}`;
  const caFile = join(folder, 'tls', 'apiserver.crt');
  const access = async (token: string): Promise<Access> => ({ server, ca: await readFile(caFile, 'utf8'), token });
  let admin: Kubernetes | null = null;
  await readyWhen(apiserver, async () => {
    const client = new Kubernetes(await access(tokens['admin'] ?? ''));
    const { status } = await client.ask('GET', '/readyz');
    if (status !== 200) throw new Error(`/readyz answers ${status}`);
    admin = client;
  });
  const client: Kubernetes = admin ?? fail();

  const kubeconfig = async (name: string, token: string): Promise<string> => {
    const path = join(folder, 'kubeconfigs', name);
    const user = { name: 'user', user: { token } };
    const cluster = { name: 'cluster', cluster: { server, 'certificate-authority': caFile } };
    const context = { name: 'context', context: { cluster: 'cluster', user: 'user', namespace: 'argocd' } };
    const config = { apiVersion: 'v1', kind: 'Config', clusters: [cluster], users: [user], contexts: [context] };
    await writeFile(path, JSON.stringify({ ...config, 'current-context': 'context' }), { mode: 0o600 });
    return path;
  };
  const adminConfig = await kubeconfig('admin', tokens['admin'] ?? '');
  return {
    server,
    caFile,
    tokens: { admin: tokens['admin'] ?? '', tenant: tokens['tenant'] ?? '', auditor: tokens['auditor'] ?? '' },
    admin: client,
    kubeconfig,
    async serviceAccountToken(name, namespace = 'argocd') {
      const request = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds: 4 * 60 * 60 },
      };
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
      return textAt(await client.create(path, request), 'status', 'token');
    },
    async kubectl(...args) {
      const { stdout } = await run(tools.kubectl, ['--kubeconfig', adminConfig, ...args], {
        maxBuffer: 64 * 1024 * 1024,
        env: { PATH: process.env['PATH'] ?? '', HOME: folder },
      });
      return stdout;
    },
  };
}

function fail(): never {
  throw new Error('the API server was ready without an answer');
}
