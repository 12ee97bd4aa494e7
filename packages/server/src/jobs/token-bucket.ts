import { LRUCache } from 'lru-cache';

export interface RateLimit {
  /** So many at once. */
  readonly burst: number;
  /** So many in the long run. */
  readonly perMinute: number;
}

const MAX_KEYS = 50_000;

/** Token buckets, one a key. A full bucket needs no memory, so forgetting the key unused for longest costs little. */
export class TokenBuckets {
  readonly #limit: RateLimit;
  readonly #now: () => number;
  readonly #buckets = new LRUCache<string, { tokens: number; at: number }>({ max: MAX_KEYS });

  constructor(limit: RateLimit, now: () => number) {
    this.#limit = limit;
    this.#now = now;
  }

  /** Takes a token, and answers 0; or takes none, and answers in how many milliseconds there is one. */
  take(key: string): number {
    const now = this.#now();
    const { burst, perMinute } = this.#limit;
    const perMs = perMinute / 60_000;
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, bucket.tokens + Math.max(0, now - bucket.at) * perMs);
    const granted = tokens >= 1;
    this.#buckets.set(key, { tokens: granted ? tokens - 1 : tokens, at: now });
    return granted ? 0 : Math.ceil((1 - tokens) / perMs);
  }
}
