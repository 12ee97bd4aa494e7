import { type Enforcement, parsePolicy, type PolicySet } from '@source-integrity/core';
import { concernsOf, strictestDemand } from '../guard/concern.ts';
import { lockedDependencies } from '../guard/dependencies.ts';
import { vouchesFor } from '../guard/receipt.ts';
import type { GuardedCall } from '../guard/wire.ts';
import type { KeptPolicy, NoPolicy } from './kept-policy.ts';
import { keptReceipt } from './kept-receipts.ts';
import { type GuardSettings, MAX_AUTHORITY_BYTES } from './settings.ts';
import { readSmallFile } from './small-file.ts';

/** What is done while the server cannot be asked. */
export interface Fallback {
  readonly isLet: boolean;
  /** Null: there is nothing to say. */
  readonly sentence: string | null;
}

/**
 * Lets pass what no entry of the last known policy touches, and what was only to be warned of. Everything else is
 * refused, and so is everything while no policy is known; under `guardUnavailable: allowVerified` not the bytes
 * that the server vouched for.
 */
export function withoutServer(
  call: GuardedCall,
  kept: KeptPolicy | NoPolicy,
  settings: GuardSettings,
  because: string,
): Fallback {
  if ('missing' in kept) {
    const sentence = `The chart was not checked, because ${because}, and ${kept.missing}. See that the Source Integrity server runs, and retry.`;
    return { isLet: false, sentence };
  }
  const policy = parsePolicy(kept.entries);
  const demand = demandOn(call, policy);
  if (demand === null || demand === 'off') return { isLet: true, sentence: null };
  const unchecked = `The chart was not checked, because ${because}`;
  if (demand === 'warn') return { isLet: true, sentence: `${unchecked}; the policy of ${kept.at} only warns.` };
  const isAllowedVerified = policy.guardUnavailable === 'allowVerified' && policy.problems.length === 0;
  if (isAllowedVerified && isVouchedFor(call, kept.digest, settings)) {
    return { isLet: true, sentence: `${unchecked}; the same bytes were verified less than a day ago.` };
  }
  const sentence = `${unchecked}, and the policy of ${kept.at} wants it verified. See that the Source Integrity server runs, and retry.`;
  return { isLet: false, sentence };
}

/** How strict the strictest policy is that concerns a call; null: none does. */
function demandOn(call: GuardedCall, policy: PolicySet): Enforcement | null {
  const strictest = (demands: readonly (Enforcement | null)[]): Enforcement | null =>
    (['enforce', 'warn', 'off'] as const).find((value) => demands.includes(value)) ?? null;
  switch (call.kind) {
    case 'pull':
      return strictest(concernsOf(policy, call).map(({ enforcement }) => enforcement));
    case 'unguarded':
      return strictestDemand(policy);
    case 'dependencies':
      return strictest(
        lockedDependencies(call.lock, call.archives, call.unchanged).flatMap((dependency) =>
          dependency.kind === 'problem'
            ? [strictestDemand(policy)]
            : concernsOf(policy, dependency.chart).map(({ enforcement }) => enforcement),
        ),
      );
  }
}

/** Whether the server said lately that exactly these bytes are verified, and it was the server that said so. */
function isVouchedFor(call: GuardedCall, policy: string, { stateFolder, caFile }: GuardSettings): boolean {
  if (call.kind !== 'pull') return false;
  const receipt = keptReceipt(stateFolder, call);
  if (receipt === null) return false;
  try {
    const authority = readSmallFile(caFile, MAX_AUTHORITY_BYTES);
    return vouchesFor(receipt, { call, policy, authority, now: new Date() });
  } catch {
    return false;
  }
}
