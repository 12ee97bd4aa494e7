import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { flags } from '../argocd/process.ts';
import { freePort } from '../demo/ports.ts';
import { startStillApiServer } from './still-api-server.ts';

const BIN = fileURLToPath(new URL('../../../packages/server/bin/source-integrity.js', import.meta.url));

export interface BenchedServer {
  readonly pid: number | undefined;
  readonly api: URL;
  readonly admission: URL;
  /** What argocd-server would send as `Authorization`. */
  readonly token: string;
  /** PEM files, of the admission listener. */
  readonly tls: { readonly cert: string; readonly key: string };
  stop(): Promise<void>;
}

/** The server with the objects of a folder of manifests, which come over watches as in a cluster. */
export async function startBenchedServer(cluster: string, work: string, bin = BIN): Promise<BenchedServer> {
  const files = readdirSync(cluster).filter((name) => name.endsWith('.yaml'));
  const documents = files.flatMap((name) => parseAllDocuments(readFileSync(join(cluster, name), 'utf8')));
  const kubernetes = await startStillApiServer(documents.map((document): unknown => document.toJS()));
  const tokenFile = join(work, 'token');
  writeFileSync(tokenFile, 'token');
  const tls = selfSigned(work);
  const token = 'x'.repeat(32);
  const [api, admission, operations] = [await freePort(), await freePort(), await freePort()];
  const server = spawn(
    process.execPath,
    [
      bin,
      'serve',
      ...flags({
        namespace: 'argocd',
        'kubernetes-api': kubernetes.url,
        'kubernetes-token-file': tokenFile,
        'api-listen': `127.0.0.1:${api}`,
        'operations-listen': `127.0.0.1:${operations}`,
        'admission-listen': `127.0.0.1:${admission}`,
        'admission-tls-cert': tls.cert,
        'admission-tls-key': tls.key,
        'data-dir': join(work, 'data'),
        tuf: 'off',
      }),
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, SOURCE_INTEGRITY_TOKEN: token } },
  );
  await ready(operations);
  return {
    pid: server.pid,
    api: new URL(`http://127.0.0.1:${api}`),
    admission: new URL(`https://127.0.0.1:${admission}`),
    token,
    tls,
    async stop() {
      server.kill();
      await once(server, 'exit');
      kubernetes.close();
    },
  };
}

/** A report for which everything that it rests on is fetched anew, where the freshness is nothing. */
export function coldReport(
  { api, token }: BenchedServer,
  { name, project }: { readonly name: string; readonly project: string },
): () => Promise<void> {
  const url = new URL('/api/v1/report', api);
  const headers = {
    Authorization: token,
    'Argocd-Application-Name': `argocd:${name}`,
    'Argocd-Project-Name': project,
  };
  return async () => {
    const text = await (await fetch(url, { headers })).text();
    if (!text.includes('"status":"verified"')) throw new Error(`not verified: ${text.slice(0, 500)}`);
  };
}

async function ready(port: number): Promise<void> {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    if (response?.ok === true) return;
    await pause(100);
  }
}

function selfSigned(work: string): BenchedServer['tls'] {
  const [cert, key] = [join(work, 'tls.crt'), join(work, 'tls.key')];
  const what = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=bench'];
  const { status, stderr } = spawnSync('openssl', ['req', ...what, '-out', cert, '-keyout', key, '-days', '2']);
  if (status !== 0) throw new Error(String(stderr));
  return { cert, key };
}
