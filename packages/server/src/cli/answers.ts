import type { Observation, Problem, Report } from '@source-integrity/core/contract';
import { isNonEmpty } from '@source-integrity/core/contract';
import { choice, EXIT, type ExitStatus, type OptionValues, type Terminal } from './command.ts';
import { inertJson } from './presentation/inert.ts';

/** Writes an answer as `--output` wants it. */
export function answer(terminal: Terminal, options: OptionValues, json: unknown, table: () => string): void {
  terminal.out(choice(options, 'output', ['table', 'json']) === 'json' ? `${inertJson(json)}\n` : table());
}

export function exitOf(status: Observation['status'] | Report['status']): ExitStatus {
  switch (status) {
    case 'verified':
    case 'partially-verified':
    case 'not-required':
      return EXIT.ok;
    case 'failed':
    case 'unsigned':
      return EXIT.failed;
    case 'indeterminate':
    case 'unsupported':
      return EXIT.unknown;
  }
}

/** Nothing could be verified, for these reasons. */
export function unanswered(status: 'indeterminate' | 'unsupported', problem: Problem, ...more: Problem[]): Observation {
  return {
    status,
    problems: [problem, ...more],
    checks: [
      { id: 'signature-found', outcome: 'error', problem },
      { id: 'signature-valid', outcome: 'skipped', reason: 'earlier-check-failed' },
      { id: 'signer-trusted', outcome: 'skipped', reason: 'earlier-check-failed' },
      { id: 'artifact-integrity', outcome: 'skipped', reason: 'earlier-check-failed' },
      { id: 'transparency-log', outcome: 'skipped', reason: 'does-not-apply' },
    ],
  };
}

/** What verified passes only if the whole key ring could be read: what was not may revoke the key. */
export function underKeyring(observation: Observation, unreadable: readonly Problem[]): Observation {
  if (observation.status !== 'verified' || !isNonEmpty(unreadable)) return observation;
  const [first, ...more] = unreadable;
  return unanswered('indeterminate', first, ...more);
}
