const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ['http://', '80'],
  ['https://', '443'],
  ['oci://', '443'],
  ['ssh://', '22'],
]);

/**
 * A lower-case host as it is, if it is written in the one canonical way; null otherwise: international names,
 * numbers that resolvers read as addresses (`127.1`, `0x7f.0.0.1`), IPv6 addresses that are not in their shortest form.
 */
export function canonicalHost(host: string): string | null {
  if (host.startsWith('[')) return isShortestIPv6(host) ? host : null;
  if (!/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(host) || host.length > 253) return null;
  const last = host.slice(host.lastIndexOf('.') + 1);
  const looksNumeric = /^(?:\d+|0x[0-9a-f]*)$/.test(last);
  return looksNumeric && !isIPv4(host) ? null : host;
}

/** `:8443`, or nothing for the scheme's default port; null for a port that is none, or has leading zeros. */
export function canonicalPort(scheme: string, port: string): string | null {
  if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65535) return null;
  return DEFAULT_PORTS.get(scheme) === port ? '' : `:${port}`;
}

function isIPv4(host: string): boolean {
  const parts = host.split('.');
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** The serialisation of the URL standard is the shortest one (RFC 5952). */
function isShortestIPv6(host: string): boolean {
  return URL.parse(`http://${host}/`)?.hostname === host;
}
