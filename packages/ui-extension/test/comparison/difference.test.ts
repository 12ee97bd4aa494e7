import { describe, expect, it } from 'vitest';
import { comparisonsOf } from '../../src/comparison/compared.ts';
import { difference } from '../../src/comparison/difference.ts';
import { userIdOf } from '../../src/comparison/user-id.ts';
import { keys } from '../../stories/ledger.ts';
import { acme, failed, jane, subkeySigner } from '../../stories/reports.ts';
import { states } from '../../stories/states.ts';

describe('the difference between two texts', () => {
  it('is what lies between their common beginning and end', () => {
    expect(difference('1.4.2', '1.3.2')).toEqual({ start: 2, end: 2 });
    expect(difference('web', 'webshop')).toEqual({ start: 3, end: 0 });
    expect(difference('aa', 'aaa')).toEqual({ start: 2, end: 0 });
  });

  it('runs to the end in digests, whatever their last digits are', () => {
    const expected = `sha256:${'a'.repeat(64)}`;
    const actual = `sha256:${'a'.repeat(20)}b${'a'.repeat(43)}`;
    expect(difference(expected, actual)).toEqual({ start: 27, end: 0 });
  });

  it('is all of a short text that has little in common with the other', () => {
    expect(difference('"none" or "provenance"', '"provenence"')).toEqual({ start: 0, end: 0 });
  });

  it('is none where they are equal', () => {
    expect(difference('a', 'a')).toBeNull();
  });
});

describe('what is compared', () => {
  it('is what the problem says was expected and there', () => {
    const verdict = states.otherSigner.sources[0]?.verdict;
    expect(verdict?.status === 'failed' && comparisonsOf(verdict)).toEqual([
      { what: 'signer', expected: [acme.fingerprint], actual: [jane.fingerprint] },
    ]);
  });

  it('lists several keys that travel as one text', () => {
    const verdict = failed('signer-trusted', {
      code: 'signer-not-trusted',
      params: {
        fingerprint: 'x',
        userId: '',
        expected: `${acme.fingerprint}, 0x${jane.keyId}`,
        actual: jane.fingerprint,
      },
    });
    expect(comparisonsOf(verdict)[0]?.expected).toEqual([acme.fingerprint, `0x${jane.keyId}`]);
  });

  it('is nothing where a problem is not about two things', () => {
    const verdict = states.expiredKey.sources[0]?.verdict;
    expect(verdict?.status === 'failed' && comparisonsOf(verdict)).toEqual([]);
  });
});

describe('whose key an ID is', () => {
  it.each([acme.fingerprint, acme.keyId.toLowerCase(), `0x${acme.keyId}`, subkeySigner.signingFingerprint])(
    'is told for %s',
    (id) => {
      expect(userIdOf(id, keys)).toBe('Acme Release <release@acme.test>');
    },
  );

  it('is not told for a key that is not in the ring', () => {
    expect(userIdOf('0000000000000000', keys)).toBeNull();
  });
});
