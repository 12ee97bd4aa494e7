import type { TokenRealm } from '@source-integrity/core';

/** A setting as it may be given: as a flag (`--cluster-dir`) or in the environment (`SOURCE_INTEGRITY_CLUSTER_DIR`). */
export interface Setting<T> {
  /** Without the dashes in front. */
  readonly flag: string;
  readonly meaning: string;
  /** What holds when nothing is given. */
  readonly fallback: T;
  /** Secrets are given in the environment or in files, never as flags, which every process can list. */
  readonly secret: boolean;
  readonly parse: (text: string) => Parsed<T>;
}

export type Parsed<T> = { readonly value: T } | { readonly wrong: string; readonly write: string };

const PREFIX = 'SOURCE_INTEGRITY_';

/** `cluster-dir` → `SOURCE_INTEGRITY_CLUSTER_DIR`. */
export function variableOf(flag: string): string {
  return `${PREFIX}${flag.replaceAll('-', '_').toUpperCase()}`;
}

export function isOurVariable(name: string): boolean {
  return name.startsWith(PREFIX);
}

export function text(example: string): Setting<string>['parse'] {
  return (given) => (given.trim() === '' ? { wrong: 'is empty', write: example } : { value: given.trim() });
}

export function integer(min: number, max: number): Setting<number>['parse'] {
  const write = `a whole number from ${min} to ${max}`;
  return (given) => {
    if (!/^\d{1,15}$/.test(given)) return { wrong: 'is not a whole number', write };
    const value = Number(given);
    if (value < min || value > max) return { wrong: value < min ? 'is too small' : 'is too large', write };
    return { value };
  };
}

export function oneOf<const T extends string>(...choices: readonly T[]): Setting<T>['parse'] {
  return (given) => {
    const value = choices.find((choice) => choice === given);
    return value === undefined ? { wrong: 'is not one of the choices', write: choices.join(' or ') } : { value };
  };
}

export interface ListenAddress {
  /** An IP address or `localhost`, without brackets. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

const HOST_AND_PORT = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/;

/** `host:port`, with brackets around an IPv6 host. Every interface is 0.0.0.0 or [::], and has to be said. */
export function listenAddress(given: string): Parsed<ListenAddress> {
  const [, bracketed, plain, port] = HOST_AND_PORT.exec(given) ?? [];
  const host = bracketed ?? plain;
  const write = 'host:port, such as 127.0.0.1:8080, [::1]:8080, or 0.0.0.0:8080 for every interface';
  if (host === undefined || port === undefined) return { wrong: 'is not a host and a port', write };
  if (Number(port) > 65_535) return { wrong: 'has a port above 65535', write };
  return { value: { host, port: Number(port) } };
}

/** The origin of an API server; without TLS only on this machine, since a token goes there. */
export function apiServerUrl(given: string): Parsed<string> {
  const url = URL.parse(given.trim());
  const write = 'a URL such as https://10.96.0.1:443, without a path';
  if (url === null || !['https:', 'http:'].includes(url.protocol)) return { wrong: 'is not an https URL', write };
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    return { wrong: 'has more than a host and a port', write };
  }
  if (url.protocol === 'http:' && !['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)) {
    return { wrong: 'would send a token without TLS to another machine', write };
  }
  return { value: url.origin };
}

const HOST_PATTERN = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$|^[0-9a-f:.]*:[0-9a-f:.]*$/;

/** Host names or IP addresses with commas between them; `*.` in front stands for every name below. */
export function hosts(given: string): Parsed<readonly string[]> {
  const entries = given
    .split(',')
    .map((entry) =>
      entry
        .trim()
        .toLowerCase()
        .replace(/^\[(.*)\]$/, '$1'),
    )
    .filter((entry) => entry !== '');
  const bad = entries.find((entry) => !HOST_PATTERN.test(entry));
  if (bad === undefined) return { value: entries };
  return {
    wrong: `has the entry "${bad}", which is not a host name`,
    write: 'host names without scheme, port and path, such as charts.example.com,*.acme.example',
  };
}

/** A shared secret, as it stands in an HTTP header. */
export function secretText(given: string): Parsed<string> {
  const value = given.trim();
  const write = 'at least 16 printable characters without spaces, such as the output of "openssl rand -hex 32"';
  if (value.startsWith('$')) {
    return {
      wrong:
        'begins with "$": Argo CD sends such a text literally when argocd-secret lacks the key that it names, so anybody could know it',
      write,
    };
  }
  if (value.length < 16) return { wrong: 'is shorter than 16 characters', write };
  if (value.length > 4096) return { wrong: 'is longer than 4096 characters', write };
  if (!/^[\x21-\x7e]+$/.test(value)) return { wrong: 'has spaces, line breaks or characters outside ASCII', write };
  return { value };
}

/** Where a TUF repository is; without the slash at its end. Its files are signed, so http will do. */
export function mirrorUrl(given: string): Parsed<string> {
  const url = URL.parse(given.trim());
  const write = 'a URL such as https://tuf.acme.example/sigstore';
  if (url === null || !['https:', 'http:'].includes(url.protocol))
    return { wrong: 'is not an http or https URL', write };
  if (url.username !== '' || url.password !== '') {
    return { wrong: 'holds credentials, which belong in a repository Secret with this URL', write };
  }
  if (url.search !== '' || url.hash !== '') return { wrong: 'has a query or a fragment', write };
  return { value: url.href.replace(/\/+$/, '') };
}

const REALM_PATTERN = /^([a-z0-9.-]+(?::\d{1,5})?)=([a-z0-9.-]+(?::\d{1,5})?)$/;

/** `registry=host` pairs: that credentials for a registry may go to a token server on another host. */
export function tokenRealms(given: string): Parsed<readonly TokenRealm[]> {
  const entries = given
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '');
  const realms: TokenRealm[] = [];
  for (const entry of entries) {
    const [, registry, host] = REALM_PATTERN.exec(entry) ?? [];
    if (registry === undefined || host === undefined) {
      return {
        wrong: `has the entry "${entry}", which is not registry=host`,
        write: 'pairs of hosts, such as registry.acme.example=auth.acme.example',
      };
    }
    realms.push({ registry, host });
  }
  return { value: realms };
}
