import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { WorkingFolder } from './working-folder.ts';

const BIN = fileURLToPath(new URL('../../../packages/server/bin/source-integrity.js', import.meta.url));
const READY_WITHIN_MS = 120_000;
/** How long the server may take to end by itself before it is killed. */
const GRACE_MS = 20_000;

export interface ServerPorts {
  readonly api: number;
  readonly admission: number;
  readonly operations: number;
}

export interface ServerProcess {
  /** Settles when the process has ended, with what it said last; never rejects. */
  readonly ended: Promise<string>;
  readonly pid: number;
  stop(): Promise<void>;
  kill(): void;
}

/** Starts the real server on the working folder and waits until it is ready. */
export async function startServer(folder: WorkingFolder, ports: ServerPorts, token: string): Promise<ServerProcess> {
  const log = openSync(folder.serverLog, 'w');
  const child = spawn(
    process.execPath,
    [
      BIN,
      'serve',
      '--cluster-dir',
      folder.cluster,
      '--namespace',
      'argocd',
      '--api-listen',
      `127.0.0.1:${ports.api}`,
      '--admission-listen',
      `127.0.0.1:${ports.admission}`,
      '--operations-listen',
      `127.0.0.1:${ports.operations}`,
      '--data-dir',
      folder.data,
    ],
    { stdio: ['ignore', log, log], env: environment(token) },
  );
  closeSync(log);
  const ended = endOf(child, folder.serverLog);
  const kill = (): void => void child.kill('SIGKILL');
  const server: ServerProcess = {
    ended,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      await ended;
      clearTimeout(timer);
    },
    kill,
  };
  // A demo that ends by an error of its own leaves no server behind.
  process.once('exit', kill);
  void ended.then(() => process.removeListener('exit', kill));

  const ready = readyAt(new URL(`http://127.0.0.1:${ports.operations}/readyz`));
  const outcome = await Promise.race([ready, ended.then((said) => `it ended:\n${said}`)]);
  if (outcome !== 'ready') {
    await server.stop();
    throw new Error(`The server did not start: ${outcome}`);
  }
  return server;
}

/** Settings that somebody else's server has in the environment are not this one's. */
function environment(token: string): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('SOURCE_INTEGRITY_'));
  return { ...Object.fromEntries(others), SOURCE_INTEGRITY_TOKEN: token };
}

async function endOf(child: ChildProcess, log: string): Promise<string> {
  const how = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit status ${code}` : `signal ${signal}`));
  });
  const said = await readFile(log, 'utf8').catch(() => '');
  const last = said
    .trimEnd()
    .split('\n')
    .slice(-30)
    .map((line) => line.slice(0, 400));
  return [...last, `(${how})`].filter((line) => line !== '').join('\n');
}

async function readyAt(url: URL): Promise<string> {
  const deadline = Date.now() + READY_WITHIN_MS;
  let last = 'no answer';
  while (Date.now() < deadline) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      if (response.ok) return 'ready';
      last = `${response.status} ${await response.text()}`;
    } catch {
      // Not listening yet.
    }
    await sleep(50);
  }
  return `${url.href} did not become ready in ${READY_WITHIN_MS / 1000} s: ${last}`;
}
