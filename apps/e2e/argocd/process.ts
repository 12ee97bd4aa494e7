import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a process may take to end by itself before its group is killed. kube-apiserver needs up to 8 s. */
const GRACE_MS = 10_000;

export interface Program {
  readonly name: string;
  readonly pid: number;
  /** Settles when the process has ended, with the last that it said; never rejects. */
  readonly ended: Promise<string>;
  readonly log: string;
  /** Asks it to end, and kills its group when it doesn't. */
  stop(): Promise<void>;
  /** At once, with all that it has started. */
  kill(signal?: NodeJS.Signals): void;
}

export interface Command {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** `--name=value` for each, `--name` where it is only switched on. */
export function flags(given: Readonly<Record<string, string | number | true>>): string[] {
  return Object.entries(given).map(([name, value]) => (value === true ? `--${name}` : `--${name}=${value}`));
}

/** Every group that was started from here and may still run. */
const groups = new Set<number>();
/** And those that have ended, for a last look. */
const ever = new Set<number>();
process.once('exit', () => {
  for (const group of groups) signalGroup(group, 'SIGKILL');
});

/**
 * Starts a program as the leader of a process group of its own, in an environment that holds nothing of ours, with
 * its output in `<logs>/<name>.log`. The kernel kills it where this process dies without a chance to clear up.
 */
export function start(logs: string, { name, file, args, env = {} }: Command): Program {
  const log = join(logs, `${name}.log`);
  const output = openSync(log, 'a');
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', file, ...args], {
    stdio: ['ignore', output, output],
    env: { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', ...env },
    detached: true,
  });
  closeSync(output);
  const pid = child.pid ?? 0;
  if (pid !== 0) groups.add(pid);
  const ended = endOf(child, log).finally(() => {
    signalGroup(pid, 'SIGKILL');
    groups.delete(pid);
  });
  return {
    name,
    pid,
    ended,
    log,
    async stop() {
      signalGroup(pid, 'SIGCONT');
      child.kill('SIGTERM');
      const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), GRACE_MS);
      await ended;
      clearTimeout(timer);
    },
    kill: (signal = 'SIGKILL') => signalGroup(pid, signal),
  };
}

/** Processes of our groups that are still there. */
export async function leftovers(): Promise<readonly string[]> {
  const table = await new Promise<string>((resolve, reject) => {
    execFile('ps', ['-eo', 'pgid=,pid=,stat=,args='], { maxBuffer: 16 * 1024 * 1024 }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
  });
  return table.split('\n').filter((line) => {
    const [, group = '', , state = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)/.exec(line) ?? [];
    return ever.has(Number(group)) && !state.startsWith('Z');
  });
}

/** Waits until `ready` answers without throwing; ends early where the program does. */
export async function readyWhen(program: Program, ready: () => Promise<unknown>, withinMs = 180_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  const ended: string[] = [];
  void program.ended.then((said) => ended.push(said));
  for (;;) {
    try {
      await ready();
      return;
    } catch (error) {
      if (ended.length > 0) throw new Error(`${program.name} ended:\n${ended.join('')}`, { cause: error });
      if (Date.now() > deadline) {
        throw new Error(`${program.name} is not ready after ${withinMs} ms:\n${await lastOf(program.log)}`, {
          cause: error,
        });
      }
    }
    await sleep(50);
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  if (pid <= 1) return;
  ever.add(pid);
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left in the group.
  }
}

async function endOf(child: ChildProcess, log: string): Promise<string> {
  const how = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit status ${code}` : `signal ${signal}`));
  });
  return `${await lastOf(log)}\n(${how})`;
}

async function lastOf(log: string): Promise<string> {
  const said = await readFile(log, 'utf8').catch(() => '');
  return said
    .trimEnd()
    .split('\n')
    .slice(-15)
    .map((line) => line.slice(0, 600))
    .join('\n');
}
