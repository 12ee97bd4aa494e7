import { isIPv6 } from 'node:net';

/** What Go's `url.Parse` makes of a text, as far as Argo CD looks at it: the host, and `URL.String()`. */
export interface GoURL {
  /** Host and port, unescaped; empty where there is none. */
  readonly host: string;
  /** The URL put together again, with Go's own escaping. */
  readonly text: string;
}

/**
 * Reads a URL as `net/url.Parse` of Go 1.26 does; null where that answers an error.
 * Argo CD compares repositories and tells registries from chart repositories by it, so a stricter or laxer reading
 * would disagree about which repository a URL names. Go works on bytes: here each character stands for one.
 */
export function parseGoURL(url: string): GoURL | null {
  const [beforeFragment, fragment] = cut(bytesOf(url), '#');
  const parts = parseWithoutFragment(beforeFragment);
  if (parts === null || unescape(fragment ?? '', 'fragment') === null) return null;
  const suffix = (fragment ?? '') === '' ? '' : `#${reescape(fragment ?? '', 'fragment')}`;
  return { host: textOf(parts.host), text: textOf(parts.text + suffix) };
}

function parseWithoutFragment(url: string): GoURL | null {
  // oxlint-disable-next-line no-control-regex -- Go refuses exactly these
  if (/[\u0000-\u001F\u007F]/.test(url) || url.startsWith(':')) return null;
  if (url === '*') return { host: '', text: '*' };
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1] ?? '';
  const prefix = scheme === '' ? '' : `${scheme.toLowerCase()}:`;
  const [rest, query] = cut(url.slice(prefix.length), '?');
  const suffix = query === undefined ? '' : `?${query}`;
  if (!rest.startsWith('/')) {
    if (prefix !== '') return { host: '', text: prefix + rest + suffix };
    if (cut(rest, '/')[0].includes(':')) return null;
  }
  const hasAuthority = rest.startsWith('//') && (prefix !== '' || !rest.startsWith('///'));
  const [authorityText, path] = hasAuthority ? splitAt(rest.slice(2), '/') : [null, rest];
  const authority = authorityText === null ? null : parseAuthority(scheme.toLowerCase(), authorityText);
  if ((authorityText !== null && authority === null) || unescape(path, 'path') === null) return null;
  const written = writeAuthority(authority, path);
  return { host: authority?.host ?? '', text: prefix + written + writePath(path, prefix + written) + suffix };
}

function writeAuthority(authority: Authority | null, path: string): string {
  if (authority === null) return '';
  const { user, host } = authority;
  if (host === '' && path === '' && user === null) return '';
  return `//${user === null ? '' : `${user}@`}${escape(host, 'host')}`;
}

function writePath(path: string, before: string): string {
  const written = reescape(path, 'path');
  return before === '' && cut(written, '/')[0].includes(':') ? `./${written}` : written;
}

interface Authority {
  /** Escaped again; null where there is none. */
  readonly user: string | null;
  readonly host: string;
}

function parseAuthority(scheme: string, authority: string): Authority | null {
  const at = authority.lastIndexOf('@');
  const host = parseHost(scheme, authority.slice(at + 1));
  if (host === null) return null;
  if (at < 0) return { user: null, host };
  const userInfo = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userInfo)) return null;
  const [name, password] = cut(userInfo, ':').map((part) => unescape(part ?? '', 'user'));
  if (name === null || name === undefined || password === null) return null;
  const secret = userInfo.includes(':') ? `:${escape(password ?? '', 'user')}` : '';
  return { user: escape(name, 'user') + secret, host };
}

function parseHost(scheme: string, host: string): string | null {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) return null;
  if (bracket === 0) return parseBrackets(host);
  // Colons inside a host are an error for http and https only (Go 1.26, GODEBUG urlstrictcolons).
  const colon = scheme === 'http' || scheme === 'https' ? host.indexOf(':') : host.lastIndexOf(':');
  return colon >= 0 && !isOptionalPort(host.slice(colon)) ? null : unescape(host, 'host');
}

function parseBrackets(host: string): string | null {
  const close = host.lastIndexOf(']');
  if (close < 0 || !isOptionalPort(host.slice(close + 1))) return null;
  const inside = host.slice(1, close);
  const zone = inside.indexOf('%25');
  const address = unescape(zone < 0 ? inside : inside.slice(0, zone), 'host');
  const zoneText = zone < 0 ? '' : unescape(inside.slice(zone), 'zone');
  if (address === null || zoneText === null) return null;
  const name = address + zoneText;
  const [ip, zoneName] = cut(name, '%');
  return isIPv6(ip) && zoneName !== '' ? `[${name}]${host.slice(close + 1)}` : null;
}

function isOptionalPort(text: string): boolean {
  return text === '' || /^:\d*$/.test(text);
}

type Part = 'path' | 'fragment' | 'user' | 'host' | 'zone';

/** `shouldEscape` of net/url, turned round: the characters that each part leaves alone. */
const PLAIN: Readonly<Record<Part, RegExp>> = {
  path: /[A-Za-z0-9\-_.~$&+,/:;=@]/,
  fragment: /[A-Za-z0-9\-_.~$&+,/:;=?@!()*]/,
  user: /[A-Za-z0-9\-_.~$&+,;=]/,
  host: /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/,
  zone: /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/,
};

function escape(bytes: string, part: Part): string {
  return Array.from(bytes, (byte) => (PLAIN[part].test(byte) ? byte : percent(byte))).join('');
}

/** Null where Go finds a bad escape, or a byte that the part may not hold. */
function unescape(bytes: string, part: Part): string | null {
  let plain = '';
  for (let position = 0; position < bytes.length; position += 1) {
    const byte = bytes.charAt(position);
    if (byte !== '%') {
      if ((part === 'host' || part === 'zone') && byte < '\u0080' && !PLAIN[part].test(byte)) return null;
      plain += byte;
      continue;
    }
    const digits = bytes.slice(position + 1, position + 3);
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) return null;
    const value = String.fromCharCode(Number.parseInt(digits, 16));
    if (part === 'host' && value < '\u0080' && digits !== '25') return null;
    if (part === 'zone' && digits !== '25' && value !== ' ' && !PLAIN.host.test(value)) return null;
    plain += value;
    position += 2;
  }
  return plain;
}

/** `EscapedPath`, `EscapedFragment`: as it was written where that was a valid escaping, else Go's own. */
function reescape(written: string, part: 'path' | 'fragment'): string {
  const plain = unescape(written, part) ?? '';
  const own = escape(plain, part);
  const isValid = Array.from(written).every((byte) => /[!$&'()*+,;=:@[\]%]/.test(byte) || PLAIN[part].test(byte));
  if (written === own || isValid) return written;
  return part === 'path' && plain === '*' ? '*' : own;
}

function percent(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** `strings.Cut`: the second part is undefined where the separator is missing. */
function cut(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Like {@link cut}, with the separator kept in the second part. */
function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)];
}

function bytesOf(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
}

/** Go compares bytes, so two texts that are no valid UTF-8 must stay apart: they are left as bytes. */
function textOf(bytes: string): string {
  const octets = Uint8Array.from(bytes, (byte) => byte.charCodeAt(0));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return bytes;
  }
}
