import { describe, expect, test } from 'vitest';
import type { Observation } from '../../src/verdict/verdict.ts';
import { DEFAULT_STRICT_RULES, HELM_RULES } from '../../src/verdict/strict-rules.ts';
import { cases, keyringOf, provenanceOf, verifyVector } from './provenance-vectors.ts';

/** What Helm 4.3.1 accepts and this project can't verify, whatever the rules. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  brainpoolP256r1: 'signature-key-unsupported',
  secp256k1: 'signature-key-unsupported',
  'kr-kbx': 'keyring-keybox',
};

/** What Helm 4.3.1 rejects and this project accepts, with a warning: the right digest under another name. */
const ACCEPTED_BY_DIGEST: Readonly<Record<string, string>> = { 'y-othername': 'file-name-differs' };

/** What Helm 4.3.1 accepts and a stricter rule refuses. */
const STRICTER: Readonly<Record<string, string>> = {
  'dig-SHA1': 'signature-sha1',
  dsa1024: 'signature-dsa',
  // What these sign before the digests is no chart's metadata: it has neither name nor version.
  't-bom-inside': 'signed-metadata-unreadable',
  't-dashes': 'signed-metadata-unreadable',
  't-latin1': 'signed-metadata-unreadable',
  'y-bad-metadata-yaml': 'signed-metadata-unreadable',
  'y-metadata-mismatch': 'metadata-mismatch',
};

/** The first problem of each case that Helm rejects, too. */
const REFUSED: Readonly<Record<string, string>> = {
  'a-literal-first': 'signature-unreadable',
  'a-longline': 'signature-unreadable',
  'a-noblank': 'signature-block-malformed',
  'a-sigline-trailing-space': 'signature-block-malformed',
  'a-trunc': 'signature-unreadable',
  'crit-notation': 'signature-critical-notation',
  'h-charset': 'signature-block-malformed',
  'h-lowerkey': 'signature-block-malformed',
  'h-unknown': 'signature-block-malformed',
  'key-expired-now': 'key-expired',
  'key-revoked-r0': 'key-revoked',
  'key-revoked-r2': 'key-revoked',
  'key-revoked-r3': 'key-revoked',
  'kr-dup-stale-first': 'key-expired',
  'kr-unsup-after': 'keyring-key-unusable',
  'multi-bad-then-good-samekey': 'signature-invalid',
  'sig-expired': 'signature-expired',
  'sig-future': 'signature-in-future',
  'sign-conly-primary': 'signature-key-not-for-signing',
  'subkey-revoked': 'key-subkey-revoked',
  't-evil-block-first': 'signature-invalid',
  't-leading-space-line': 'signature-block-malformed',
  'uid-only-revoked': 'key-user-id-revoked',
  'y-3docs-third-good': 'chart-digest-mismatch',
  'y-bad-files-yaml': 'provenance-files-unreadable',
  'y-dupkey-bad-last': 'chart-digest-mismatch',
  'y-files-list': 'provenance-files-unreadable',
  'y-nolabel': 'chart-digest-misspelt',
  'y-sha512-label': 'chart-digest-misspelt',
};

function codes(observation: Observation): string[] {
  return 'problems' in observation ? observation.problems.map(({ code }) => code) : [];
}

function warnings(observation: Observation): string[] {
  return observation.status === 'verified' ? [...new Set(observation.warnings.map(({ code }) => code))] : [];
}

describe('provenance vectors', () => {
  test('each of the 75 is either accepted by Helm or has an expected problem here', () => {
    expect(cases).toHaveLength(75);
    for (const { name, helm } of cases) {
      expect(helm === 'FAIL', name).toBe(name in REFUSED || name in ACCEPTED_BY_DIGEST);
    }
  });

  describe.each(cases)('$name, which Helm 4.3.1 answers with $helm', ({ name, helm, detail }) => {
    test('gets the same answer without the stricter rules, unless named otherwise', async () => {
      const { observation } = await verifyVector(provenanceOf(name), await keyringOf(name), HELM_RULES);
      const expected = UNSUPPORTED[name] ?? REFUSED[name];
      if (expected !== undefined) {
        expect(observation.status).not.toBe('verified');
        expect(codes(observation)[0]).toBe(expected);
        return;
      }
      expect(observation.status).toBe('verified');
      const warning = ACCEPTED_BY_DIGEST[name] ?? STRICTER[name];
      expect(warnings(observation)).toEqual(warning === undefined ? [] : [warning]);
      if (helm === 'OK' && observation.status === 'verified') {
        expect(observation.signers.flatMap((signer) => (signer.kind === 'pgp' ? [signer.fingerprint] : []))).toEqual([
          detail,
        ]);
      }
    });

    test('is refused by the stricter rules only under the code of that rule', async () => {
      const { observation } = await verifyVector(provenanceOf(name), await keyringOf(name), DEFAULT_STRICT_RULES);
      const expected = UNSUPPORTED[name] ?? REFUSED[name] ?? STRICTER[name];
      expect(codes(observation)[0]).toBe(expected);
      expect(observation.status === 'verified').toBe(expected === undefined);
    });
  });

  test('exotic curves are unsupported, and a ring that can not be read leaves the question open', async () => {
    const status = async (name: string): Promise<string> =>
      (await verifyVector(provenanceOf(name), await keyringOf(name))).observation.status;
    expect(await status('brainpoolP256r1')).toBe('unsupported');
    expect(await status('secp256k1')).toBe('unsupported');
    expect(await status('kr-kbx')).toBe('indeterminate');
    expect(await status('kr-unsup-after')).toBe('indeterminate');
  });
});
