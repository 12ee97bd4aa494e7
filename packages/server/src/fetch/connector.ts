import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import type { SecureContext } from 'node:tls';
import { callbackify } from 'node:util';
import { buildConnector } from 'undici';
import { checkAddress, type DestinationRules, type ForbiddenAddress } from './destination.ts';

/** All addresses of a host name. */
export type Resolve = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

export const systemResolve: Resolve = (host) => lookup(host, { all: true, order: 'verbatim' });

/** A connection that was not made, because of where it would have gone. */
export class ForbiddenAddressError extends Error {
  readonly code = 'FORBIDDEN_ADDRESS';
  readonly forbidden: ForbiddenAddress;
  constructor(forbidden: ForbiddenAddress) {
    super(`${forbidden.address} is a ${forbidden.range} address`);
    this.name = 'ForbiddenAddressError';
    this.forbidden = forbidden;
  }
}

/**
 * A look-up that answers only with addresses that passed the check. The socket connects to what it answers, so a
 * name that resolves differently a moment later (DNS rebinding) gains nothing. One forbidden address among several
 * refuses the name: which of them is tried is not ours to say.
 */
export function checkedLookup(resolve: Resolve, rules: DestinationRules): LookupFunction {
  const resolveChecked = callbackify(async (host: string) => {
    const addresses = await resolve(host);
    for (const { address } of addresses) {
      const forbidden = checkAddress(host, address, rules);
      if (forbidden !== null) throw new ForbiddenAddressError(forbidden);
    }
    const [first] = addresses;
    if (first === undefined) throw Object.assign(new Error(`no address for ${host}`), { code: 'ENOTFOUND' });
    return { first, all: [...addresses] };
  });
  return (host, options, callback) => {
    resolveChecked(host, (error, found) => {
      if (error !== null) callback(error, '');
      else if (options.all === true) callback(null, found.all);
      else callback(null, found.first.address, found.first.family);
    });
  };
}

/** TLS towards one host, ready for use. */
export interface TlsIdentity {
  readonly secureContext: SecureContext;
  /** False: any certificate will do. */
  readonly rejectUnauthorized: boolean;
}

/** Makes connections only to addresses that passed the check; literal addresses, which no look-up sees, included. */
export function checkedConnector(
  resolve: Resolve,
  rules: DestinationRules,
  tls: TlsIdentity,
  timeoutMs: number,
): buildConnector.connector {
  const connect = buildConnector({
    ...tls,
    lookup: checkedLookup(resolve, rules),
    timeout: timeoutMs,
    allowH2: false,
  });
  return (options, callback) => {
    const host = options.hostname.replace(/^\[(.*)\]$/, '$1');
    const forbidden = isIP(host) === 0 ? null : checkAddress(host, host, rules);
    if (forbidden !== null) callback(new ForbiddenAddressError(forbidden), null);
    else connect({ ...options, hostname: host }, callback);
  };
}
