import { spawn } from 'node:child_process';
import { guardedHelm } from './guard.ts';
import { type GuardSettings, guardSettings } from './settings.ts';

/** Signals that Argo CD, Kubernetes or a person may send. */
const FORWARDED = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;

const args = process.argv.slice(2);
const tell = (line: string): void => {
  process.stderr.write(`source-integrity: ${line}\n`);
};

function runHelm(helmPath: string): Promise<number> {
  return new Promise((resolve) => {
    const helm = spawn(helmPath, args, { stdio: 'inherit', argv0: 'helm' });
    const forward = (signal: NodeJS.Signals): void => void helm.kill(signal);
    for (const signal of FORWARDED) process.on(signal, forward);
    // Afterwards they end the guard, which has nobody to hand them to.
    const ended = (): void => {
      for (const signal of FORWARDED) process.off(signal, forward);
    };
    helm.on('error', (error) => {
      ended();
      tell(`Helm could not be started: ${error.message}.`);
      resolve(127);
    });
    helm.on('exit', (status, signal) => {
      ended();
      // Node does not end by every one.
      if (signal !== null) process.kill(process.pid, signal);
      resolve(status ?? 1);
    });
  });
}

async function guarded(settings: GuardSettings): Promise<number> {
  try {
    return await guardedHelm(args, settings, { runHelm: () => runHelm(settings.helm), tell });
  } catch (error) {
    tell(`The chart was not checked: ${error instanceof Error ? error.message : String(error)}.`);
    return 1;
  }
}

// Also if Node ends because there is nothing left that it could wait for.
process.exitCode = 1;
const read = guardSettings(process.env);
if ('faults' in read) {
  for (const fault of read.faults) tell(`${fault}; the guard of the repo-server is not set up.`);
} else {
  // At once: what is said goes out before, and no connection that is still open needs to be waited for.
  void guarded(read.settings).then((status) => process.exit(status));
}
