import { type ArmorBlock, decodeArmor, trimSpace } from './armor.ts';

/** A clear-signed message (RFC 9580, section 7). */
export interface ClearSigned {
  /** The lines as they are to be read: unescaped, without trailing blanks, joined by line feeds. */
  readonly text: Uint8Array;
  /** The same lines joined by CR LF: the octets that are signed. */
  readonly signed: Uint8Array;
  readonly signature: ArmorBlock;
}

export type ClearSignOutcome =
  | { readonly message: ClearSigned }
  /** `none`: nothing here even begins like a signed message. */
  | { readonly rejected: 'none' | 'malformed'; readonly reason: string };

const START = '-----BEGIN PGP SIGNED MESSAGE-----';
const END_TEXT = '-----BEGIN PGP SIGNATURE-----';
const END = '\n-----END PGP SIGNATURE-----';

const HASH_NAMES = new Set([
  'MD5',
  'SHA1',
  'RIPEMD160',
  'SHA224',
  'SHA256',
  'SHA384',
  'SHA512',
  'SHA3-256',
  'SHA3-512',
]);

const LINE_FEED = 0x0a;
const CR_LF = Buffer.from('\r\n');

/**
 * Finds the first clear-signed message, by the rules of go-crypto 1.4.1 (`clearsign.Decode`), through which Helm 4.3
 * reads provenance files. It begins at a line of its own; only `Hash` headers are allowed (and not compared with the
 * signature); lines end in LF or CR LF; what follows the first message is ignored.
 */
export function decodeClearSigned(data: Uint8Array): ClearSignOutcome {
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.length);
  const start = findStart(buffer);
  if (start === null) {
    return buffer.includes(START)
      ? malformed('its BEGIN line has something before it')
      : { rejected: 'none', reason: 'there is no PGP signed message in it' };
  }
  const lines = new Lines(buffer, start);
  if (lines.next().length > 0) return malformed('its BEGIN line has something behind it');
  const headerFault = readHeaders(lines);
  if (headerFault !== null) return malformed(headerFault);
  const text: Uint8Array[] = [];
  let signatureStart = lines.position;
  for (let line = lines.next(); !isEndOfText(line); line = lines.next()) {
    if (line.length === 0 && lines.atEnd) return malformed('its text is not followed by a signature');
    text.push(unescaped(line));
    signatureStart = lines.position;
  }
  if (text.length === 0) return malformed('it has no text');
  const end = buffer.indexOf(END, signatureStart);
  if (end < 0) return malformed('its signature has no END line');
  const armored = buffer.subarray(signatureStart, skipLineEnds(buffer, end + END.length));
  const signature = decodeArmor(armored);
  if (signature === null) return malformed('its signature is not armored as it should be');
  return { message: { text: joined(text, Buffer.of(LINE_FEED)), signed: joined(text, CR_LF), signature } };
}

function findStart(buffer: Buffer): number | null {
  if (buffer.subarray(0, START.length).equals(Buffer.from(START))) return START.length;
  const found = buffer.indexOf(`\n${START}`);
  return found < 0 ? null : found + 1 + START.length;
}

/** What is wrong with the headers; null when they end well. */
function readHeaders(lines: Lines): string | null {
  for (;;) {
    if (lines.atEnd) return 'it ends in its headers';
    const line = lines.next().toString('utf8');
    if (trimSpace(line) === '') return null;
    if (!/^[ -~]*$/.test(line)) return 'a header has characters that are not ASCII';
    const colon = line.indexOf(':');
    if (colon < 0 || trimSpace(line.slice(0, colon)) !== 'Hash') return 'it has a header that is not "Hash"';
    for (const name of line.slice(colon + 1).split(',')) {
      if (!HASH_NAMES.has(trimSpace(name).toUpperCase())) return 'its Hash header names an unknown digest';
    }
  }
}

class Lines {
  readonly #buffer: Buffer;
  position: number;

  constructor(buffer: Buffer, start: number) {
    this.#buffer = buffer;
    this.position = start;
  }

  get atEnd(): boolean {
    return this.position >= this.#buffer.length;
  }

  /** The next line without its LF or CR LF; empty at the end. */
  next(): Buffer {
    const start = this.position;
    const lineFeed = this.#buffer.indexOf(LINE_FEED, start);
    if (lineFeed < 0) {
      this.position = this.#buffer.length;
      return this.#buffer.subarray(start);
    }
    this.position = lineFeed + 1;
    const carriageReturn = lineFeed > start && this.#buffer[lineFeed - 1] === 0x0d;
    return this.#buffer.subarray(start, carriageReturn ? lineFeed - 1 : lineFeed);
  }
}

function isEndOfText(line: Buffer): boolean {
  return line.length === END_TEXT.length && line.toString('latin1') === END_TEXT;
}

function unescaped(line: Buffer): Buffer {
  const start = line.length >= 2 && line[0] === 0x2d && line[1] === 0x20 ? 2 : 0;
  let end = line.length;
  while (end > start && (line[end - 1] === 0x20 || line[end - 1] === 0x09)) end--;
  return line.subarray(start, end);
}

function joined(lines: readonly Uint8Array[], separator: Uint8Array): Uint8Array {
  return Buffer.concat(lines.flatMap((line, index) => (index === 0 ? [line] : [separator, line])));
}

function skipLineEnds(buffer: Buffer, position: number): number {
  let end = position;
  while (end < buffer.length && (buffer[end] === 0x0d || buffer[end] === LINE_FEED)) end++;
  return end;
}

function malformed(reason: string): ClearSignOutcome {
  return { rejected: 'malformed', reason };
}
