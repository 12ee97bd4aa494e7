import { generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPublicKey } from '../../src/cosign/public-key.ts';
import { keyPair } from './certificates.ts';
import { pemOf } from './fake-sigstore.ts';
import { keyFile } from './registry-dump.ts';
import { GOOD } from './world.ts';

const code = (pem: string): string => {
  const read = readPublicKey('release', pem);
  return 'problem' in read ? read.problem.code : 'accepted';
};
const rsa = (bits: number) => generateKeyPairSync('rsa', { modulusLength: bits });

describe('a cosign key', () => {
  test.each([
    ['p256.pub', { kind: 'ecdsa', curve: 'P-256' }],
    ['p384.pub', { kind: 'ecdsa', curve: 'P-384' }],
    ['p521.pub', { kind: 'ecdsa', curve: 'P-521' }],
    ['rsa2048.pub', { kind: 'rsa', bits: 2048 }],
    ['rsa4096.pub', { kind: 'rsa', bits: 4096 }],
    ['ed25519.pub', { kind: 'ed25519' }],
  ])('%s by cosign is read', (file, algorithm) => {
    expect(keyFile(`keys/${file}`).algorithm).toEqual(algorithm);
  });

  test('is the same in PKIX and PKCS #1', () => {
    const { publicKey } = rsa(2048);
    const [pkix, pkcs1] = (['spki', 'pkcs1'] as const).map((type) =>
      readPublicKey('release', String(publicKey.export({ format: 'pem', type }))),
    );
    expect(pkcs1).toEqual(pkix);
    expect(pkix).toHaveProperty('key.fingerprint', expect.stringMatching(/^sha256:[0-9a-f]{64}$/));
  });

  test('is the same with a compressed point', () => {
    const { publicKey, pem } = keyPair();
    const plain = publicKey.export({ format: 'der', type: 'spki' });
    const point = plain.subarray(27);
    const compressed = Buffer.concat([
      Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex'),
      Buffer.from([(point[63] ?? 0) % 2 === 0 ? 2 : 3]),
      point.subarray(0, 32),
    ]);
    const written = `-----BEGIN PUBLIC KEY-----\n${compressed.toString('base64')}\n-----END PUBLIC KEY-----\n`;
    expect(readPublicKey('release', written)).toEqual(readPublicKey('release', pem));
  });

  test('may have the line ends of Windows and white space around it', () => {
    expect(code(`\r\n ${keyPair().pem.replaceAll('\n', '\r\n')}\r\n`)).toBe('accepted');
  });

  test.each([
    ['a private key', String(keyPair().privateKey.export({ format: 'pem', type: 'pkcs8' })), 'cosign-key-private'],
    ['cosign’s encrypted private key', block('ENCRYPTED SIGSTORE PRIVATE KEY'), 'cosign-key-private'],
    ['a pair', keyPair().pem + block('EC PRIVATE KEY'), 'cosign-key-private'],
    ['a certificate', pemOf(GOOD.der), 'cosign-key-certificate'],
    ['a PGP key', block('PGP PUBLIC KEY BLOCK'), 'cosign-key-unsupported'],
    ['another block', block('CERTIFICATE REQUEST'), 'cosign-key-unreadable'],
    ['two keys', keyPair().pem + keyPair().pem, 'cosign-key-unreadable'],
    ['nothing', '', 'cosign-key-unreadable'],
    ['a path', 'k8s://ns/key', 'cosign-key-unreadable'],
    ['text beside it', `${keyPair().pem}comment`, 'cosign-key-unreadable'],
    ['no end', keyPair().pem.split('\n').slice(0, 2).join('\n'), 'cosign-key-unreadable'],
    ['rubbish in its block', block('PUBLIC KEY'), 'cosign-key-unreadable'],
    ['too much', keyPair().pem + '\n'.repeat(16 * 1024), 'cosign-key-unreadable'],
    ['a weak key', String(rsa(1024).publicKey.export({ format: 'pem', type: 'spki' })), 'cosign-key-weak'],
    [
      'a key on another curve',
      String(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'pem', type: 'spki' })),
      'cosign-key-unsupported',
    ],
    [
      'a key that cannot sign',
      String(generateKeyPairSync('x25519').publicKey.export({ format: 'pem', type: 'spki' })),
      'cosign-key-unsupported',
    ],
  ])('that is %s is refused by its own name', (_, pem, expected) => {
    expect(code(pem)).toBe(expected);
  });

  test('that is anything else is refused and crashes nothing', () => {
    fc.assert(fc.property(fc.string(), (text) => code(text) !== 'accepted'));
    const { pem } = keyPair();
    fc.assert(
      fc.property(fc.nat(pem.length - 1), fc.string({ minLength: 1, maxLength: 2 }), (at, text) => {
        code(pem.slice(0, at) + text + pem.slice(at + 1));
      }),
    );
  });
});

function block(label: string): string {
  return `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
}
