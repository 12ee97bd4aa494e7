import type { Observation, Report, Verdict } from '@source-integrity/core/contract';
import { gitResults, type GitState, isRefused, nothingAsked } from '../git/git-results.ts';
import { isGit } from '../git/commit.ts';
import type { Standing } from '../words.ts';
import { commitStanding, gitStanding } from './git.ts';

/** The colour of a standing; its icon and word say the same without it. */
export type Tone = 'ok' | 'failed' | 'unknown' | 'quiet' | 'busy';

export const tones: Readonly<Record<Standing, Tone>> = {
  verified: 'ok',
  'partially-verified': 'ok',
  failed: 'failed',
  unsigned: 'failed',
  indeterminate: 'unknown',
  unsupported: 'unknown',
  'not-required': 'quiet',
  checking: 'busy',
};

/** Font Awesome Free 6: a shape of its own for each. */
export const icons: Readonly<Record<Standing, string>> = {
  verified: 'check-circle',
  'partially-verified': 'circle-half-stroke',
  failed: 'times-circle',
  unsigned: 'file-circle-xmark',
  indeterminate: 'question-circle',
  unsupported: 'ban',
  'not-required': 'minus-circle',
  checking: 'circle-notch fa-spin',
};

/** What the banner stands for: a sync that is blocked is never shown as well, whatever blocks it. */
export function bannerStanding(report: Report, state: GitState = nothingAsked): Standing {
  if (report.status === 'indeterminate' && isSettling(report)) return 'checking';
  const git = gitResults(report, state);
  const refused = git.find(isRefused);
  if (refused !== undefined && report.decision.action !== 'deny') return commitStanding(refused.target?.check ?? null);
  if (report.decision.action === 'allow') {
    if (git.length > 0 && report.sources.every(isGit)) return gitStanding(git) ?? report.status;
    // Green stands for all of an Application, so that what nobody knows of its commits takes some of it away.
    const unsure = ['indeterminate', 'partially-verified'].includes(gitStanding(git) ?? '');
    return report.status === 'verified' && unsure ? 'partially-verified' : report.status;
  }
  switch (report.status) {
    case 'verified':
    case 'partially-verified':
    case 'not-required':
      return 'failed';
    case 'failed':
    case 'unsigned':
    case 'indeterminate':
    case 'unsupported':
      return report.status;
  }
}

export function verdictStanding(verdict: Verdict | Observation): Standing {
  return isBeingVerified(verdict) ? 'checking' : verdict.status;
}

/** Whether the server is still at it, so that the verdict will be another one in a moment. */
export function isSettling(report: Report): boolean {
  return report.sources.some(({ verdict }) => isBeingVerified(verdict));
}

function isBeingVerified(verdict: Verdict | Observation): boolean {
  return verdict.status === 'indeterminate' && verdict.problems.every(({ code }) => code === 'verification-running');
}
