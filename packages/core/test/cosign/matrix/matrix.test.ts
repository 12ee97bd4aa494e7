import { describe, expect, test } from 'vitest';
import { action, outcome } from '../../verify-artifact-source/shop.ts';
import { ask, BY_ED25519, BY_KEY, KEYLESS, shopOfAll, shopWith, signatureOf, TIMELESS } from './signed-artifacts.ts';
import { twinsOf } from './negative-twins.ts';

const CASES = [...BY_KEY, ...KEYLESS];

describe.each([
  ['by fall-back tag', false],
  ['by the referrers API', true],
])('what cosign 3.1.3 signed, found %s', (_, referrersApi) => {
  const shop = shopOfAll(referrersApi);

  test.each(CASES)('$name is verified', async (signed) => {
    const report = await ask(shop, signed);
    expect([outcome(report), action(report)]).toEqual(['verified', 'allow']);
    expect(report.verdict).toMatchObject({ signers: [{ format: signed.form }] });
  });

  test.each(BY_ED25519)('$name is refused: cosign does not verify it either', async (signed) => {
    expect(outcome(await ask(shop, signed))).toBe('failed cosign-ed25519-invalid');
  });

  test('a certificate without log entry and timestamp has expired', async () => {
    expect(outcome(await ask(shop, TIMELESS))).toBe('failed trusted-time-missing');
  });

  test.each(BY_KEY.filter(({ signer }) => signer === 'p-384' || signer === 'p-521'))(
    '$name without digestAlgorithm is refused, and the problem names it',
    async (signed) => {
      const report = await ask(shop, signed, { digestAlgorithm: 'sha256' });
      expect(outcome(report)).toBe('failed cosign-digest-algorithm');
      const written = signed.cosign.digestAlgorithm?.replace('sha', 'SHA-');
      expect(report.verdict).toMatchObject({ problems: [{ params: { actual: written } }] });
    },
  );

  describe.each(CASES)('$name', (signed) => {
    test('put beside its artifact anew, as the twins are, is verified still', async () => {
      expect(outcome(await ask(shopWith(signed, signatureOf(signed), referrersApi), signed))).toBe('verified');
    });

    test.each(twinsOf(signed))('with $twin is refused: $expected', async ({ expected, serve, asked = {} }) => {
      const report = await ask(serve(referrersApi), signed, asked);
      expect([outcome(report), action(report)]).toEqual([expected, 'deny']);
    });
  });
});
