import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { verifyChart } from '../../src/helm/verify-provenance.ts';
import { decodeClearSigned } from '../../src/pgp/clearsign.ts';
import type { Keyring } from '../../src/pgp/keyring.ts';
import { HELM_RULES } from '../../src/verdict/strict-rules.ts';
import {
  CHART_FILE,
  CHART_METADATA,
  chartDigest,
  keyringOf,
  NOW,
  provenanceOf,
  sha256,
  verifyVector,
} from './provenance-vectors.ts';

const NAMES = ['rsa2048', 'ed25519', 'nistp256', 'subkey-sign', 't-crlf-file', 'multi-both-good'];
const keyrings = new Map<string, Keyring>();

beforeAll(async () => {
  for (const name of NAMES) keyrings.set(name, await keyringOf(name));
});

function keyring(name: string): Keyring {
  const known = keyrings.get(name);
  if (known === undefined) throw new Error(name);
  return known;
}

/** The text that a provenance file signs, which decides what it says; empty: none. */
function signedText(bytes: Uint8Array): string {
  const decoded = decodeClearSigned(bytes);
  return 'message' in decoded ? Buffer.from(decoded.message.signed).toString('latin1') : '';
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const mutated = Uint8Array.from(bytes);
  mutated[bit >> 3] = (mutated[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return mutated;
}

/**
 * Helm takes some changes for the same file: blanks at the ends of lines, armor headers, the checksum, bits of the
 * signature that are not protected. Then, and only then, the text must be the very one that was signed.
 */
async function expectSameText(name: string, mutated: Uint8Array): Promise<void> {
  const { observation } = await verifyVector(mutated, keyring(name), HELM_RULES);
  if (observation.status === 'verified') expect(signedText(mutated)).toBe(signedText(provenanceOf(name)));
}

describe.each(NAMES)('the provenance file %s', (name) => {
  const original = provenanceOf(name);

  test('with any bit flipped is refused, or signs the same text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(original.length * 8 - 1), (bit) => expectSameText(name, flipped(original, bit))),
      { numRuns: 300 },
    );
  });

  test('with any visible character of its text changed is refused', async () => {
    const start =
      Buffer.from(original).indexOf('\n\n') < 0
        ? Buffer.from(original).indexOf('\r\n\r\n') + 4
        : Buffer.from(original).indexOf('\n\n') + 2;
    const end = Buffer.from(original).indexOf('-----BEGIN PGP SIGNATURE');
    const visible = Array.from({ length: end - start }, (_, index) => start + index).filter(
      (index) => (original[index] ?? 0) > 0x20,
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...visible), fc.integer({ min: 0x21, max: 0x7e }), async (index, octet) => {
        fc.pre(octet !== original[index]);
        const mutated = Uint8Array.from(original);
        mutated[index] = octet;
        expect((await verifyVector(mutated, keyring(name), HELM_RULES)).observation.status).not.toBe('verified');
      }),
      { numRuns: 200 },
    );
  });

  test('with octets left out, repeated or put in is refused, or signs the same text', async () => {
    const position = fc.nat(original.length);
    const piece = fc.constantFrom(
      '\n',
      '\r',
      ' ',
      '\t',
      '- ',
      '=',
      '\n...\n',
      'files: {}\n',
      '-----BEGIN PGP SIGNATURE-----\n',
      'A',
    );
    await fc.assert(
      fc.asyncProperty(
        position,
        position,
        piece,
        fc.constantFrom('cut', 'repeat', 'insert'),
        async (a, b, text, how) => {
          const [from, to] = [Math.min(a, b), Math.max(a, b)];
          const middle = {
            cut: '',
            repeat: Buffer.from(original.subarray(from, to)).toString('latin1').repeat(2),
            insert: text,
          };
          const end = how === 'insert' ? from : to;
          const parts = [original.subarray(0, from), Buffer.from(middle[how], 'latin1'), original.subarray(end)];
          await expectSameText(name, Buffer.concat(parts));
        },
      ),
      { numRuns: 200 },
    );
  });

  test('never makes another chart verified', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (chart) => {
        const { observation } = await verifyChart({
          chart: { fileName: CHART_FILE, digest: sha256(chart), metadata: CHART_METADATA, problems: [] },
          provenance: { state: 'found', location: 'x', bytes: original },
          keyring: keyring(name),
          trust: 'any-key',
          rules: HELM_RULES,
          now: NOW,
          requested: null,
          indexDigest: null,
        });
        expect(observation.status).toBe('failed');
        expect(sha256(chart)).not.toBe(chartDigest);
      }),
      { numRuns: 50 },
    );
  });
});

test('any octets in place of a provenance file are refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
      expect((await verifyVector(bytes, keyring('rsa2048'), HELM_RULES)).observation.status).toBe('failed');
    }),
    { numRuns: 200 },
  );
});
