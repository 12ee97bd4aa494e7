/** How much a store keeps. Times are in milliseconds, sizes in bytes. */
export interface Retention {
  /** Records of one Application in one project. */
  readonly historyPerApplication: number;
  readonly historyMs: number;
  /**
   * Digests seen. Never less than Argo CD's cache lifetime of 24 hours, and never by number: whoever can serve many
   * digests could otherwise push the one out that matters.
   */
  readonly digestsMs: number;
  readonly blobBytes: number;
  /** What the repo-server pulled. */
  readonly pullsMs: number;
  readonly pulls: number;
  /** Refused archives of one chart version: whoever serves others each time fills no more than this. */
  readonly refusedPullsPerVersion: number;
}

const DAY = 24 * 60 * 60 * 1000;

export const DEFAULT_RETENTION: Retention = {
  historyPerApplication: 200,
  historyMs: 365 * DAY,
  digestsMs: 7 * DAY,
  blobBytes: 256 * 1024 * 1024,
  pullsMs: 30 * DAY,
  pulls: 50_000,
  refusedPullsPerVersion: 20,
};
