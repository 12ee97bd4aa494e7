import { isObject, parseStrictJson } from '../cosign/strict-json.ts';
import { shownUrl } from '../helm/provenance-location.ts';
import { read as readBody } from '../helm/repository-request.ts';
import { FetchFault, type Fetch, type RepositoryAccess } from '../ports.ts';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import type { Challenge } from './challenge.ts';
import { OCI_LIMITS } from './limits.ts';

/** How a registry is asked once it has said what it wants. */
export type Authorization =
  | { readonly kind: 'basic' }
  /** `anonymous`: no credentials went where the token came from. `expiresAt` in milliseconds since 1970. */
  | {
      readonly kind: 'bearer';
      readonly token: string;
      readonly expiresAt: number;
      readonly anonymousAt: string | null;
    };

/** That credentials for `registry` may go to the token server on `host`; both with their port where it is not 443. */
export interface TokenRealm {
  readonly registry: string;
  readonly host: string;
}

/**
 * Public registries whose token server is known to be on another host. All others must be configured: a registry that
 * could name any host would be given the credentials' way out.
 */
const PUBLIC_REALMS: readonly TokenRealm[] = [
  { registry: 'registry-1.docker.io', host: 'auth.docker.io' },
  { registry: 'registry.gitlab.com', host: 'gitlab.com' },
];

/** Distribution's token specification: what holds where `expires_in` is left out, in seconds. */
const DEFAULT_LIFETIME = 60;
const MAX_LIFETIME = 3600;
/** Seconds before its end from which a token is not used any more. */
const MARGIN = 5;
const MAX_CACHED = 1000;

/** Authorizations by who asks whom for what; to be shared by everything that asks registries. */
export class AuthorizationCache {
  readonly #known = new Map<string, Authorization>();

  /** Null: none, or none that is still valid. */
  get(key: string, now: number): Authorization | null {
    const known = this.#known.get(key);
    if (known?.kind === 'bearer' && known.expiresAt <= now) {
      this.#known.delete(key);
      return null;
    }
    return known ?? null;
  }

  set(key: string, authorization: Authorization): void {
    this.#known.delete(key);
    this.#known.set(key, authorization);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_CACHED && oldest !== undefined) this.#known.delete(oldest);
  }

  delete(key: string): void {
    this.#known.delete(key);
  }
}

export interface TokenQuestion {
  readonly challenge: Extract<Challenge, { readonly scheme: 'bearer' }>;
  /** The registry as it is asked. */
  readonly registry: URL;
  /** Path of the repository. */
  readonly repository: string;
  readonly access: RepositoryAccess;
  readonly fetch: Fetch;
  readonly tokenRealms: readonly TokenRealm[];
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

/**
 * Asks the token server that a registry names (distribution, "Token Authentication Specification"). Credentials go to
 * a token server of the registry's own origin, of {@link PUBLIC_REALMS}, or as configured; any other is asked without.
 */
export async function requestToken(
  question: TokenQuestion,
): Promise<{ readonly authorization: Authorization } | { readonly problem: Problem }> {
  const { challenge, registry, access, fetch, signal } = question;
  const realm = readRealm(challenge.realm, registry);
  if ('problem' in realm) return realm;
  const trusted = isTrusted(realm.url, registry, question.tokenRealms);
  const url = withQuery(realm.url, challenge, question.repository);
  const shown = shownUrl(realm.url.href);
  const outcome = await fetch({
    url: url.href,
    access,
    credentials: trusted ? 'send' : 'withhold',
    headers: { accept: 'application/json' },
    maxBytes: OCI_LIMITS.tokenAnswerBytes,
    ...(signal === undefined ? {} : { signal }),
  });
  if ('problem' in outcome) return outcome;
  const { response } = outcome;
  const anonymousAt = trusted ? null : realm.url.href;
  if (response.status !== 200) {
    const refused = response.status === 401 || response.status === 403;
    return {
      problem:
        refused && !trusted
          ? withheld(registry, realm.url.href)
          : problem('oci-token-refused', { realm: shown, status: response.status }),
    };
  }
  try {
    const read = readToken(await readBody(response, { url: url.href, shown }, OCI_LIMITS.tokenAnswerBytes));
    if ('reason' in read) {
      return { problem: problem('oci-token-unreadable', { realm: shown, reason: read.reason }) };
    }
    const expiresAt = question.now() + Math.max(read.seconds - MARGIN, 1) * 1000;
    return { authorization: { kind: 'bearer', token: read.token, expiresAt, anonymousAt } };
  } catch (error) {
    if (error instanceof FetchFault) return { problem: error.problem };
    throw error;
  }
}

/** That a registry wants credentials which its token server was not given. */
export function withheld(registry: URL, realm: string): Problem {
  const host = URL.parse(realm)?.host ?? '';
  return problem('oci-token-realm-elsewhere', { registry: registry.host, realm: shownUrl(realm), host });
}

function readRealm(text: string, registry: URL): { readonly url: URL } | { readonly problem: Problem } {
  const url = URL.parse(text);
  const refused = (reason: string): { readonly problem: Problem } => ({
    problem: problem('oci-token-realm-refused', { registry: registry.host, realm: shownUrl(text), reason }),
  });
  if (url === null || !/^https?:$/.test(url.protocol)) return refused('is not an http(s) URL');
  if (url.username !== '' || url.password !== '') return refused('holds a user name');
  if (url.protocol === 'http:' && registry.protocol !== 'http:') return refused('is not encrypted (https)');
  url.hash = '';
  return { url };
}

function isTrusted(realm: URL, registry: URL, configured: readonly TokenRealm[]): boolean {
  if (realm.origin === registry.origin) return true;
  const known = realm.protocol === 'https:' ? [...PUBLIC_REALMS, ...configured] : configured;
  return known.some(({ registry: name, host }) => name === registry.host && host === realm.host);
}

/**
 * The scope is what we need, whatever the registry says; hints of other kinds (`aws`) are added, hints of other
 * repositories only for reading.
 */
function withQuery(realm: URL, { service, scopes }: TokenQuestion['challenge'], repository: string): URL {
  const url = new URL(realm);
  const own = `repository:${repository}:pull`;
  const hints = scopes.slice(0, 4).flatMap((scope) => {
    if (scope.length > 512 || scope.startsWith('registry:')) return [];
    const named = /^(repository(?:\([a-z]+\))?:.+):[^:]*$/.exec(scope)?.[1];
    return [named === undefined ? scope : `${named}:pull`];
  });
  if (service !== '') url.searchParams.set('service', service);
  for (const scope of new Set([own, ...hints])) url.searchParams.append('scope', scope);
  return url;
}

function readToken(bytes: Uint8Array): { readonly token: string; readonly seconds: number } | { reason: string } {
  const json = parseStrictJson(bytes);
  if ('fault' in json) return { reason: json.fault };
  if (!isObject(json.value)) return { reason: 'is not a JSON object' };
  const { token, access_token: accessToken, expires_in: expiresIn } = json.value;
  const text = typeof token === 'string' && token !== '' ? token : accessToken;
  if (typeof text !== 'string' || text === '') return { reason: 'holds no token' };
  if (text.length > OCI_LIMITS.tokenLength) return { reason: `is longer than ${OCI_LIMITS.tokenLength} characters` };
  if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(text)) return { reason: 'is not of the characters that RFC 6750 allows' };
  const seconds = typeof expiresIn === 'number' && expiresIn > 0 ? expiresIn : DEFAULT_LIFETIME;
  return { token: text, seconds: Math.min(seconds, MAX_LIFETIME) };
}
