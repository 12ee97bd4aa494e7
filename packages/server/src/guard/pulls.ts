import { ARGOCD_CACHE_MS, Digest, type OtherPull, sha256, type SourceReport } from '@source-integrity/core';
import type { Complete, Pull, PullLedger, SeenPull } from '../store/store.ts';
import type { AskedChart } from './concern.ts';
import { registryAddress } from './place.ts';

/** An archive that the guard asked about, with what came of it. */
export interface JudgedArchive extends Omit<Pull, 'place' | 'version' | 'digest'> {
  readonly chart: AskedChart;
  readonly digest: string;
}

/** A chart that is verified now, as a report names it. */
export interface CurrentChart {
  readonly registry: boolean;
  readonly repository: string;
  readonly chart: string;
  readonly version: string;
  readonly digest: Digest;
}

export interface PullsOptions {
  readonly ledger: PullLedger;
  readonly now: () => Date;
  readonly onFault: (error: unknown) => void;
}

/**
 * How long what was let through can be what Argo CD applies: it keeps a chart for a day, manifests that are rendered of
 * it on the last day for another, and a receipt lets the same bytes in for a day without this server.
 */
const MAY_BE_HELD_MS = 3 * ARGOCD_CACHE_MS;
/** A server that was away for longer cannot tell what the guard was told to do meanwhile. */
const LONGEST_GAP_MS = 15 * 60 * 1000;
/** Of one source. */
const MOST_OTHERS = 10;

/** What the guard has told of: for the report, and for whether Argo CD can still hold bytes that were replaced. */
export class Pulls {
  readonly #options: PullsOptions;
  /** What was let through before could not be kept. */
  #interruptedAt = 0;

  constructor(options: PullsOptions) {
    this.#options = options;
  }

  /** To be done before the guard is answered: what is let through without having been kept is what nobody can count on. */
  async record(archives: readonly JudgedArchive[]): Promise<void> {
    const { ledger, now, onFault } = this.#options;
    try {
      for (const { chart, digest, outcome, expected, reported } of archives) {
        const { registry, repository, chart: name, version } = chart;
        const place = placeOf(registry, repository, name);
        const pull = { place, version: short(version), digest: Digest.parse(digest), outcome, expected, reported };
        await ledger.record(pull, now().getTime());
      }
    } catch (error) {
      this.interrupted();
      onFault(error);
    }
  }

  /** Something was let through of which nobody knows the bytes. */
  interrupted(): void {
    this.#interruptedAt = this.#options.now().getTime();
  }

  /** Once in a while: whether the administrator states that all of Argo CD's pulls are asked about. */
  async note(isEverywhere: boolean): Promise<void> {
    const { ledger, now } = this.#options;
    const notedAt = now().getTime();
    const before = isEverywhere ? await ledger.complete() : null;
    const isGap = before === null || Math.abs(notedAt - before.notedAt) > LONGEST_GAP_MS;
    const since = Math.max(isGap ? notedAt : before.since, this.#interruptedAt);
    await ledger.noteComplete(isEverywhere ? { since, notedAt } : null);
  }

  /**
   * Whether Argo CD may hold an archive that was served as this version before. It does not where all pulls were asked
   * about for as long as anything is held, none that got this archive was let through, and the guard has seen the
   * chart that is verified now being pulled since.
   */
  async mayBeHeld(archive: Digest, lastSeen: Date, current: CurrentChart): Promise<boolean> {
    const { ledger, now } = this.#options;
    const since = now().getTime() - MAY_BE_HELD_MS;
    if (!this.#isComplete(await ledger.complete(), since)) return true;
    const lastLet = await ledger.lastLet(archive);
    if (lastLet !== null && lastLet >= since) return true;
    const { registry, repository, chart, version, digest } = current;
    const pulls = await ledger.seen(placeOf(registry, repository, chart), short(version), 100);
    return !pulls.some((pull) => isVerified(pull, digest) && pull.lastAt >= lastSeen.getTime());
  }

  #isComplete(complete: Complete | null, since: number): boolean {
    if (complete === null || this.#options.now().getTime() - complete.notedAt > LONGEST_GAP_MS) return false;
    return Math.max(complete.since, this.#interruptedAt) <= since;
  }

  /** The source with what is known of its pulls; a plain artifact is pulled by its digest, and has nothing to tell. */
  async withPulls(source: SourceReport): Promise<SourceReport> {
    if (source.kind !== 'helm-http' && source.kind !== 'helm-oci') return source;
    const { repoURL, chart, revision, digest } = source;
    const place = placeOf(source.kind === 'helm-oci', repoURL, chart ?? '');
    const pulls = await this.#options.ledger.seen(place, short(revision ?? ''), 100);
    const same = pulls.find((pull) => digest !== null && isVerified(pull, digest));
    // In a registry a report goes by the manifest, and the guard by the archive that lies there.
    const archive = source.kind === 'helm-http' ? digest : (same?.digest ?? null);
    const others = pulls.filter((pull) => pull.digest !== archive && pull !== same);
    return {
      ...source,
      pull: same === undefined ? null : { at: new Date(same.lastAt).toISOString() },
      otherPulls: others.slice(0, MOST_OTHERS).map(otherPull),
    };
  }
}

function isVerified({ outcome, reported }: SeenPull, digest: Digest): boolean {
  return outcome === 'verified' && reported === digest;
}

function otherPull({ digest, expected, outcome, firstAt, lastAt }: SeenPull): OtherPull {
  const times = { firstAt: new Date(firstAt).toISOString(), lastAt: new Date(lastAt).toISOString() };
  return { digest, expected, outcome, ...times };
}

function placeOf(registry: boolean, repository: string, chart: string): string {
  return short(registry ? `oci://${registryAddress(repository, chart)}` : JSON.stringify([repository, chart]));
}

/** Whoever names charts does not fill the store with names. */
function short(text: string): string {
  return text.length <= 512 ? text : sha256(Buffer.from(text));
}
