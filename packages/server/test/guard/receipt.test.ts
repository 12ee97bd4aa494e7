import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { issueAuthority, issueServing } from '../../src/admission/certificates/issue.ts';
import { Receipts, vouchesFor } from '../../src/guard/receipt.ts';
import type { Receipt } from '../../src/guard/wire.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const HOUR = 60 * 60 * 1000;
const CALL = {
  kind: 'pull' as const,
  repository: 'https://charts.example.com',
  registry: false,
  chart: 'demo',
  version: '1.2.3',
  passCredentials: false,
  digest: `sha256:${'01'.repeat(32)}`,
};
const POLICY = 'sha256:policy';

const authority = issueAuthority(NOW);
const serving = issueServing({ cert: authority.cert, key: createPrivateKey(authority.key) }, ['server.test'], NOW);
const RIGHT = { call: CALL, policy: POLICY, authority: authority.cert, now: NOW };

function issued(): Receipt {
  const receipts = new Receipts();
  receipts.use(serving);
  const receipt = receipts.issue(CALL, POLICY, NOW);
  if (receipt === null) throw new Error('there is a certificate');
  return receipt;
}

describe('a receipt', () => {
  test('vouches for the bytes that it was issued for, for a day', () => {
    expect(vouchesFor(issued(), RIGHT)).toBe(true);
    expect(vouchesFor(issued(), { ...RIGHT, now: new Date(NOW.getTime() + 23 * HOUR) })).toBe(true);
    expect(vouchesFor(issued(), { ...RIGHT, now: new Date(NOW.getTime() + 24 * HOUR) })).toBe(false);
  });

  test.each([
    ['other bytes', { digest: `sha256:${'02'.repeat(32)}` }],
    ['another version', { version: '1.2.4' }],
    ['another chart', { chart: 'other' }],
    ['another repository', { repository: 'https://other.example.com' }],
    ['a registry of the same name', { registry: true }],
    ['credentials that are passed on', { passCredentials: true }],
  ])('vouches for nothing else: %s', (_, other) => {
    expect(vouchesFor(issued(), { ...RIGHT, call: { ...CALL, ...other } })).toBe(false);
  });

  test('counts under the policy by which it was issued', () => {
    expect(vouchesFor(issued(), { ...RIGHT, policy: 'sha256:other' })).toBe(false);
  });

  test('of another authority counts for nothing, one of a bundle with both does', () => {
    const other = issueAuthority(NOW).cert;
    expect(vouchesFor(issued(), { ...RIGHT, authority: other })).toBe(false);
    expect(vouchesFor(issued(), { ...RIGHT, authority: `${other}\n${authority.cert}` })).toBe(true);
    expect(vouchesFor(issued(), { ...RIGHT, authority: '' })).toBe(false);
  });

  test('that somebody changed counts for nothing', () => {
    const receipt = issued();
    const longer = receipt.text.replace('2026-11-24', '2036-11-24');
    expect(vouchesFor({ ...receipt, text: longer }, RIGHT)).toBe(false);
    expect(vouchesFor({ ...receipt, signature: '' }, RIGHT)).toBe(false);
    expect(vouchesFor({ ...receipt, signature: 'AAAA' }, RIGHT)).toBe(false);
    expect(vouchesFor({ ...receipt, certificate: authority.cert }, RIGHT)).toBe(false);
    expect(vouchesFor({ ...receipt, certificate: 'nonsense' }, RIGHT)).toBe(false);
    expect(vouchesFor({ ...receipt, text: '{' }, RIGHT)).toBe(false);
  });

  test('signed by a certificate that somebody made themselves counts for nothing', () => {
    const own = issueAuthority(NOW);
    const forged = new Receipts();
    forged.use(issueServing({ cert: own.cert, key: createPrivateKey(own.key) }, ['server.test'], NOW));
    const receipt = forged.issue(CALL, POLICY, NOW);
    expect(receipt !== null && vouchesFor(receipt, RIGHT)).toBe(false);
  });

  test.each([
    ['a year behind', -365 * 24],
    ['so far behind that the certificate has not begun', -48],
    ['a day ahead', 24],
    ['so far ahead that the certificate has ended', 400 * 24],
  ])('counts for nothing by a clock that is %s', (_, hours) => {
    expect(vouchesFor(issued(), { ...RIGHT, now: new Date(NOW.getTime() + hours * HOUR) })).toBe(false);
  });

  test('is not issued without a certificate', () => {
    expect(new Receipts().issue(CALL, POLICY, NOW)).toBeNull();
  });
});
