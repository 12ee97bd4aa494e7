import type { HistoryEntry } from '@source-integrity/core/contract';
import { signerIdentity } from '../sentence/signer-name.ts';

/** What a verification found otherwise than the one before it. */
export interface Changes {
  /** Another key signed than signed the source the last time that anybody's signature was seen. */
  readonly signer: boolean;
  /** The same revisions got another verdict: a key was revoked, a policy changed, the bytes were replaced. */
  readonly verdict: boolean;
}

/** For each entry, newest first, what changed against older ones of the same list. */
export function changesOf(entries: readonly HistoryEntry[]): readonly Changes[] {
  return entries.map((entry, index) => {
    const older = entries.slice(index + 1);
    return { signer: signerChanged(entry, older), verdict: verdictChanged(entry, older) };
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

function verdictChanged(entry: HistoryEntry, older: readonly HistoryEntry[]): boolean {
  const revisions = revisionsOf(entry);
  const before = older.find((each) => revisionsOf(each) === revisions);
  return before !== undefined && before.status !== entry.status;
}

function revisionsOf(entry: HistoryEntry): string {
  return JSON.stringify(entry.sources.map((source) => [source.name, source.revision]));
}

/** The newest verification of what Argo CD says is deployed. */
export function deployedEntry(entries: readonly HistoryEntry[], deployed: readonly string[]): HistoryEntry | undefined {
  if (deployed.length === 0) return undefined;
  return entries.find(
    ({ sources }) =>
      sources.length === deployed.length && sources.every((source, index) => source.revision === deployed[index]),
  );
}
