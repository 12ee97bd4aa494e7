import { problem } from '@source-integrity/core';
import type { Unreadable } from './cluster.ts';

/** `reason` is a clause: which object, where it stands, and what is wrong with it. */
export function unreadableBecause(reason: string): Unreadable {
  return { status: 'unreadable', reason, problem: problem('cluster-unreadable', { reason }) };
}
