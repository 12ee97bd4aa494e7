import {
  type Fetch,
  type Problem,
  problem,
  quotable,
  type ReadTrustRoot,
  readTrustRoot,
  type RepositoryAccess,
  wording,
} from '@source-integrity/core';
import { PUBLIC_GOOD, rootVersion, SEED } from './seed.ts';
import type { CachedTrustRoot, TrustRootCache } from './trust-root-cache.ts';
import { refreshTrustRoot } from './tuf-refresh.ts';

/** How the public-good root is kept up to date. */
export interface TufSettings {
  /** URL of the mirror, without a slash at its end. */
  readonly mirror: string;
  /** `root.json` of a mirror of one's own; null: the one that came with this release. */
  readonly anchor: Uint8Array | null;
}

export interface PublicGoodOptions {
  /** Null: nobody is asked, and the root of this release holds. */
  readonly tuf: (TufSettings & { readonly cache: TrustRootCache }) | null;
  readonly fetch: Fetch;
  /** Proxy, certificates and credentials for the mirror. */
  readonly accessTo: (url: string) => Promise<{ readonly access: RepositoryAccess } | { readonly problem: Problem }>;
  /** Whether anything is decided by this root: nobody is asked otherwise. */
  readonly isNeeded: () => Promise<boolean>;
  readonly now: () => Date;
  /** From 0 to 1; so that many servers do not ask at the same moment. */
  readonly random?: () => number;
  /** Told of each refresh: null, or why it came to nothing. */
  readonly onRefreshed?: (because: Problem | null) => void;
  /** Told of what goes wrong here, not at the mirror. */
  readonly onFault?: (error: unknown) => void;
}

/** What there is to say of the root in force. */
export interface PublicGoodState {
  /** Whether the mirror has vouched for it, or it is that of this release. */
  readonly origin: 'mirror' | 'release';
  readonly checkedAt: Date | null;
  /** The last refreshes came to nothing, from this time on. */
  readonly failing: { readonly since: Date; readonly problem: Problem } | null;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** Sigstore's mirror is signed anew every few days, for seven: what is older than that, nobody vouches for any more. */
export const STALE_MS = 7 * DAY_MS;
const REFRESH_TIMEOUT_MS = 2 * MINUTE_MS;

/**
 * The trust root that holds where a policy names none. What is there answers at once, be it that of the release: a
 * mirror is asked in the background, and never stands in the way of a verdict. The last root that it vouched for holds
 * until there is another, however old it is; that it is old is said with every verdict that rests on it.
 */
export class PublicGoodTrustRoot {
  readonly #options: PublicGoodOptions;
  readonly #closing = new AbortController();
  #cached: CachedTrustRoot | null = null;
  #isLoaded = false;
  #failing: PublicGoodState['failing'] = null;
  #failures = 0;
  #next: Date | null = null;
  #underWay: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: PublicGoodOptions) {
    this.#options = options;
  }

  /** Reads what is kept, and looks once a minute from now on whether a refresh is due. */
  async start(): Promise<void> {
    await this.load();
    if (this.#options.tuf === null) return;
    const look = (): void => void this.refreshIfDue();
    look();
    this.#timer = setInterval(look, MINUTE_MS);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#closing.abort(new Error('the server is shutting down'));
    await this.#underWay;
  }

  /** The root in force, with what its user should know of it. */
  read(now: Date): ReadTrustRoot {
    // A policy that is new need not wait for the next look.
    if (this.#timer !== null) void this.refreshIfDue();
    const { target } = this.#inForce();
    if (target === null) return { problem: this.#failing?.problem ?? problem('trust-root-missing', {}) };
    const read = readTrustRoot(PUBLIC_GOOD, target, now);
    const stale = this.#staleness(now);
    return 'problem' in read || stale === null ? read : { ...read, warnings: [stale, ...read.warnings] };
  }

  get state(): PublicGoodState {
    const { checkedAt } = this.#inForce();
    return { origin: checkedAt === null ? 'release' : 'mirror', checkedAt, failing: this.#failing };
  }

  /** What an administrator should know; none where everything is as it should be. */
  notes(): readonly string[] {
    const { origin, checkedAt, failing } = this.state;
    if (failing === null) return [];
    const which = origin === 'release' ? 'that of this release' : `of ${checkedAt?.toISOString() ?? ''}`;
    const because = wording(failing.problem, 'it').sentence;
    return [`public-good trust root ${which}, refresh failed since ${failing.since.toISOString()}: ${because}`];
  }

  /** Asks the mirror, if it is time to and anything rests on it. Whoever asks meanwhile joins. */
  refreshIfDue(): Promise<void> {
    this.#underWay ??= this.#refreshIfDue()
      .catch((error: unknown) => {
        if (!this.#closing.signal.aborted) this.#options.onFault?.(error);
      })
      .finally(() => {
        this.#underWay = null;
      });
    return this.#underWay;
  }

  async #refreshIfDue(): Promise<void> {
    const { tuf, now, isNeeded, onRefreshed } = this.#options;
    await this.load();
    if (tuf === null || (this.#next !== null && now() < this.#next) || !(await isNeeded())) return;
    const because = await this.#refresh(tuf).catch((error: unknown) => this.#faultOf(error));
    if (because === null) {
      this.#failures = 0;
      this.#failing = null;
      this.#next = this.#after(DAY_MS);
    } else {
      this.#failures += 1;
      this.#failing = { since: this.#failing?.since ?? now(), problem: because };
      this.#next = this.#after(Math.min(HOUR_MS, MINUTE_MS * 2 ** (this.#failures - 1)));
    }
    onRefreshed?.(because);
  }

  /** Null, or why there is nothing newer. */
  async #refresh({ mirror, cache }: NonNullable<PublicGoodOptions['tuf']>): Promise<Problem | null> {
    const { fetch, accessTo, now, onFault } = this.#options;
    const root = this.#root();
    if (root === null) return problem('trust-root-missing', {});
    const resolved = await accessTo(mirror);
    if ('problem' in resolved) return resolved.problem;
    const { metadata, outcome } = await refreshTrustRoot({
      mirror,
      known: { ...this.#cached?.metadata, root },
      knownTarget: this.#inForce().target,
      fetch,
      access: resolved.access,
      folder: cache.folder,
      timeoutMs: REFRESH_TIMEOUT_MS,
      signal: this.#closing.signal,
    });
    const usable = 'target' in outcome ? readTrustRoot(PUBLIC_GOOD, outcome.target, now()) : outcome;
    const isNewer = 'target' in outcome && !('problem' in usable);
    this.#cached = isNewer
      ? { metadata, target: outcome.target, checkedAt: now() }
      : { target: null, checkedAt: null, ...this.#cached, metadata };
    // What cannot be kept is in force all the same, and fetched again by the next process.
    await cache.write(this.#cached).catch((error: unknown) => onFault?.(error));
    return 'problem' in usable ? usable.problem : null;
  }

  /** What is wrong here, such as a full disk, is no reason to ask the mirror every minute. */
  #faultOf(error: unknown): Problem {
    if (this.#closing.signal.aborted) throw error;
    this.#options.onFault?.(error);
    return problem('verification-fault', { name: error instanceof Error ? quotable(error.name) : 'unknown' });
  }

  /** Reads what is kept, once. */
  async load(): Promise<void> {
    const { tuf, now, onFault } = this.#options;
    if (tuf === null || this.#isLoaded) return;
    try {
      this.#cached = await tuf.cache.read();
    } catch (error) {
      onFault?.(error);
    }
    this.#isLoaded = true;
    const { checkedAt } = this.#inForce();
    // A time to come was written by another clock.
    if (checkedAt !== null && checkedAt <= now()) this.#next = this.#after(DAY_MS, checkedAt);
  }

  #after(milliseconds: number, from = this.#options.now()): Date {
    const { random = Math.random } = this.#options;
    return new Date(from.getTime() + milliseconds * (0.9 + 0.2 * random()));
  }

  /** Where verification of TUF's roots begins: a new release may bring a newer one than the cache has. */
  #root(): string | null {
    const anchor = this.#options.tuf?.anchor ?? SEED?.root ?? null;
    const given = anchor === null ? null : Buffer.from(anchor).toString('utf8');
    const cached = this.#cached?.metadata.root ?? null;
    return cached === null || (given !== null && rootVersion(given) > rootVersion(cached)) ? given : cached;
  }

  /** What the release has of the public-good instance is no trust root of somebody's own mirror. */
  #inForce(): { readonly target: Uint8Array | null; readonly checkedAt: Date | null } {
    const isOwn = (this.#options.tuf?.anchor ?? null) !== null;
    const shipped = { target: isOwn ? null : (SEED?.target ?? null), checkedAt: null };
    if (this.#cached?.target === null || this.#cached === null) return shipped;
    const shippedVersion = isOwn || SEED === null ? 0 : rootVersion(SEED.root.toString('utf8'));
    return shippedVersion > rootVersion(this.#cached.metadata.root) ? shipped : this.#cached;
  }

  #staleness(now: Date): Problem | null {
    const { checkedAt, failing } = this.state;
    if (failing === null || (checkedAt !== null && now.getTime() - checkedAt.getTime() < STALE_MS)) return null;
    return problem('trust-root-stale', {
      name: PUBLIC_GOOD,
      checkedAt: checkedAt?.toISOString() ?? null,
      since: failing.since.toISOString(),
      reason: failing.problem.code,
    });
  }
}
