import type { ProblemEntries } from '../problem.ts';

/**
 * Problems of fetching over the network. `url` never carries user info or query values.
 * All of them are `indeterminate`: what could not be fetched is neither signed nor unsigned.
 */
export type FetchProblems = {
  /** Not an http(s) URL, or one with user info. `reason` completes "the URL …". */
  'fetch-url-refused': { readonly url: string; readonly reason: string };
  'fetch-forbidden-host': { readonly url: string; readonly host: string };
  /** `range` says what kind of address it is: "link-local", "cloud metadata", "private" … */
  'fetch-forbidden-address': {
    readonly url: string;
    readonly host: string;
    readonly address: string;
    readonly range: string;
  };
  'fetch-timeout': { readonly url: string; readonly waitedFor: FetchPhase; readonly limitMs: number };
  'fetch-unreachable': { readonly url: string; readonly cause: UnreachableCause; readonly detail: string };
  'fetch-tls': { readonly url: string; readonly host: string; readonly cause: TlsCause; readonly detail: string };
  /** A certificate or key of the repository's settings that is not one. */
  'fetch-tls-settings': { readonly url: string; readonly host: string; readonly detail: string };
  'fetch-proxy': { readonly url: string; readonly proxy: string; readonly detail: string };
  'fetch-status': { readonly url: string; readonly status: number };
  'fetch-unauthorized': { readonly url: string; readonly status: number };
  'fetch-too-large': { readonly url: string; readonly maxBytes: number };
  'fetch-headers-too-large': { readonly url: string; readonly maxBytes: number };
  'fetch-malformed-answer': { readonly url: string; readonly detail: string };
  'fetch-unsupported-encoding': { readonly url: string; readonly encoding: string };
  'fetch-too-many-redirects': { readonly url: string; readonly maxRedirects: number };
  'fetch-redirect-loop': { readonly url: string; readonly location: string };
  /** A redirect from https to http. */
  'fetch-redirect-downgrade': { readonly url: string; readonly location: string };
};

/** What was waited for when time ran out. */
type FetchPhase = 'connection' | 'headers' | 'body' | 'whole answer';

type UnreachableCause = 'dns' | 'refused' | 'reset' | 'unroutable' | 'cut-short' | 'other';

type TlsCause = 'untrusted' | 'expired' | 'wrong-host' | 'client-certificate' | 'handshake';

export const fetchProblems: ProblemEntries<FetchProblems> = {
  'fetch-url-refused': {
    consequence: 'indeterminate',
    responsible: 'application owner',
    sentence: (subject, { url, reason }) => `${subject} could not be checked: the URL ${url} ${reason}`,
    remedy: () =>
      'Use an http:// or https:// URL without user name and password; keep credentials in a repository Secret of Argo CD. If the URL comes from index.yaml, the repository has to be corrected.',
  },
  'fetch-forbidden-host': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { url, host }) =>
      `${subject} could not be checked: ${url} is on ${host}, a host that Source Integrity is not allowed to ask`,
    remedy: ({ host }) =>
      `If ${host} may be asked, add it to SOURCE_INTEGRITY_ALLOWED_HOSTS. A host that serves only redirects or chart files of a repository has to be listed too.`,
  },
  'fetch-forbidden-address': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { url, host, address, range }) =>
      `${subject} could not be checked: ${url} leads to ${host === address ? address : `${host} at ${address}`}, a ${range} address that is never asked`,
    brief: ({ host, range }) => `could not be checked: ${host} is at a ${range} address, which is never asked`,
    remedy: ({ range }) =>
      range === 'private' || range === 'loopback'
        ? 'If repositories may be at private addresses, set SOURCE_INTEGRITY_PRIVATE_ADDRESSES to allow. If not, find out why this name leads there.'
        : 'Find out why this URL leads to an address that no chart repository has; the repository, its index or its DNS may have been tampered with.',
  },
  'fetch-timeout': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { url, waitedFor, limitMs }) =>
      `${subject} could not be checked: ${url} did not answer in time (no ${waitedFor} after ${seconds(limitMs)})`,
    remedy: () => 'Check that the repository is up and not overloaded, then choose Re-verify.',
  },
  'fetch-unreachable': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { url, cause, detail }) =>
      `${subject} could not be checked: ${url} could not be reached, ${unreachable[cause] ?? 'an unexpected network error'}${detail === '' ? '' : ` (${detail})`}`,
    remedy: ({ cause }) =>
      cause === 'dns'
        ? 'Check the host name in the repository URL and the DNS of the cluster, then choose Re-verify.'
        : 'Check that the repository is up and that network policies and firewalls let Source Integrity reach it, then choose Re-verify. Servers that want a client certificate may close connections without one.',
  },
  'fetch-tls': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { host, cause, detail }) =>
      `${subject} could not be checked: the TLS connection to ${host} failed, ${tls[cause] ?? 'the handshake did not succeed'} (${detail})`,
    brief: ({ host }) => `could not be checked: the TLS connection to ${host} failed`,
    remedy: ({ host, cause }) => {
      switch (cause) {
        case 'untrusted':
          return `If ${host} has a certificate of your own authority, put that authority's certificate (PEM) under the key ${host} into argocd-tls-certs-cm; an entry there replaces the system's authorities for this host.`;
        case 'expired':
          return `Renew the certificate of ${host}.`;
        case 'wrong-host':
          return `Use the host name that the certificate of ${host} is for, or have one issued that names ${host}.`;
        case 'client-certificate':
          return 'Check tlsClientCertData and tlsClientCertKey in the repository Secret: the server wants a client certificate that it trusts.';
        case 'handshake':
          return `Check that ${host} speaks TLS 1.2 or later on this port, and whether it wants a client certificate (tlsClientCertData and tlsClientCertKey in the repository Secret).`;
        default:
          return `Check the TLS settings of ${host}.`;
      }
    },
  },
  'fetch-tls-settings': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { host, detail }) =>
      `${subject} could not be checked: the TLS settings for ${host} can't be used (${detail})`,
    remedy: ({ host }) =>
      `Write PEM certificates under the key ${host} of argocd-tls-certs-cm, and a matching pair of tlsClientCertData and tlsClientCertKey in the repository Secret.`,
  },
  'fetch-proxy': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { url, proxy, detail }) =>
      `${subject} could not be checked: the proxy ${proxy} did not lead to ${url} (${detail})`,
    remedy: () =>
      'Check the proxy and noProxy of the repository Secret, and that the proxy is up and permits this host.',
  },
  'fetch-status': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { url, status }) =>
      `${subject} could not be checked: ${url} answered with HTTP status ${status}`,
    remedy: ({ status }) =>
      status === 404 || status === 410
        ? 'Check the repository URL, the chart name and the version.'
        : status === 429
          ? 'The repository limits how often it may be asked; wait a little, then choose Re-verify.'
          : 'Look into the repository server for the reason, then choose Re-verify.',
  },
  'fetch-unauthorized': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { url, status }) =>
      `${subject} could not be checked: ${url} refused the credentials in use or wants some (HTTP status ${status})`,
    remedy: () =>
      "Check the username and password in Argo CD's repository Secret for this URL. Credentials are sent only to the repository's own host, or to others with passCredentials.",
  },
  'fetch-too-large': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { url, maxBytes }) =>
      `${subject} could not be checked: the answer of ${url} is larger than the limit of ${bytes(maxBytes)}`,
    remedy: () =>
      'Make the file smaller. If its size is justified, a platform administrator can raise the limit in the settings of Source Integrity.',
  },
  'fetch-headers-too-large': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { url, maxBytes }) =>
      `${subject} could not be checked: the headers in the answer of ${url} are larger than ${bytes(maxBytes)}`,
    remedy: () =>
      'Check that the URL leads to a chart repository, and what the server or a proxy in front of it adds to its answers.',
  },
  'fetch-malformed-answer': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { url, detail }) =>
      `${subject} could not be checked: the answer of ${url} is not valid HTTP (${detail})`,
    remedy: () =>
      'Check that a web server answers at this URL and port, and that no proxy in between damages its answers.',
  },
  'fetch-unsupported-encoding': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { url, encoding }) =>
      `${subject} could not be checked: ${url} answered with content encoding "${encoding}", though unencoded bytes were asked for`,
    brief: ({ url, encoding }) => `could not be checked: ${url} answered in the content encoding "${encoding}"`,
    remedy: () =>
      'Configure the repository server, or the proxy in front of it, to serve files as they are when the request says "Accept-Encoding: identity".',
  },
  'fetch-too-many-redirects': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { url, maxRedirects }) =>
      `${subject} could not be checked: ${url} redirects more than ${maxRedirects} times`,
    remedy: () => 'Use the URL that the redirects end at as the repository URL, or correct the redirects.',
  },
  'fetch-redirect-loop': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { url, location }) =>
      `${subject} could not be checked: the redirects of ${url} lead back to ${location}`,
    remedy: () => 'Correct the redirects of the repository server.',
  },
  'fetch-redirect-downgrade': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { url, location }) =>
      `${subject} could not be checked: ${url} redirects from https to plain http (${location})`,
    remedy: () => 'Correct the redirect to an https:// URL; what comes over plain http can be changed on its way.',
  },
};

const unreachable: Readonly<Partial<Record<string, string>>> = {
  dns: 'its host name was not found',
  refused: 'the connection was refused',
  reset: 'the connection was closed before an answer came',
  unroutable: 'there is no network route to it',
  'cut-short': 'the answer broke off before its end',
};

const tls: Readonly<Partial<Record<string, string>>> = {
  untrusted: 'its certificate is not from a trusted authority',
  expired: 'its certificate is not valid at this time',
  'wrong-host': 'its certificate is for another host',
  'client-certificate': 'it did not accept the client certificate',
};

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}

function bytes(count: number): string {
  const mebibyte = 1024 * 1024;
  if (count >= mebibyte) return `${Math.round((count / mebibyte) * 10) / 10} MiB`;
  return count >= 1024 ? `${Math.round((count / 1024) * 10) / 10} KiB` : `${count} bytes`;
}
