import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Agent, Pool, ProxyAgent, type Dispatcher } from 'undici';
import { isIP } from 'node:net';
import { problem, type Problem } from '@source-integrity/core';
import { checkedConnector, checkedLookup, type Resolve } from './connector.ts';
import { checkAddress, hostOf, type DestinationRules } from './destination.ts';
import type { FetchLimits } from './limits.ts';
import { printableUrl } from './printable-url.ts';
import { tlsIdentity, type TlsSettings } from './tls.ts';

/** How one hop is reached. Hops that agree in all of it share connections. */
export interface Route {
  readonly identity: string;
  readonly tls: TlsSettings;
  readonly proxy: URL | null;
}

const MAX_AGENTS = 64;
const MAX_CONNECTIONS_TO_ONE_ORIGIN = 8;

/** Connections, kept apart by who is asking and how: nobody's request travels on a connection that another opened. */
export class Agents {
  readonly #resolve: Resolve;
  readonly #rules: DestinationRules;
  readonly #limits: FetchLimits;
  readonly #retired = new Set<Dispatcher>();
  readonly #agents: LRUCache<string, Dispatcher>;

  constructor(resolve: Resolve, rules: DestinationRules, limits: FetchLimits) {
    this.#resolve = resolve;
    this.#rules = rules;
    this.#limits = limits;
    this.#agents = new LRUCache({ max: MAX_AGENTS, dispose: (agent) => this.#retire(agent) });
  }

  /** The agent for a route to `url`; or what is wrong with the route's settings. */
  to(url: URL, route: Route): { readonly agent: Dispatcher } | { readonly problem: Problem } {
    const key = routeKey(route);
    const known = this.#agents.get(key);
    if (known !== undefined) return { agent: known };
    const made = this.#make(url, route);
    if ('agent' in made) this.#agents.set(key, made.agent);
    return made;
  }

  /** Ends every connection; requests under way break off. */
  async close(): Promise<void> {
    const agents = [...this.#agents.values(), ...this.#retired];
    this.#agents.clear();
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  #make(url: URL, route: Route): { readonly agent: Dispatcher } | { readonly problem: Problem } {
    const identity = tlsIdentity(route.tls, url);
    if ('problem' in identity) return identity;
    const { connectTimeoutMs, headersTimeoutMs, idleTimeoutMs, maxHeaderBytes } = this.#limits;
    const pool: Pool.Options = {
      connections: MAX_CONNECTIONS_TO_ONE_ORIGIN,
      pipelining: 1,
      allowH2: false,
      headersTimeout: headersTimeoutMs,
      bodyTimeout: idleTimeoutMs,
      maxHeaderSize: maxHeaderBytes,
    };
    if (route.proxy === null) {
      const connect = checkedConnector(this.#resolve, this.#rules, identity.tls, connectTimeoutMs);
      return { agent: new Agent({ ...pool, connect }) };
    }
    const proxyProblem = this.#checkProxy(url, route.proxy);
    if (proxyProblem !== null) return { problem: proxyProblem };
    const limited = (origin: string | URL, options: object): Pool => new Pool(origin, { ...pool, ...options });
    return {
      agent: new ProxyAgent({
        ...pool,
        uri: route.proxy.href,
        connectTimeout: connectTimeoutMs,
        clientFactory: limited,
        factory: limited,
        requestTls: identity.tls,
        proxyTls: { ...identity.tls, lookup: checkedLookup(this.#resolve, this.#rules) },
      }),
    };
  }

  /**
   * Whoever may write a repository Secret may name a proxy: it is checked like any other destination. What lies
   * behind it is looked up by the proxy itself, so there only literal addresses can be checked.
   */
  #checkProxy(url: URL, proxy: URL): Problem | null {
    const host = hostOf(proxy);
    const forbidden = isIP(host) === 0 ? null : checkAddress(host, host, this.#rules);
    return forbidden === null ? null : problem('fetch-forbidden-address', { url: printableUrl(url), ...forbidden });
  }

  #retire(agent: Dispatcher): void {
    this.#retired.add(agent);
    void agent.close().then(
      () => this.#retired.delete(agent),
      () => this.#retired.delete(agent),
    );
  }
}

function routeKey({ identity, tls, proxy }: Route): string {
  const { ca, caReplacesSystem, clientCert, clientKey, insecure } = tls;
  return createHash('sha256')
    .update(JSON.stringify([identity, ca, caReplacesSystem, clientCert, clientKey, insecure, proxy?.href ?? null]))
    .digest('base64');
}
