import { LRUCache } from 'lru-cache';
import { sha256 } from '@source-integrity/core';
import { own } from '../cluster/json-object.ts';
import type { KubernetesClient } from '../cluster/kubernetes/client.ts';
import { RESOURCES } from '../cluster/kubernetes/resource.ts';
import { TokenBuckets } from '../jobs/token-bucket.ts';
import { FairSlots } from '../verification/fair-slots.ts';

/** Who asks. */
interface Admitted {
  readonly account: string;
}

/** Why nobody is let in. */
export interface Refused {
  readonly status: 401 | 403 | 429 | 503;
  readonly refused: string;
  /** When to come back; absent where that would not help. */
  readonly retryAfterSeconds?: number;
}

type Caller = Admitted | Refused;

/** Tells by an Authorization header, and the network address it comes from, who asks. */
export interface Callers {
  readonly identify: (authorization: string, address: string) => Promise<Caller>;
}

/** For a server that reads a folder of manifests: there is nobody who could vouch for a caller. */
export const NO_CALLERS: Callers = {
  identify: () =>
    Promise.resolve({ status: 503, refused: 'The guard is answered only by a server that reads the Kubernetes API.' }),
};

export interface TokenReviewOptions {
  readonly client: Pick<KubernetesClient, 'create'>;
  /** Argo CD's namespace. */
  readonly namespace: string;
  /** Names of the ServiceAccounts that may ask; the repo-server's. */
  readonly accounts: readonly string[];
  readonly now: () => number;
}

/** The audience that the guard's token is for: a token that leaks elsewhere is worth nothing here, and the reverse. */
const GUARD_AUDIENCE = 'source-integrity';

/** A ServiceAccount that is gone is let in no longer than this. */
const ADMITTED_MS = 60_000;
/** A token that was refused may be one that the API server did not know yet. */
const REFUSED_MS = 10_000;
const MAX_TOKEN_LENGTH = 8192;

/** Reviews of tokens that were never admitted: at once for all, waiting, and in time for one address. */
const UNKNOWN_AT_ONCE = 4;
const UNKNOWN_WAITING = 64;
/** Whoever finds no place is told to come back then. */
const BUSY_MS = 1000;
const UNKNOWN_FROM_ADDRESS = { burst: 10, perMinute: 30 };

/**
 * Projected ServiceAccount tokens, vouched for by the API server (`TokenReview`, authentication.k8s.io/v1). Any pod may
 * send what it likes: answers are kept, one token is asked about once at a time, and tokens that were never admitted
 * get few questions. One that was admitted before passes them by, so that nobody's flood keeps the repo-server out.
 */
export function tokenReviews({ client, namespace, accounts, now }: TokenReviewOptions): Callers {
  // Only the repo-server's own tokens get in here, so nobody can push another out.
  const admitted = new LRUCache<string, Admitted & { readonly until: number }>({ max: 200 });
  const refused = new LRUCache<string, { readonly answer: Refused; readonly until: number }>({ max: 1000 });
  const underWay = new Map<string, Promise<Caller>>();
  const slots = new FairSlots(UNKNOWN_AT_ONCE, UNKNOWN_WAITING);
  const buckets = new TokenBuckets(UNKNOWN_FROM_ADDRESS, now);
  const allowed = new Set(accounts.map((account) => `system:serviceaccount:${namespace}:${account}`));

  async function review(token: string, key: string): Promise<Caller> {
    const reviewed = await client.create(
      { resource: RESOURCES.tokenReviews, namespace: null },
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec: { token, audiences: [GUARD_AUDIENCE] },
      },
    );
    if ('failure' in reviewed)
      return { status: 503, refused: `Nobody vouches for tokens: ${reviewed.failure.reason}.` };
    const answer = callerOf(reviewed.value, allowed);
    if ('account' in answer) {
      admitted.set(key, { ...answer, until: now() + ADMITTED_MS });
      return answer;
    }
    admitted.delete(key);
    refused.set(key, { answer, until: now() + REFUSED_MS });
    return answer;
  }

  async function inTurn(token: string, key: string, address: string): Promise<Caller> {
    const waitMs = slots.refusal(address) === null ? buckets.take(address) : BUSY_MS;
    if (waitMs > 0) {
      const retryAfterSeconds = Math.ceil(waitMs / 1000);
      return { status: 429, refused: 'Too many tokens that nobody knows are sent.', retryAfterSeconds };
    }
    await slots.enter(address);
    try {
      return await review(token, key);
    } finally {
      slots.leave(address);
    }
  }

  return {
    async identify(authorization, address) {
      const token = /^Bearer ([\x21-\x7e]+)$/.exec(authorization)?.[1];
      if (token === undefined || token.length > MAX_TOKEN_LENGTH) {
        return { status: 401, refused: 'There is no token of a ServiceAccount.' };
      }
      const key = sha256(Buffer.from(token));
      const known = admitted.get(key);
      if (known !== undefined && now() < known.until) return { account: known.account };
      const before = refused.get(key);
      if (before !== undefined && now() < before.until) return before.answer;
      const asked = underWay.get(key);
      if (asked !== undefined) return asked;
      const answer = known === undefined ? inTurn(token, key, address) : review(token, key);
      underWay.set(key, answer);
      try {
        return await answer;
      } finally {
        underWay.delete(key);
      }
    },
  };
}

/** What the API server says of a token. */
function callerOf(reviewed: unknown, allowed: ReadonlySet<string>): Caller {
  const account = own(reviewed, 'status', 'user', 'username');
  const audiences = own(reviewed, 'status', 'audiences');
  const isFor = Array.isArray(audiences) && audiences.includes(GUARD_AUDIENCE);
  if (own(reviewed, 'status', 'authenticated') !== true || !isFor || typeof account !== 'string') {
    return { status: 401, refused: `The token is not valid, or is not for the audience ${GUARD_AUDIENCE}.` };
  }
  if (!allowed.has(account)) return { status: 403, refused: `${account} is not Argo CD's repo-server.` };
  return { account };
}
