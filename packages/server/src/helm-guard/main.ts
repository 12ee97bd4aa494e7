import { spawn } from 'node:child_process';
import { guardedHelm } from './guard.ts';
import { guardSettings } from './settings.ts';

/** Signals that Argo CD, Kubernetes or a person may send. */
const FORWARDED = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;

const args = process.argv.slice(2);
const read = guardSettings(process.env);
const tell = (line: string): void => {
  process.stderr.write(`source-integrity: ${line}\n`);
};

if ('faults' in read) {
  for (const fault of read.faults) tell(`${fault}; the guard of the repo-server is not set up.`);
  process.exitCode = 1;
} else {
  const { settings } = read;
  const runHelm = (): Promise<number> =>
    new Promise((resolve) => {
      const helm = spawn(settings.helm, args, { stdio: 'inherit', argv0: 'helm' });
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
        if (signal === null) resolve(status ?? 1);
        else process.kill(process.pid, signal);
      });
    });
  try {
    process.exitCode = await guardedHelm(args, settings, { runHelm, tell });
  } catch (error) {
    tell(`The chart was not checked: ${error instanceof Error ? error.message : String(error)}.`);
    process.exitCode = 1;
  }
}
