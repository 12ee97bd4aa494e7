import { isIP, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { problem, type Problem } from '@source-integrity/core';
import type { ResolvedAccess } from '../cluster/repository-access.ts';
import { hostOf } from './destination.ts';
import { printableUrl } from './printable-url.ts';

/**
 * The proxy that leads to `url`, as Argo CD decides with Go's `golang.org/x/net/http/httpproxy`; null: none.
 * The environment's proxies are not used: whoever wants one writes it into the repository's Secret.
 */
export function proxyFor(
  url: URL,
  access: ResolvedAccess,
): { readonly proxy: URL | null } | { readonly problem: Problem } {
  if (access.proxy === '' || !usesProxy(url, access.noProxy)) return { proxy: null };
  const proxy = parseProxy(access.proxy);
  if (proxy === null) {
    return {
      problem: problem('fetch-proxy', {
        url: printableUrl(url),
        proxy: printableUrl(access.proxy),
        detail: 'it is not the URL of an http or https proxy',
      }),
    };
  }
  return { proxy };
}

function parseProxy(text: string): URL | null {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? URL.parse(text) : URL.parse(`http://${text}`);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') ? url : null;
}

/** `config.useProxy`: loopback is never proxied; `noProxy` lists names, addresses, networks, each with or without port. */
function usesProxy(url: URL, noProxy: string): boolean {
  const host = hostOf(url).toLowerCase();
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  if (host === 'localhost') return false;
  if (isIP(host) !== 0 && ipaddr.process(host).range() === 'loopback') return false;
  return !noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && (entry === '*' || matchesNetwork(entry, host) || matchesHost(entry, host, port)));
}

function matchesNetwork(entry: string, host: string): boolean {
  if (isIP(host) === 0 || !ipaddr.isValidCIDR(entry)) return false;
  const [network, bits] = ipaddr.parseCIDR(entry);
  const address = ipaddr.process(host);
  return network.kind() === address.kind() && address.match(network, bits);
}

function matchesHost(entry: string, host: string, port: string): boolean {
  const { name, onlyPort } = splitPort(entry);
  if (name === '' || (onlyPort !== '' && onlyPort !== port)) return false;
  if (isIP(name) !== 0) return isIP(host) !== 0 && sameAddress(name, host);
  if (isIP(host) !== 0) return false;
  const domain = name.startsWith('*.') ? name.slice(1) : name;
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

function splitPort(entry: string): { readonly name: string; readonly onlyPort: string } {
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(entry);
  if (bracketed !== null) return { name: bracketed[1] ?? '', onlyPort: bracketed[2] ?? '' };
  const colon = entry.lastIndexOf(':');
  if (colon === -1 || isIPv6(entry)) return { name: entry, onlyPort: '' };
  return { name: entry.slice(0, colon), onlyPort: entry.slice(colon + 1) };
}

function sameAddress(a: string, b: string): boolean {
  return ipaddr.process(a).toNormalizedString() === ipaddr.process(b).toNormalizedString();
}
