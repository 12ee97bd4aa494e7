import type { Digest } from '@source-integrity/core';

/** An Application under one project. Moving it to another project leaves everything behind: another UID, another project, another scope. */
export interface ApplicationScope {
  readonly uid: string;
  readonly project: string;
}

/** A chart version, whoever asks: Argo CD caches it once for all. */
export interface ChartVersion {
  readonly repoURL: string;
  readonly chart: string;
  readonly version: string;
}

/** Bytes that were once served as a chart version. */
export interface SeenDigest extends ChartVersion {
  readonly digest: Digest;
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** What they can be judged by again, under whatever policy and keys are in force then: JSON that only its writer reads. */
  readonly facts: string;
}

/** A verification that took place. */
export interface HistoryRecord {
  readonly id: string;
  readonly at: number;
  readonly trigger: string;
  readonly status: string;
  readonly revisions: readonly string[];
  /** JSON that only its writer reads. */
  readonly entry: string;
}

interface HistoryPage {
  /** The newest first. */
  readonly records: readonly HistoryRecord[];
  /** Gives the page after this one; null on the last. */
  readonly next: string | null;
}

/** Larger ones are a caller's bug. */
export const MAX_BLOB_BYTES = 1024 * 1024;
/** Of one `facts` or `entry`; longer ones are a caller's bug. */
export const MAX_FACTS_LENGTH = 1024 * 1024;
export const MAX_PAGE = 100;

/** Pieces of evidence, under the digest of their own bytes. */
export interface Blobs {
  /** Keeps bytes, at most 1 MiB, and answers their SHA-256, which nobody else's word is taken for. */
  put(bytes: Uint8Array): Promise<Digest>;
  get(digest: Digest): Promise<Uint8Array | null>;
  /** Notes that this Application's verification rests on these pieces. */
  grant(scope: ApplicationScope, digests: readonly Digest[]): Promise<void>;
  /** Whether it did. Another Application's evidence is not to be told from none. */
  isGranted(scope: ApplicationScope, digest: Digest): Promise<boolean>;
}

/** Every digest that was seen at a chart version, for as long as Argo CD may hold its bytes. */
export interface DigestLedger {
  /** Adds a row, or moves `lastSeen` of the one there is; `firstSeen` stays. */
  record(version: ChartVersion, digest: Digest, at: number, facts: string): Promise<void>;
  /** Rows of one version that were seen at `since` or later, the last seen first. */
  seen(version: ChartVersion, since: number): Promise<readonly SeenDigest[]>;
  /** Rows of any version, the last seen first. */
  list(filter: { readonly repoURL?: string; readonly chart?: string }, limit: number): Promise<readonly SeenDigest[]>;
  /** An administrator says that Argo CD's caches were cleared. Answers how many rows went. */
  forget(what: { readonly repoURL: string; readonly chart?: string; readonly version?: string }): Promise<number>;
}

export interface History {
  append(scope: ApplicationScope, record: HistoryRecord): Promise<void>;
  /** `cursor` is a page's `next`; one that is not is the first page's. `limit` is at most {@link MAX_PAGE}. */
  page(scope: ApplicationScope, cursor: string | null, limit: number): Promise<HistoryPage>;
}

/** An archive that the repo-server pulled through the guard. */
export interface Pull {
  /** The repository and the chart, however they are divided. */
  readonly place: string;
  readonly version: string;
  /** Of the archive. */
  readonly digest: Digest;
  /** It was what the policy wants, was let through all the same or with nothing asked of it, or was not let through. */
  readonly outcome: 'verified' | 'let' | 'refused';
  /** What this server was given in its place; null: the same, or nothing. */
  readonly expected: Digest | null;
  /** What a report calls the archive; null where none was made. */
  readonly reported: Digest | null;
}

export interface SeenPull extends Pull {
  readonly firstAt: number;
  readonly lastAt: number;
}

/** What the repo-server was seen to pull. */
export interface PullLedger {
  /** Adds a row, or moves `lastAt` of the one with this outcome. */
  record(pull: Pull, at: number): Promise<void>;
  /** Rows of one version, the last seen first. */
  seen(place: string, version: string, limit: number): Promise<readonly SeenPull[]>;
  /** When an archive was last let through, as whatever it was pulled; null: that is not known. */
  lastLet(digest: Digest): Promise<number | null>;
  /**
   * Since when it is here whatever was let through, and when that was noted last; null: that is not known. Rows that
   * made room for others move it.
   */
  complete(): Promise<Complete | null>;
  noteComplete(complete: Complete | null): Promise<void>;
}

export interface Complete {
  readonly since: number;
  readonly notedAt: number;
}

/** What outlives a request, and with a folder a restart. */
export interface Store {
  readonly blobs: Blobs;
  readonly digests: DigestLedger;
  readonly history: History;
  readonly pulls: PullLedger;
  /** Whether it can be written and read at this moment, for `/readyz`. */
  isReady(): Promise<boolean>;
  close(): Promise<void>;
}

/** The store cannot be used; a person has to do something about it. */
export class StoreFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreFault';
  }
}
