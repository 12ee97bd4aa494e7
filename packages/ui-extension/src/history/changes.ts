import type { HistoryEntry, OverallStatus } from '@source-integrity/core/contract';
import { signerIdentity } from '../sentence/signer-name.ts';

/** What a verification found otherwise than those before it. */
export interface Changes {
  /** Another key signed than signed the source the last time that anybody's signature was seen. */
  readonly signer: boolean;
  /** The verdict that the same revisions had before: a key was revoked, a policy changed. Null: the same, or none. */
  readonly verdict: OverallStatus | null;
  /** The same revision of a source was of other bytes the last time. */
  readonly bytes: boolean;
}

/** For each entry, newest first, what changed against older ones of the same list. */
export function changesOf(entries: readonly HistoryEntry[]): readonly Changes[] {
  return entries.map((entry, index) => {
    const older = entries.slice(index + 1);
    return {
      signer: signerChanged(entry, older),
      verdict: verdictBefore(entry, older),
      bytes: bytesChanged(entry, older),
    };
  });
}

function signerChanged(entry: HistoryEntry, older: readonly HistoryEntry[]): boolean {
  return entry.sources.some((source) => {
    const signers = source.signers.map(signerIdentity);
    if (signers.length === 0) return false;
    for (const before of older) {
      const known = before.sources.find((each) => each.name === source.name && each.signers.length > 0);
      if (known !== undefined) return !known.signers.some((signer) => signers.includes(signerIdentity(signer)));
    }
    return false;
  });
}

function verdictBefore(entry: HistoryEntry, older: readonly HistoryEntry[]): OverallStatus | null {
  const revisions = revisionsOf(entry);
  const before = older.find((each) => revisionsOf(each) === revisions);
  return before === undefined || before.status === entry.status ? null : before.status;
}

function bytesChanged(entry: HistoryEntry, older: readonly HistoryEntry[]): boolean {
  return entry.sources.some(({ name, revision, digest }) => {
    if (revision === null || digest === null) return false;
    const before = older
      .flatMap(({ sources }) => sources)
      .find((each) => each.name === name && each.revision === revision && each.digest !== null);
    return before !== undefined && before.digest !== digest;
  });
}

function revisionsOf(entry: HistoryEntry): string {
  return JSON.stringify(entry.sources.map((source) => [source.name, source.revision]));
}
