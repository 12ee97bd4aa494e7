import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_WITHIN_MS = 30_000;
/** How long a process may take to end by itself before it is killed. */
const GRACE_MS = 3_000;
const KEPT_CHARACTERS = 8_000;

export interface ProcessToStart {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** It is ready when something answers here, whatever it answers. */
  readonly readyAt: string;
}

export interface StartedProcess {
  readonly pid: number;
  close(): Promise<void>;
}

/** What this process has started and has to take along when it ends, in whatever way. */
const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => signalGroup(child, 'SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    running.forEach((child) => signalGroup(child, 'SIGKILL'));
    process.kill(process.pid, signal);
  });
}

/** Starts a server in a process group of its own and waits until it answers. */
export async function startProcess({ name, command, args, env, readyAt }: ProcessToStart): Promise<StartedProcess> {
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  running.add(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-KEPT_CHARACTERS);
    });
  }
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit status ${code}`));
  }).finally(() => running.delete(child));
  const close = async (): Promise<void> => {
    signalGroup(child, 'SIGTERM');
    const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE_MS);
    await ended;
    clearTimeout(timer);
  };
  const stop = new AbortController();
  const how = await Promise.race([answers(readyAt, stop.signal), ended]);
  stop.abort();
  if (how === 'ready') return { pid: child.pid ?? 0, close };
  await close();
  throw new Error(`${name} did not start (${how}):\n${said}`);
}

/** Closes all, the last one first, whatever becomes of one. */
export async function closeAll(started: readonly { close(): Promise<void> }[]): Promise<void> {
  await Promise.allSettled(started.toReversed().map(async (each) => each.close()));
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}

async function answers(url: string, stopped: AbortSignal): Promise<string> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline && !stopped.aborted) {
    try {
      await fetch(url, { signal: AbortSignal.timeout(1_000) });
      return 'ready';
    } catch {
      await sleep(50);
    }
  }
  return `nothing answers at ${url} within ${READY_WITHIN_MS / 1000} s`;
}
