import type { ASN1Obj } from '@sigstore/core';

/*
 * What `@sigstore/core` has read as DER, taken for what a grammar wants it to be. Everything here throws a TypeError
 * for what is something else: whoever reads a structure catches it around the whole.
 */

/** First octets (ITU-T X.690, section 8.1.2): class, number, and whether there are elements inside. */
export const TAG = {
  integer: 0x02,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  context0: 0xa0,
} as const;

/** What is inside; of an OCTET STRING, what it encodes. */
export function elements(object: ASN1Obj | undefined, tag: number): readonly ASN1Obj[] {
  return of(object, tag).subs;
}

/** Its octets, whether or not there are elements inside. */
export function octetsOf(object: ASN1Obj | undefined, tag: number): Buffer {
  return of(object, tag).value;
}

/** In as few octets as it takes (section 8.3.2). */
export function integer(object: ASN1Obj | undefined): bigint {
  const number = of(object, TAG.integer);
  const [first, second] = number.value;
  if (first === undefined) throw new TypeError('an integer of no octets');
  if (second !== undefined && first === (second < 0x80 ? 0 : 0xff)) throw new TypeError('a padded integer');
  return number.toInteger();
}

/** Each arc whole, and in as few octets as it takes (section 8.19.2). */
export function oid(object: ASN1Obj | undefined): string {
  const name = of(object, TAG.oid);
  const isWhole = (name.value.at(-1) ?? 0x80) < 0x80;
  const isPadded = name.value.some((octet, at) => octet === 0x80 && (name.value[at - 1] ?? 0) < 0x80);
  if (!isWhole || isPadded) throw new TypeError('not an object identifier in DER');
  return name.toOID();
}

/** The name of an algorithm (RFC 5280, section 4.1.1.2) that has no parameters. */
export function algorithm(object: ASN1Obj | undefined): string {
  const [name, parameters, ...more] = elements(object, TAG.sequence);
  if (parameters !== undefined && octetsOf(parameters, TAG.null).length > 0) throw new TypeError('parameters');
  if (more.length > 0) throw new TypeError('more than an algorithm');
  return oid(name);
}

export function exactly<T>(values: readonly T[], count: number): readonly T[] {
  if (values.length !== count) throw new TypeError(`${values.length} instead of ${count}`);
  return values;
}

function of(object: ASN1Obj | undefined, tag: number): ASN1Obj {
  if (object === undefined || object.tag.toDER() !== tag) throw new TypeError('another type');
  return object;
}
