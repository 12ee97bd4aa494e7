import { sign } from 'node:crypto';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { setPolicy } from './install.ts';
import { at, isObject, type JsonObject, textAt } from './json.ts';
import { controls, kubectl, kubernetes, path, stack, until } from './proof.ts';

const PACKAGE = fileURLToPath(new URL('../../../packages/server', import.meta.url));
const COMPONENT = fileURLToPath(new URL('../../../deploy/kustomize/components/verified-pull', import.meta.url));

/** Where the guard lies: `helm` in it stands on the repo-server's PATH. */
export const guardFolder = join(stack.folder, 'guard');

/**
 * Puts the guard before the repo-server's helm, as the component verified-pull does: the same files, a token of the
 * repo-server for the same audience, the same rights. The restart empties the repo-server's folder of charts.
 */
export async function guardRepoServer(more: Readonly<Record<string, string>> = {}): Promise<void> {
  const { code, output } = await kubectl('apply', '--server-side', '-f', join(COMPONENT, 'permissions.yaml'));
  if (code !== 0) throw new Error(`kubectl apply: ${output}`);
  const folder = guardFolder;
  await mkdir(folder, { recursive: true });
  for (const [from, to] of [
    ['bin/helm', 'helm'],
    ['dist', 'dist'],
    ['package.json', 'package.json'],
  ] as const) {
    await cp(join(PACKAGE, from), join(folder, to), { recursive: true });
  }
  await symlink(process.execPath, join(folder, 'node')).catch(() => undefined);
  await giveToken(await accountToken());
  await writeFile(join(folder, 'ca.crt'), await authority());
  await controls.restartComponent('repo-server', {
    PATH: `${folder}:${stack.tools.repoServerPath}:/usr/local/bin:/usr/bin:/bin`,
    ARGOCD_PAUSE_GEN_MINUTES: '1',
    ...guardEnvironment(),
    ...more,
  });
}

/** What the guard is told. */
export function guardEnvironment(): Readonly<Record<string, string>> {
  const { address, port } = stack.integrity.admission;
  return {
    SOURCE_INTEGRITY_GUARD_SERVER: `https://${address}:${port}`,
    SOURCE_INTEGRITY_GUARD_HELM: stack.tools.helm,
    SOURCE_INTEGRITY_GUARD_TOKEN_FILE: join(guardFolder, 'token'),
    SOURCE_INTEGRITY_GUARD_CA_FILE: join(guardFolder, 'ca.crt'),
    SOURCE_INTEGRITY_GUARD_STATE_DIR: join(guardFolder, 'state'),
  };
}

/** Takes away what Argo CD has rendered and looked up before, as docs/verified-pull.md says for installing the guard. */
export async function clearCaches(): Promise<void> {
  await controls.restartComponent('redis');
}

/** As it was before. */
export async function unguardRepoServer(): Promise<void> {
  await controls.restartComponent('repo-server');
}

/** A token as the kubelet would project it into a pod of that account. */
export async function accountToken(account = 'argocd-repo-server', audience = 'source-integrity'): Promise<string> {
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: [audience], expirationSeconds: 3600 },
  };
  const collection = `/api/v1/namespaces/argocd/serviceaccounts/${account}/token`;
  return textAt(await kubernetes.create(collection, request), 'status', 'token');
}

/** The same token, signed by the same key, but of two hours ago. */
export async function expired(token: string): Promise<string> {
  const [header = '', claims = ''] = token.split('.');
  const read: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
  const earlier = Math.floor(Date.now() / 1000) - 2 * 60 * 60;
  const aged = { ...(isObject(read) ? read : {}), iat: earlier, nbf: earlier, exp: earlier + 60 * 60 };
  const text = `${header}.${Buffer.from(JSON.stringify(aged)).toString('base64url')}`;
  const key = await readFile(join(stack.folder, 'sa.key'), 'utf8');
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** Replaces the token that the guard reads; null: there is none. */
export async function giveToken(token: string | null): Promise<void> {
  const file = join(guardFolder, 'token');
  if (token === null) await rm(file);
  else await writeFile(file, token);
}

/** Of the server's certificate. */
export async function authority(): Promise<string> {
  const secret = await kubernetes.get(path.secret('source-integrity-certificates'));
  return Buffer.from(textAt(secret, 'data', 'ca.crt'), 'base64').toString('utf8');
}

/** A question as the guard asks it, over a connection of its own; answers the server's answer. */
async function askAsGuard(call: JsonObject): Promise<unknown> {
  const [token, ca] = await Promise.all([accountToken(), authority()]);
  return asker(token, ca)(call);
}

/** The same with a token and an authority that are known already. */
export function asker(token: string, ca: string): (call: JsonObject) => Promise<unknown> {
  const { address, port } = stack.integrity.admission;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return (call) =>
    new Promise((resolve, reject) => {
      const options = { method: 'POST', agent: false, ca, headers } as const;
      const asked = request(`https://${address}:${port}/guard/v1/pulls`, options, (response) => {
        json(response)
          .then((answer) =>
            response.statusCode === 200
              ? answer
              : Promise.reject(new Error(`${response.statusCode} ${JSON.stringify(answer)}`)),
          )
          .then(resolve, reject);
      });
      asked.on('error', reject).end(JSON.stringify({ guard: 'suite', policy: null, call }));
    });
}

/** Sets the policy and waits until the server judges by it: its watch brings it a moment later. */
export async function setKnownPolicy(data: JsonObject): Promise<void> {
  await setPolicy(data);
  const nobodys = { repository: 'http://charts.invalid', registry: false, chart: 'none', version: '1.0.0' };
  const call = { kind: 'pull', ...nobodys, passCredentials: false, digest: `sha256:${'0'.repeat(64)}` };
  await until('the server knows the policy', async () => {
    const known = at(await askAsGuard(call), 'policy', 'entries');
    return isObject(known) && Object.entries(data).every(([entry, text]) => known[entry] === text);
  });
}

/** How many of the repo-server's downloads the server has decided on since it started. */
export async function pullsDecided(): Promise<Readonly<Record<'allow' | 'warn' | 'refuse', number>>> {
  const text = await (await fetch(`${stack.integrity.operations}/metrics`)).text();
  const of = (action: string): number =>
    Number(new RegExp(`^source_integrity_pulls_total\\{action="${action}"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  return { allow: of('allow'), warn: of('warn'), refuse: of('refuse') };
}

/** Lets the repo-server and the product's server trust an authority for a host, as one ConfigMap does in a cluster. */
export async function trustAuthority(host: string, pem: string): Promise<void> {
  await kubernetes.patch(path.configMap('argocd-tls-certs-cm'), { data: { [host]: pem } });
  // The repo-server's mount of it.
  await writeFile(join(stack.folder, 'argocd', 'tls', host), pem);
}
