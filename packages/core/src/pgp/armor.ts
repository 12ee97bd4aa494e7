/** One block of ASCII armor (RFC 9580, section 6), decoded as far as it goes. */
export interface ArmorBlock {
  /** "PGP SIGNATURE", "PGP PUBLIC KEY BLOCK" */
  readonly type: string;
  readonly octets: Uint8Array;
  /** Why decoding stopped before the end of the block; matters only to who reads beyond `octets`. */
  readonly fault: string | null;
  /** Where the data behind the block begins. */
  readonly end: number;
}

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';

/** go-crypto reads lines through a buffer of this size, and more than 96 characters of base64 are none of its. */
const LINE_BUFFER = 100;
const MAX_BASE64_LINE = 96;

/** unicode.IsSpace, for lines that are decoded as UTF-8. */
const GO_SPACES = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const OUTER_SPACES = new RegExp(`^${GO_SPACES}+|${GO_SPACES}+$`, 'g');

/** Go's strings.TrimSpace. */
export function trimSpace(text: string): string {
  return text.replaceAll(OUTER_SPACES, '');
}

/**
 * Decodes the first armor block at or behind `start`, by the rules of go-crypto 1.4.1 (`armor.Decode`): text before
 * the block is ignored, header lines are not interpreted, a block with a line that is no header is passed over, the
 * checksum is neither required nor checked, and base64 lines have at most 96 characters. Null: there is no block.
 */
export function decodeArmor(data: Uint8Array, start = 0): ArmorBlock | null {
  const lines = new LineReader(data, start);
  for (;;) {
    const type = findBegin(lines);
    if (type === null) return null;
    const headers = skipHeaders(lines);
    if (headers === 'end') return null;
    if (headers === 'complete') return { type, ...decodeBody(lines), end: lines.position };
  }
}

function findBegin(lines: LineReader): string | null {
  let continues = false;
  for (let line = lines.next(); line !== null; line = lines.next()) {
    const whole = !line.partial && !continues;
    continues = line.partial;
    if (!whole) continue;
    const text = trimSpace(line.text);
    if (text.length > BEGIN.length + DASHES.length && text.startsWith(BEGIN)) {
      return text.slice(BEGIN.length, -DASHES.length);
    }
  }
  return null;
}

function skipHeaders(lines: LineReader): 'complete' | 'broken' | 'end' {
  let continues = false;
  for (let line = lines.next(); line !== null; line = lines.next()) {
    const isContinuation = continues;
    continues = line.partial;
    if (isContinuation) continue;
    const text = trimSpace(line.text);
    if (text === '') return 'complete';
    if (!text.includes(':')) return 'broken';
  }
  return 'end';
}

function decodeBody(lines: LineReader): { octets: Uint8Array; fault: string | null } {
  const base64: string[] = [];
  let fault: string | null = null;
  for (let line = lines.next(); line !== null; line = lines.next()) {
    if (line.partial) {
      fault = `a line of the armor is longer than ${MAX_BASE64_LINE} characters`;
      break;
    }
    const text = trimSpace(line.text);
    if (text.startsWith(END) || (text.length === 5 && text.startsWith('='))) break;
    if (text.length > MAX_BASE64_LINE) {
      fault = `a line of the armor is longer than ${MAX_BASE64_LINE} characters`;
      break;
    }
    // Carriage returns within a line are nothing to Go's base64 reader.
    base64.push(text.replaceAll('\r', ''));
  }
  const text = base64.join('');
  const valid = validBase64(text);
  if (fault === null && valid < text.length) fault = 'the armor is not base64';
  return { octets: Buffer.from(text.slice(0, valid), 'base64'), fault };
}

/** How much of a text is base64: groups of four characters, the last one perhaps padded. */
function validBase64(text: string): number {
  const stranger = text.search(/[^A-Za-z0-9+/]/);
  const letters = stranger < 0 ? text.length : stranger;
  const whole = letters - (letters % 4);
  return /^(?:[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)/.test(text.slice(whole, whole + 4)) ? whole + 4 : whole;
}

interface Line {
  readonly text: string;
  /** The line goes on: what was read is one buffer full of it. */
  readonly partial: boolean;
}

/** bufio.Reader.ReadLine over a buffer of 100 octets. */
class LineReader {
  readonly #data: Uint8Array;
  position: number;

  constructor(data: Uint8Array, start: number) {
    this.#data = data;
    this.position = start;
  }

  next(): Line | null {
    const start = this.position;
    if (start >= this.#data.length) return null;
    const window = this.#data.subarray(start, start + LINE_BUFFER);
    const newline = window.indexOf(0x0a);
    if (newline >= 0) {
      this.position = start + newline + 1;
      const isCrLf = newline > 0 && window[newline - 1] === 0x0d;
      return { text: decode(window.subarray(0, isCrLf ? newline - 1 : newline)), partial: false };
    }
    const full = window.length === LINE_BUFFER;
    // A carriage return at the edge may belong to a line end: it is left for the next read.
    const length = full && window.at(-1) === 0x0d ? LINE_BUFFER - 1 : window.length;
    this.position = start + length;
    return { text: decode(window.subarray(0, length)), partial: full };
  }
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

function decode(octets: Uint8Array): string {
  return UTF8.decode(octets);
}
