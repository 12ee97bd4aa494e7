import type { TransparencyLogEntry } from '@sigstore/bundle';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { invalidEntry, REKOR_V2_KIND } from './log-entry.ts';
import type { TLogAuthority } from './verifier.ts';

/**
 * What is wrong with an inclusion proof beside its hashes, which `@sigstore/verify` checks against the checkpoint
 * alone: the proof's own root and size, and – Rekor v2 – the index that people are shown.
 */
export function proofFault(entry: TransparencyLogEntry, logs: readonly TLogAuthority[]): Problem | null {
  const { inclusionProof, inclusionPromise, logIndex } = entry;
  const isV2 = isRekorV2(entry);
  if (inclusionProof === undefined) return isV2 ? invalidEntry('an entry of Rekor v2 has no inclusion proof') : null;
  const envelope = inclusionProof.checkpoint?.envelope ?? '';
  const [origin = '', size, root] = envelope.split('\n');
  if (size !== inclusionProof.treeSize || root !== inclusionProof.rootHash.toString('base64')) {
    return invalidEntry('the inclusion proof is for another tree than its checkpoint');
  }
  if (inclusionPromise === undefined && isV2 && logIndex !== inclusionProof.logIndex) {
    return invalidEntry('the entry and its inclusion proof have different indexes');
  }
  return / - [0-9]+$/.test(origin) ? null : originFault(entry, origin, envelope, logs);
}

/** Rekor v1 names its tree in a checkpoint. Any other is Rekor v2's, which is called as its host is (c2sp.org/tlog-checkpoint). */
function originFault(
  entry: TransparencyLogEntry,
  origin: string,
  envelope: string,
  logs: readonly TLogAuthority[],
): Problem | null {
  if (!isRekorV2(entry)) return invalidEntry('the checkpoint of Rekor v1 names no tree');
  const hosts = logs
    .filter(({ logID }) => logID.equals(entry.logId.keyId))
    .map(({ baseURL }) => URL.parse(baseURL)?.hostname);
  const isNamed = hosts.length === 0 || (hosts.includes(origin) && envelope.includes(`\n\n\u2014 ${origin} `));
  return isNamed ? null : invalidEntry('the checkpoint is by another log than the trust root names');
}

function isRekorV2({ kindVersion: { kind, version } }: TransparencyLogEntry): boolean {
  return `${kind} ${version}` === REKOR_V2_KIND;
}

/** A time that no promise signs for, as Rekor v2 writes none: it would count where nothing vouches for it. */
export function unsignedTimeFault(entries: readonly TransparencyLogEntry[]): Problem | null {
  const isUnsigned = entries.some(
    ({ inclusionPromise, integratedTime }) => inclusionPromise === undefined && integratedTime !== '0',
  );
  return isUnsigned ? invalidEntry('an entry names a time that the log has not signed') : null;
}

/** The index of an entry as far as something signed says it. */
export function provenIndex({ inclusionProof, inclusionPromise, logIndex }: TransparencyLogEntry): number | null {
  const index = Number(inclusionPromise === undefined ? inclusionProof?.logIndex : logIndex);
  return Number.isSafeInteger(index) ? index : null;
}

/** The time that the log itself has signed; null for entries without a signed entry timestamp. */
export function integratedTime({ inclusionPromise, integratedTime }: TransparencyLogEntry): Date | null {
  const seconds = Number(integratedTime);
  return inclusionPromise === undefined || seconds === 0 ? null : new Date(seconds * 1000);
}

/**
 * GHSA-wqqc-jjcq-vfxm: a log's key counts only while it was valid. `@sigstore/verify` sees to it for signed entry
 * timestamps; checkpoints carry no trusted time, so every observed one has to be within the log's validity – and
 * where none was observed, the log has to be valid still.
 */
export function logValidityFault(
  entry: TransparencyLogEntry,
  logs: readonly TLogAuthority[],
  observed: readonly Date[],
  now: Date,
): Problem | null {
  const { keyId } = entry.logId;
  const known = logs.filter(({ logID }) => logID.equals(keyId));
  if (known.length === 0) return problem('log-unknown', { log: keyId.toString('hex').slice(0, 64) });
  const own = integratedTime(entry);
  const times = own === null ? (observed.length === 0 ? [now] : observed) : [own];
  const valid = known.some(({ validFor }) => times.every((time) => validFor.start <= time && time <= validFor.end));
  if (valid) return null;
  const [log] = known;
  return problem('log-outside-validity', {
    log: quotable(log?.baseURL ?? ''),
    time: times.map((time) => time.toISOString()).join(', '),
  });
}
