import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { networkInterfaces } from 'node:os';
import type { ControlPlane } from './control-plane.ts';
import { ownPort } from './own-port.ts';
import { flags, type Program, readyWhen, start } from './process.ts';

const PACKAGE = fileURLToPath(new URL('../../../packages/server', import.meta.url));
const SERVICE_ACCOUNT = 'source-integrity-server';

export interface ServerOptions {
  /** How far its clock is ahead. */
  readonly clockAheadMs?: number;
  /** More of its settings, by their flags. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** The product's server as a process, with the token of its ServiceAccount and so with the RBAC that is shipped. */
export interface IntegrityServer {
  /** Where Argo CD's proxy reaches it. */
  readonly api: string;
  readonly operations: string;
  /** Where the API server reaches its webhooks. */
  readonly admission: { readonly address: string; readonly port: number };
  /** What Argo CD sends with every request of the extension. */
  readonly token: string;
  start(options?: ServerOptions): Promise<void>;
  /** Starts it where it isn't running with the usual settings; thaws it. */
  ensure(): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Stops it where it stands: connections are taken, and nothing is answered. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** While it is stopped. */
  deleteStore(): Promise<void>;
}

/** As it is shipped: the bundle with nothing around it, which another build in the tree cannot pull away either. */
export async function copyProgram(folder: string): Promise<void> {
  for (const part of ['bin', 'dist', 'package.json']) {
    await cp(join(PACKAGE, part), join(folder, 'program', part), { recursive: true });
  }
}

export interface Instance {
  /** Of its Argo CD. */
  readonly namespace: string;
  /** The folder that has the copied program in it. */
  readonly program: string;
}

export async function createServer(
  folder: string,
  logs: string,
  plane: Pick<ControlPlane, 'server' | 'caFile' | 'serviceAccountToken'>,
  token: string,
  { namespace, program }: Instance,
): Promise<IntegrityServer> {
  const [api, admissionPort, operations] = await Promise.all([ownPort(), ownPort(), ownPort()]);
  const address = ownAddress();
  const file = (name: string): string => join(folder, name);
  const bin = join(program, 'program', 'bin', 'source-integrity.js');
  await writeFile(file('shared-secret'), token, { mode: 0o600 });
  let running: Program | null = null;
  let usual = false;
  const end = async (how: 'stop' | 'kill'): Promise<void> => {
    const ending = running;
    running = null;
    if (how === 'kill') ending?.kill();
    else await ending?.stop();
    await ending?.ended;
  };
  const operationsUrl = `http://127.0.0.1:${operations}`;
  const begin = async ({ clockAheadMs = 0, settings = {} }: ServerOptions = {}): Promise<void> => {
    if (running !== null) await end('stop');
    usual = clockAheadMs === 0 && Object.keys(settings).length === 0;
    await writeFile(file('account-token'), await plane.serviceAccountToken(SERVICE_ACCOUNT, namespace), {
      mode: 0o600,
    });
    const started = start(logs, {
      name: namespace === 'argocd' ? 'source-integrity' : `source-integrity-${namespace}`,
      file: process.execPath,
      args: [
        ...(clockAheadMs === 0 ? [] : ['--import', await clock(folder, clockAheadMs)]),
        bin,
        'serve',
        ...flags({
          namespace,
          'data-dir': file('data'),
          'kubernetes-api': plane.server,
          'kubernetes-ca-file': plane.caFile,
          'kubernetes-token-file': file('account-token'),
          'token-file': file('shared-secret'),
          'api-listen': `127.0.0.1:${api}`,
          'operations-listen': `127.0.0.1:${operations}`,
          'admission-listen': `${address}:${admissionPort}`,
          'admission-certificates': 'self-managed',
          // The guard cannot resolve the Service's name.
          'certificate-names': address,
          ...settings,
        }),
      ],
    });
    running = started;
    await readyWhen(started, async () => {
      const response = await fetch(`${operationsUrl}/readyz`, { signal: AbortSignal.timeout(2000) });
      if (!response.ok) throw new Error(`/readyz: ${response.status} ${await response.text()}`);
    });
  };
  return {
    api: `http://127.0.0.1:${api}`,
    operations: operationsUrl,
    admission: { address, port: admissionPort },
    token,
    start: begin,
    async ensure() {
      running?.kill('SIGCONT');
      if (running === null || !usual) await begin();
    },
    stop: () => end('stop'),
    kill: () => end('kill'),
    freeze: () => Promise.resolve(running?.kill('SIGSTOP')),
    thaw: () => Promise.resolve(running?.kill('SIGCONT')),
    deleteStore: () => rm(file('data'), { recursive: true, force: true }),
  };
}

/** A module that sets the process's clock forward, to be imported before everything else. */
async function clock(folder: string, aheadMs: number): Promise<string> {
  const path = join(folder, 'clock.mjs');
  await writeFile(
    path,
    `const Real = Date, ahead = ${aheadMs};
globalThis.Date = class extends Real {
  constructor(...given) { super(...(given.length === 0 ? [Real.now() + ahead] : given)); }
  static now() { return Real.now() + ahead; }
};
`,
  );
  return pathToFileURL(path).href;
}

/**
 * An address of this machine that is not on loopback: endpoints of a Service may not be there. It is asked from this
 * machine alone.
 */
function ownAddress(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { family, internal, address } of addresses ?? []) {
      if (family === 'IPv4' && !internal && !address.startsWith('169.254.')) return address;
    }
  }
  throw new Error('This machine has no address but loopback, where the endpoints of a Service cannot be.');
}
