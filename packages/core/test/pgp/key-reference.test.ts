import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchesSigner, parseKeyReference } from '../../src/pgp/key-reference.ts';
import type { PgpSigner } from '../../src/verdict/verdict.ts';

const FINGERPRINT = '5E615389B53CA37F0EE60BD3843BBF981FC18762';
const SUBKEY = '0FD6A72FB3082A43EA0515E14DFD3B6F62F4D26D';
const signer: PgpSigner = {
  kind: 'pgp',
  fingerprint: FINGERPRINT,
  keyId: FINGERPRINT.slice(24),
  signingFingerprint: SUBKEY,
  signingKeyId: SUBKEY.slice(24),
  userIds: ['Somebody'],
  algorithm: 'RSA 4096',
  hash: 'SHA-512',
  signedAt: null,
  expiresAt: null,
};

function parse(text: string): string {
  const parsed = parseKeyReference(text);
  return 'reference' in parsed ? parsed.reference : parsed.problem.code;
}

describe('a key reference', () => {
  test.each([
    [FINGERPRINT, FINGERPRINT],
    [FINGERPRINT.toLowerCase(), FINGERPRINT],
    [`0x${FINGERPRINT}`, FINGERPRINT],
    [`0X${FINGERPRINT.toLowerCase()}`, FINGERPRINT],
    ['5E61 5389 B53C A37F 0EE6  0BD3 843B BF98 1FC1 8762', FINGERPRINT],
    [' 843bbf981fc18762\n', '843BBF981FC18762'],
    ['0x 843B BF98 1FC1 8762', '843BBF981FC18762'],
    ['a'.repeat(64), 'A'.repeat(64)],
  ])('%j is %s', (text, expected) => {
    expect(parse(text)).toBe(expected);
  });

  test.each([
    '',
    '0x',
    '1FC18762',
    FINGERPRINT.slice(1),
    `${FINGERPRINT}0`,
    `0x0x${FINGERPRINT.slice(4)}`,
    'someone@example.com',
    'Release Key',
    `${FINGERPRINT.slice(0, 39)}G`,
    'a'.repeat(63),
    'ａ'.repeat(40),
    '0'.repeat(10_000),
  ])('is not %j', (text) => {
    expect(parse(text)).toBe('key-reference-invalid');
  });

  test('of any text is 16, 40 or 64 upper-case hex digits, or refused with the text in short', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const parsed = parseKeyReference(text);
        if ('reference' in parsed) expect(parsed.reference).toMatch(/^(?:[0-9A-F]{16}|[0-9A-F]{40}|[0-9A-F]{64})$/);
        else expect(String(parsed.problem.params['reference']).length).toBeLessThanOrEqual(400);
      }),
    );
  });

  test.each([FINGERPRINT, FINGERPRINT.slice(24), SUBKEY, SUBKEY.slice(24)])('%s is the signer', (text) => {
    const parsed = parseKeyReference(text);
    expect('reference' in parsed && matchesSigner(parsed.reference, signer)).toBe(true);
  });

  test.each([FINGERPRINT.slice(0, 16), `${FINGERPRINT.slice(0, 39)}3`, `${FINGERPRINT}${'0'.repeat(24)}`])(
    '%s is not the signer',
    (text) => {
      const parsed = parseKeyReference(text);
      expect('reference' in parsed && matchesSigner(parsed.reference, signer)).toBe(false);
    },
  );
});
