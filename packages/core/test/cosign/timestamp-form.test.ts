import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CosignRequirement } from '../../src/cosign/requirement.ts';
import { name } from './certificates.ts';
import { boolean, explicit, integer, octets, oid, sequence, set, utf8 } from './der.ts';
import { FakeSigstore, type Json, SIGNED, type TimestampForm } from './fake-sigstore.ts';
import { outcomeOf } from './outcome.ts';
import { bundle, changed, KEYLESS, readPath, sigstore } from './world.ts';

const BY_TIMESTAMP: CosignRequirement = { ...KEYLESS, transparencyLog: 'optional' };
const TOKEN = ['verificationMaterial', 'timestampVerificationData', 'rfc3161Timestamps', 0, 'signedTimestamp'];

function stamped(form: Partial<TimestampForm>): Json {
  const signed = bundle({ log: 'none', timestamp: true });
  const signature = Buffer.from(String(readPath(signed, ['dsseEnvelope', 'signatures', 0, 'sig'])), 'base64');
  return changed(signed, TOKEN, sigstore.timestamp(signature, SIGNED, sigstore.tsa, form).toString('base64'));
}

const { tsa, tsaRoot } = sigstore;
const other = new FakeSigstore().tsa;
const NULL = Buffer.from([5, 0]);
const ABOUT = sequence(oid('1.2.840.113549.1.9.3'), set(oid('1.2.840.113549.1.9.16.1.4')));
const SHA256 = '2.16.840.1.101.3.4.2.1';

/** The same element under another tag. */
function tagged(tag: number, element: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), element.subarray(1)]);
}

describe('a timestamp that is well signed', () => {
  const whole: [string, Partial<TimestampForm>][] = [
    ['as it is', {}],
    ['with an explanation', { status: sequence(integer(0), sequence(utf8('Operation Okay'))) }],
    ['with an empty list of certificates', { certificates: [] }],
    ['with the certificate of its signer', { certificates: [tsa.der] }],
    ['with the certificates of its chain', { certificates: [tsaRoot.der, tsa.der] }],
    ['with parameters that are null', { digest: sequence(oid(SHA256), NULL) }],
    ['with an algorithm that leaves the digest open', { algorithm: sequence(oid('1.2.840.10045.3.1.7')) }],
  ];
  test.each(whole)('%s, is accepted', (_, form) => {
    expect(outcomeOf(stamped(form), BY_TIMESTAMP)).toBe('accepted');
  });

  const broken: [string, Partial<TimestampForm>][] = [
    ['that was granted with modifications', { status: sequence(integer(1)) }],
    ['that was rejected', { status: sequence(integer(2)) }],
    ['whose status is no number', { status: sequence(boolean(true)) }],
    ['whose status is no sequence', { status: set(integer(0)) }],
    [
      'that was granted and explains a failure',
      { status: sequence(integer(0), tagged(3, octets(Buffer.from([0, 1])))) },
    ],
    ['whose explanation is no text', { status: sequence(integer(0), sequence(integer(7))) }],
    ['that holds something else', { type: oid('1.2.840.113549.1.7.1') }],
    ['whose signature is about something else', { about: oid('1.2.840.113549.1.7.1') }],
    ['whose signature does not say what it is about', { said: [] }],
    ['whose signature says twice what it is about', { said: [ABOUT, ABOUT] }],
    ['with bytes behind what is signed', { behind: integer(7) }],
    ['with another certificate', { certificates: [other.der] }],
    ['without its signer’s among its certificates', { certificates: [tsaRoot.der] }],
    ['with something else among its certificates', { certificates: [tsa.der, sequence(integer(1))] }],
    ['with a damaged certificate', { certificates: [Buffer.concat([tsa.der.subarray(0, -1), Buffer.from([0])])] }],
    ['with more certificates than a chain has', { certificates: Array.from({ length: 11 }, () => tsa.der) }],
    ['by nobody that is known', { signer: sequence(name('tsa root'), integer(other.serial)) }],
    ['whose signer’s name is no name', { signer: sequence(tagged(0x31, name('tsa root')), integer(tsa.serial)) }],
    ['whose signer’s number is no number', { signer: sequence(name('tsa root'), tagged(4, integer(tsa.serial))) }],
    ['by an unknown algorithm', { algorithm: sequence(oid('1.2.840.10045.4.3.9')) }],
    ['by an algorithm of another kind of key', { algorithm: sequence(oid('1.2.840.113549.1.1.11')) }],
    ['by an algorithm with parameters', { algorithm: sequence(oid('1.2.840.10045.4.3.2'), integer(1)) }],
    ['by an algorithm that is followed by something', { algorithm: sequence(oid('1.2.840.10045.4.3.2'), NULL, NULL) }],
    ['that does not name the digest’s algorithm first', { digests: set(sequence(oid('2.16.840.1.101.3.4.2.3'))) }],
    ['of another version', { version: integer(1) }],
    ['over a digest that is followed by something', { digest: sequence(oid(SHA256), integer(1)) }],
    ['with attributes that nobody signs', { unsigned: [explicit(1, ABOUT)] }],
    ['by two', { signers: [sequence(integer(1))] }],
    ['with more behind the token', { more: [integer(1)] }],
  ];
  test.each(broken)('%s, is refused', (_, form) => {
    expect(outcomeOf(stamped(form), BY_TIMESTAMP)).toBe('timestamp-invalid');
  });

  test('is never accepted with a bit of it flipped', () => {
    const signed = stamped({ certificates: [tsa.der] });
    const token = Buffer.from(String(readPath(signed, TOKEN)), 'base64');
    fc.assert(
      fc.property(fc.nat(token.length * 8 - 1), (bit) => {
        const mutated = Buffer.from(token);
        mutated[bit >> 3] = (mutated[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const flipped = changed(structuredClone(signed), TOKEN, mutated.toString('base64'));
        expect(outcomeOf(flipped, BY_TIMESTAMP)).not.toBe('accepted');
      }),
      { numRuns: 400 },
    );
  });
});
