import { isIP } from 'node:net';
import { problem, type Problem } from '@source-integrity/core';
import { judgeAddress } from './address.ts';
import { printableUrl } from './printable-url.ts';

/** Where requests may go at all, whoever asks. */
export interface DestinationRules {
  /** Private, loopback and reserved addresses. In-cluster repositories have such. */
  readonly privateAddresses: 'allow' | 'deny';
  /** Host names, or `*.example.com` for every name below it; empty: any. */
  readonly allowedHosts: readonly string[];
}

const LONGEST_URL = 8192;

/** Names that lead to a cloud's metadata service; by a proxy they would be looked up where nobody checks the answer. */
const METADATA_NAMES: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
  'metadata.azure.internal',
]);

type DestinationCheck = (url: URL, rules: DestinationRules) => Problem | null;

const checks: readonly DestinationCheck[] = [
  isHttp,
  isWithoutUserInfo,
  isAllowedHost,
  isNoMetadataName,
  isAllowedLiteral,
];

/** Passes a URL of one hop through every check that needs no network. The first thing wrong is the answer. */
export function checkDestination(
  text: string,
  rules: DestinationRules,
): { readonly url: URL } | { readonly problem: Problem } {
  if (text.length > LONGEST_URL) return refused(text, `is longer than ${LONGEST_URL} characters`);
  const url = URL.parse(text);
  if (url === null) return refused(text, 'is not a URL');
  url.hash = '';
  for (const check of checks) {
    const problem = check(url, rules);
    if (problem !== null) return { problem };
  }
  return { url };
}

/** The problem with asking `address` for `host`, if any. */
export function checkAddress(host: string, address: string, rules: DestinationRules): ForbiddenAddress | null {
  const judgement = judgeAddress(address);
  if (judgement.kind === 'public') return null;
  if (judgement.kind === 'private' && rules.privateAddresses === 'allow') return null;
  return { host, address, range: judgement.range };
}

export interface ForbiddenAddress {
  readonly host: string;
  readonly address: string;
  readonly range: string;
}

/** The host of a URL without the brackets around an IPv6 address and the dot that ends a fully qualified name. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

function refused(text: string, reason: string): { readonly problem: Problem } {
  return { problem: problem('fetch-url-refused', { url: printableUrl(text), reason }) };
}

function isHttp(url: URL): Problem | null {
  if (url.protocol === 'https:' || url.protocol === 'http:') return null;
  return refused(url.href, `has the scheme "${url.protocol.slice(0, 20)}", which is neither http nor https`).problem;
}

function isWithoutUserInfo(url: URL): Problem | null {
  if (url.username === '' && url.password === '') return null;
  return refused(url.href, 'carries a user name or a password').problem;
}

function isAllowedHost(url: URL, { allowedHosts }: DestinationRules): Problem | null {
  if (allowedHosts.length === 0) return null;
  const host = hostOf(url);
  const allowed = allowedHosts.some((entry) =>
    entry.startsWith('*.') ? host.endsWith(entry.slice(1)) : host === entry,
  );
  return allowed ? null : problem('fetch-forbidden-host', { url: printableUrl(url), host });
}

function isNoMetadataName(url: URL): Problem | null {
  const host = hostOf(url);
  if (!METADATA_NAMES.has(host)) return null;
  return problem('fetch-forbidden-address', { url: printableUrl(url), host, address: host, range: 'cloud metadata' });
}

/** The URL parser has turned every numeric notation (decimal, octal, hexadecimal, short) into four decimal numbers. */
function isAllowedLiteral(url: URL, rules: DestinationRules): Problem | null {
  const host = hostOf(url);
  if (isIP(host) === 0) return null;
  const forbidden = checkAddress(host, host, rules);
  return forbidden === null ? null : problem('fetch-forbidden-address', { url: printableUrl(url), ...forbidden });
}
