/** Just enough of DER to write certificates and timestamps that no tool would. */
export type Der = Buffer;

function tlv(tag: number, content: Buffer): Der {
  const { length } = content;
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes = Buffer.from(length.toString(16).padStart(length > 0xffff ? 6 : length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | bytes.length]), bytes, content]);
}

export const sequence = (...items: Der[]): Der => tlv(0x30, Buffer.concat(items));
export const set = (...items: Der[]): Der => tlv(0x31, Buffer.concat(items));
export const octets = (content: Buffer): Der => tlv(0x04, content);
export const bits = (content: Buffer, unused = 0): Der => tlv(0x03, Buffer.concat([Buffer.from([unused]), content]));
export const boolean = (value: boolean): Der => tlv(0x01, Buffer.from([value ? 0xff : 0]));
export const utf8 = (text: string): Der => tlv(0x0c, Buffer.from(text));
/** `[n]` around complete values. */
export const explicit = (n: number, ...items: Der[]): Der => tlv(0xa0 | n, Buffer.concat(items));
/** `[n]` instead of a primitive tag. */
export const implicit = (n: number, content: Buffer): Der => tlv(0x80 | n, content);

export function integer(value: number | Buffer): Der {
  const bytes = typeof value === 'number' ? Buffer.from([value]) : value;
  return tlv(0x02, (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

export function oid(text: string): Der {
  const [first = 0, second = 0, ...arcs] = text.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of arcs) {
    const groups = [arc & 0x7f];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128))
      groups.unshift(0x80 | (rest & 0x7f));
    bytes.push(...groups);
  }
  return tlv(0x06, Buffer.from(bytes));
}

const digits = (time: Date): string => time.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
export const utcTime = (time: Date): Der => tlv(0x17, Buffer.from(digits(time).slice(2)));
export const generalizedTime = (time: Date): Der => tlv(0x18, Buffer.from(digits(time)));
