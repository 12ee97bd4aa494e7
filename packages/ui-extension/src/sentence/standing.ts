import type { Observation, Report, Verdict } from '@source-integrity/core/contract';
import type { Standing } from '../words.ts';

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
export function bannerStanding(report: Report): Standing {
  if (report.status === 'indeterminate' && isSettling(report)) return 'checking';
  if (report.decision.action === 'allow') return report.status;
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
