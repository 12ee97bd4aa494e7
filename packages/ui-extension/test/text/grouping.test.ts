import { describe, expect, it } from 'vitest';
import { grouped, shortDigest, withShortHex } from '../../src/text/grouping.ts';

const digest = `sha256:${'c6841b3a'.repeat(8)}`;
const fingerprint = '5E615389B53CA37F0EE60BD3843BBF981FC18762';

describe('long hex', () => {
  it('is read in groups of four, its algorithm apart', () => {
    expect(grouped(fingerprint)?.groups).toHaveLength(10);
    expect(grouped(digest)).toMatchObject({ prefix: 'sha256:' });
    expect(grouped(digest)?.groups.join('')).toBe(digest.slice(7));
  });

  it('is only what is hex from end to end', () => {
    expect(grouped('1.4.2')).toBeNull();
    expect(grouped(`${fingerprint}x`)).toBeNull();
  });

  it('is named by its ends', () => {
    expect(shortDigest(digest)).toBe('sha256:c684 1b3a … 1b3a');
    expect(withShortHex(`signed by (${fingerprint}), not listed`)).toBe('signed by (5E61…8762), not listed');
    expect(withShortHex('version 1.4.2 of deadbeef')).toBe('version 1.4.2 of deadbeef');
  });
});
