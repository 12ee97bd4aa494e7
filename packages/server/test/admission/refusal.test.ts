import { problem } from '@source-integrity/core/contract';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../src/admission/refusal.ts';

const FINGERPRINT = '016C7FEC46DCEBC2E27B5C8C58222798A107B965';
const untrusted = problem('signer-not-trusted', {
  fingerprint: FINGERPRINT,
  userId: 'Acme Security <security@acme.example>',
  expected: 'D65A3D0E2ED23B1F92184A34C21E3F28AC82D3DA',
  actual: FINGERPRINT,
});

describe('a refusal', () => {
  it('names a key by its ends where it says why, and whole where it says what to do', () => {
    const text = refusal([{ subject: 'Chart search 0.9.7', problem: untrusted }]);
    expect(text).toMatch(
      /^Chart search 0\.9\.7 is signed by "Acme Security <security@acme\.example>" \(016C…B965\), a key/,
    );
    expect(text).toContain(`add ${FINGERPRINT} to the keys of the policy`);
  });

  it('says what to do of the first reason alone, and counts those that it has no place for', () => {
    const reasons = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ subject: `Chart ${name} 1.0.0`, problem: untrusted }));
    const text = refusal(reasons);
    expect(text.match(/to the keys of the policy/g)).toHaveLength(1);
    expect(text).toMatch(/Chart c 1\.0\.0 .* And 2 more; see the Source Integrity tab\.$/);
  });

  it('is short where it is read first, and keeps for the end what was cut', () => {
    const address = `https://charts.example.com/${'stable/'.repeat(12)}index.yaml`;
    const away = problem('fetch-unreachable', { url: address, cause: 'dns', detail: 'ENOTFOUND charts.example.com' });
    const text = refusal([
      { subject: 'Chart search 0.9.7', problem: away },
      { subject: 'Chart cart 3.0.4', problem: untrusted },
    ]);
    expect(text).toMatch(
      /^Chart search 0\.9\.7 could not be checked: charts\.example\.com could not be reached, its host name was not found\. Check the host name .* Chart cart 3\.0\.4 is signed by /,
    );
    expect(
      text.endsWith(`${address} could not be reached, its host name was not found (ENOTFOUND charts.example.com).`),
    ).toBe(true);
    expect(text.match(/In full: /g)).toHaveLength(1);
    expect(text.match(/Chart cart 3\.0\.4/g)).toHaveLength(1);
  });

  it('says nothing twice where the sentence is short', () => {
    expect(refusal([{ subject: 'Chart search 0.9.7', problem: untrusted }])).not.toContain('In full');
  });
});
