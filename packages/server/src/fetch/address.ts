import ipaddr from 'ipaddr.js';

/** Whether an IP address may be asked. `range` is in words, for people. */
export type AddressJudgement =
  | { readonly kind: 'public' }
  | { readonly kind: 'private'; readonly range: string }
  | { readonly kind: 'never'; readonly range: string };

/**
 * Where clouds serve credentials to whoever asks from inside: link-local ones are refused as such, these are the
 * others. AWS (fd00:ec2::/32), Google (fd20:ce::254), Azure (168.63.129.16), Alibaba (100.100.100.200),
 * Oracle (192.0.0.192), Scaleway (fd00:42::42).
 */
const CLOUD_METADATA = [
  '168.63.129.16/32',
  '100.100.100.200/32',
  '192.0.0.192/32',
  'fd00:ec2::/32',
  'fd20:ce::254/128',
  'fd00:42::42/128',
].map((range) => ipaddr.parseCIDR(range));

/**
 * Judges an address in any notation of `inet_aton` or RFC 4291. An IPv6 address that embeds an IPv4 one (mapped,
 * compatible, RFC 6145, NAT64, 6to4, Teredo, ISATAP) is never better than the address inside: a gateway may unwrap it.
 */
export function judgeAddress(text: string): AddressJudgement {
  if (!ipaddr.isValid(text)) return { kind: 'never', range: 'unreadable' };
  const address = ipaddr.parse(text);
  if (isCloudMetadata(address)) return { kind: 'never', range: 'cloud metadata' };
  if (address instanceof ipaddr.IPv4) return judgeRange(address.range());
  return embeddedAddresses(address)
    .map((inner) => (isCloudMetadata(inner) ? never('cloud metadata') : judgeRange(inner.range())))
    .reduce(worse, judgeRange(isWrapped(address) ? 'unicast' : address.range()));
}

function isCloudMetadata(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return CLOUD_METADATA.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
}

function judgeRange(range: string): AddressJudgement {
  switch (range) {
    case 'unicast':
    case 'as112':
    case 'as112v6':
    case 'amt':
      return { kind: 'public' };
    case 'private':
    case 'uniqueLocal':
    case 'deprecatedSiteLocal':
      return { kind: 'private', range: 'private' };
    case 'loopback':
      return { kind: 'private', range: 'loopback' };
    case 'carrierGradeNat':
      return { kind: 'private', range: 'shared (RFC 6598)' };
    // Documentation, benchmarking and class E networks: not on the internet, in use inside clouds and clusters.
    case 'reserved':
    case 'benchmarking':
      return { kind: 'private', range: 'reserved' };
    case 'linkLocal':
      return never('link-local');
    default:
      return never(range);
  }
}

const never = (range: string): AddressJudgement => ({ kind: 'never', range });

const SEVERITY = { public: 0, private: 1, never: 2 } as const;

function worse(a: AddressJudgement, b: AddressJudgement): AddressJudgement {
  return SEVERITY[b.kind] > SEVERITY[a.kind] ? b : a;
}

/** Whether all that an address says is which IPv4 address it stands for. */
function isWrapped(address: ipaddr.IPv6): boolean {
  return ['ipv4Mapped', 'rfc6145', 'rfc6052', '6to4', 'teredo'].includes(address.range());
}

function embeddedAddresses(address: ipaddr.IPv6): readonly ipaddr.IPv4[] {
  const bytes = address.toByteArray();
  const last = bytes.slice(12);
  const range: string = address.range();
  switch (range) {
    case 'ipv4Mapped':
    case 'rfc6145':
      return [new ipaddr.IPv4(last)];
    case 'rfc6052':
      return nat64Addresses(bytes);
    case '6to4':
      return [new ipaddr.IPv4(bytes.slice(2, 6))];
    case 'teredo':
      return [new ipaddr.IPv4(bytes.slice(4, 8)), new ipaddr.IPv4(last.map((byte) => byte ^ 0xff))];
    default: {
      const compatible = bytes.slice(0, 12).every((byte) => byte === 0) && last.slice(0, 2).some((byte) => byte !== 0);
      const isatap = (bytes[8] === 0 || bytes[8] === 2) && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
      return compatible || isatap ? [new ipaddr.IPv4(last)] : [];
    }
  }
}

/** RFC 6052, section 2.2: prefixes of 48, 56, 64 and 96 bits fit into 64:ff9b:1::/48; byte 8 is left out. */
function nat64Addresses(bytes: readonly number[]): readonly ipaddr.IPv4[] {
  const withoutReserved = [...bytes.slice(0, 8), ...bytes.slice(9)];
  const candidates = [bytes.slice(12), ...[6, 7, 8].map((start) => withoutReserved.slice(start, start + 4))];
  const [wellKnown, ...local] = candidates.map((octets) => new ipaddr.IPv4([...octets]));
  if (wellKnown === undefined) return [];
  const isLocalUse = bytes[5] === 1;
  if (!isLocalUse) return [wellKnown];
  // Which length is in use cannot be told from the address; the readings that come out as zeros are not meant.
  return [wellKnown, ...local].filter((address) => address.range() !== 'unspecified');
}
