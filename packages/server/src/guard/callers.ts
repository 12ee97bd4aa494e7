import { LRUCache } from 'lru-cache';
import { sha256 } from '@source-integrity/core';
import { own } from '../cluster/json-object.ts';
import type { KubernetesClient } from '../cluster/kubernetes/client.ts';
import { RESOURCES } from '../cluster/kubernetes/resource.ts';

/** Who asks, or why nobody is let in. */
type Caller = { readonly account: string } | { readonly status: 401 | 403 | 503; readonly refused: string };

/** Tells by an Authorization header who asks. */
export interface Callers {
  readonly identify: (authorization: string) => Promise<Caller>;
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
const REMEMBERED_MS = 60_000;
const MAX_TOKEN_LENGTH = 8192;

/** Projected ServiceAccount tokens, vouched for by the API server (`TokenReview`, authentication.k8s.io/v1). */
export function tokenReviews({ client, namespace, accounts, now }: TokenReviewOptions): Callers {
  const known = new LRUCache<string, { readonly account: string; readonly until: number }>({ max: 200 });
  const allowed = new Set(accounts.map((account) => `system:serviceaccount:${namespace}:${account}`));
  return {
    async identify(authorization) {
      const token = /^Bearer ([\x21-\x7e]+)$/.exec(authorization)?.[1];
      if (token === undefined || token.length > MAX_TOKEN_LENGTH) {
        return { status: 401, refused: 'There is no token of a ServiceAccount.' };
      }
      const key = sha256(Buffer.from(token));
      const before = known.get(key);
      if (before !== undefined && now() < before.until) return { account: before.account };
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
      const account = own(reviewed.value, 'status', 'user', 'username');
      const audiences = own(reviewed.value, 'status', 'audiences');
      const isFor = Array.isArray(audiences) && audiences.includes(GUARD_AUDIENCE);
      if (own(reviewed.value, 'status', 'authenticated') !== true || !isFor || typeof account !== 'string') {
        return { status: 401, refused: `The token is not valid, or is not for the audience ${GUARD_AUDIENCE}.` };
      }
      if (!allowed.has(account)) return { status: 403, refused: `${account} is not Argo CD's repo-server.` };
      known.set(key, { account, until: now() + REMEMBERED_MS });
      return { account };
    },
  };
}
