import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeClearSigned } from '../../src/pgp/clearsign.ts';

const BEGIN = '-----BEGIN PGP SIGNED MESSAGE-----';
const SIGNATURE = '-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n';

function message(text: string, headers = 'Hash: SHA512\n', signature = SIGNATURE): string {
  return `${BEGIN}\n${headers}\n${text}\n${signature}`;
}

function decode(
  input: string | Uint8Array,
): { text: string; signed: string; octets: string; fault: string | null } | string {
  const decoded = decodeClearSigned(typeof input === 'string' ? Buffer.from(input) : input);
  if ('rejected' in decoded) return decoded.rejected;
  const { text, signed, signature } = decoded.message;
  return {
    text: Buffer.from(text).toString(),
    signed: Buffer.from(signed).toString(),
    octets: Buffer.from(signature.octets).toString('hex'),
    fault: signature.fault,
  };
}

const plain = { text: 'a\nb', signed: 'a\r\nb', octets: '000000', fault: null };

describe('a clear-signed message', () => {
  test.each([
    ['as GnuPG writes it', message('a\nb')],
    ['with CR LF', message('a\nb').replaceAll('\n', '\r\n')],
    ['with blanks at the ends of lines', message('a \t\nb\t')],
    ['after other lines', `hello\n\n${message('a\nb')}`],
    ['with anything behind it', `${message('a\nb')}junk\n${message('c')}`],
    ['without a Hash header', message('a\nb', '')],
    ['with a Hash header without a space', message('a\nb', 'Hash:sha256\n')],
    ['with several digests', message('a\nb', 'Hash: SHA256 , RIPEMD160\nHash: MD5\n')],
    ['with blanks in the empty line', message('a\nb', 'Hash: SHA512\n \t')],
    ['with a no-break space as the empty line', message('a\nb', 'Hash: SHA512\n\u00a0')],
    ['with a wrong checksum', message('a\nb', '', SIGNATURE.replace('AAAA\n', 'AAAA\n=ZZZZ\n'))],
    ['with armor headers', message('a\nb', '', SIGNATURE.replace('\n\n', '\nVersion: x\nComment: y\n\n'))],
    ['with carriage returns in its armor', message('a\nb', '', SIGNATURE.replace('AAAA', 'A\rAA\r\rA'))],
    [
      'with junk behind its END',
      message('a\nb', '', SIGNATURE.replace('SIGNATURE-----\n', 'SIGNATURE-----\n').trimEnd().concat('junk')),
    ],
  ])('%s is decoded', (_, input) => {
    expect(decode(input)).toEqual(plain);
  });

  test.each([
    ['a byte order mark before it', `\ufeff${message('a')}`, 'malformed'],
    ['a blank before it', ` ${message('a')}`, 'malformed'],
    ['a blank behind BEGIN', message('a').replace(BEGIN, `${BEGIN} `), 'malformed'],
    ['a blank behind BEGIN SIGNATURE', message('a').replace('SIGNATURE-----', 'SIGNATURE----- '), 'malformed'],
    ['no empty line before the text', `${BEGIN}\nHash: SHA512\na\n${SIGNATURE}`, 'malformed'],
    ['no empty line in the armor', message('a', '', SIGNATURE.replace('\n\n', '\n')), 'malformed'],
    ['another header', message('a', 'Charset: utf-8\n'), 'malformed'],
    ['a header in lower case', message('a', 'hash: SHA512\n'), 'malformed'],
    ['an unknown digest', message('a', 'Hash: SHA999\n'), 'malformed'],
    ['an empty Hash header', message('a', 'Hash:\n'), 'malformed'],
    ['a header that is not ASCII', message('a', 'Hash: SHA512\u00a0\n'), 'malformed'],
    ['no END', message('a').replace('-----END', '----END'), 'malformed'],
    ['no signature', `${BEGIN}\n\na\n`, 'malformed'],
    ['no text', `${BEGIN}\n\n${SIGNATURE}`, 'malformed'],
    ['nothing but its first line', BEGIN, 'malformed'],
    ['no message at all', 'hello', 'none'],
    ['no octet', '', 'none'],
  ])('with %s is rejected', (_, input, kind) => {
    expect(decode(input)).toBe(kind);
  });

  test('unescapes dashes, once', () => {
    expect(decode(message('- -----x\n- - y\n- \n-z'))).toMatchObject({ text: '-----x\n- y\n\n-z' });
  });

  test('keeps a carriage return that is not part of a line end', () => {
    expect(decode(message('a\r\r\nb'))).toMatchObject({ text: 'a\r\nb', signed: 'a\r\r\nb' });
  });

  test('keeps octets that are not UTF-8', () => {
    const decoded = decodeClearSigned(Buffer.from(message('caf\u00e9'), 'latin1'));
    expect('message' in decoded && Buffer.from(decoded.message.text).toString('latin1')).toBe('café');
  });

  test.each([
    ['more than 96 characters in a line', `${'A'.repeat(97)}\n`, 'a line of the armor is longer than 96 characters'],
    ['more characters than the buffer', `${'A'.repeat(200)}\n`, 'a line of the armor is longer than 96 characters'],
    ['other characters', 'AA!A\n', 'the armor is not base64'],
    ['half a group', 'AA\n', 'the armor is not base64'],
  ])('says what is wrong with armor with %s', (_, lines, fault) => {
    expect(decode(message('a', '', SIGNATURE.replace('AAAA\n', lines)))).toMatchObject({ fault });
    expect(decode(message('a', '', SIGNATURE.replace('AAAA\n', `AAAA\n${lines}`)))).toMatchObject({ octets: '000000' });
  });

  test('of 96 characters a line is fine', () => {
    expect(decode(message('a', '', SIGNATURE.replace('AAAA\n', `${'A'.repeat(96)}\n`)))).toMatchObject({ fault: null });
  });

  test('of any lines comes back as it was, and any octets are decoded or rejected', () => {
    const line = fc.string({ maxLength: 20 }).map((text) => text.replaceAll(/[\r\n]/g, '').trimEnd());
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 10 }), (lines) => {
        const escaped = lines.map((text) => (text.startsWith('-') ? `- ${text}` : text));
        expect(decode(message(escaped.join('\n')))).toMatchObject({
          text: lines.join('\n'),
          signed: lines.join('\r\n'),
        });
      }),
    );
    const piece = fc.oneof(
      fc.constantFrom(BEGIN, SIGNATURE, '\n', '\r\n', '\n\n', 'Hash: SHA512', '-----END PGP SIGNATURE-----', '- ', '='),
      fc.string({ unit: 'binary', maxLength: 30 }),
    );
    fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => void decode(pieces.join(''))));
  });

  test('of a megabyte of line ends is no trouble', () => {
    expect(decode(message('\n'.repeat(1024 * 1024)))).toMatchObject({ fault: null });
  });
});
