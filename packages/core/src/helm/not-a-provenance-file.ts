/**
 * What bytes are in which there is no signed message: "an HTML page", "an empty file". Repositories often answer
 * a request for a missing .prov with status 200 and a page.
 */
export function describeOtherFile(bytes: Uint8Array): string {
  const beginning = Buffer.from(bytes.subarray(0, 1_000))
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart();
  if (bytes.length === 0 || (beginning === '' && bytes.length < 1_000)) return 'an empty file';
  if (/^<(?:!doctype html|html|head|body)\b/i.test(beginning)) return 'an HTML page';
  if (/^<(?:\?xml|!--|[a-z])/i.test(beginning)) return /<html\b/i.test(beginning) ? 'an HTML page' : 'an XML document';
  if (/^[{[]/.test(beginning)) return 'a JSON document';
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'a gzip archive';
  if (beginning.startsWith('-----BEGIN PGP SIGNATURE-----')) return 'a PGP signature without the text that it signs';
  if (beginning.startsWith('-----BEGIN PGP ')) return 'PGP data of another kind';
  return beginning.includes('\0') || beginning.includes('\ufffd') ? 'binary data' : 'text without a PGP signed message';
}
