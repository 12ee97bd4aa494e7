import type { Report, VerdictStatus } from '@source-integrity/core/contract';
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

const known: readonly string[] = [
  'verified',
  'failed',
  'unsigned',
  'indeterminate',
  'unsupported',
  'not-required',
] satisfies VerdictStatus[];

/** The standing of a status that travels as text. */
export function standingOf(status: string): Standing {
  return isStanding(status) ? status : 'indeterminate';
}

function isStanding(status: string): status is VerdictStatus {
  return known.includes(status);
}
