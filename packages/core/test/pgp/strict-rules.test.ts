import * as openpgp from 'openpgp';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeClearSigned } from '../../src/pgp/clearsign.ts';
import { type Keyring, readKeyring } from '../../src/pgp/keyring.ts';
import { decideSignature, type SignatureDecision } from '../../src/pgp/signature-decision.ts';
import { DEFAULT_STRICT_RULES, HELM_RULES, type StrictRules } from '../../src/verdict/strict-rules.ts';
import { cases, keyringOf, provenanceOf } from '../helm/provenance-vectors.ts';

const now = new Date('2026-11-01T00:00:00Z');

async function signedByRsa(rsaBits: number): Promise<{ ring: Uint8Array; message: Uint8Array }> {
  const config: openpgp.Config = { ...openpgp.config, minRSABits: 512 };
  const date = new Date('2025-01-01T00:00:00Z');
  const { privateKey } = await openpgp.generateKey({
    type: 'rsa',
    rsaBits,
    userIDs: [{ name: 'Old' }],
    subkeys: [],
    format: 'object',
    date,
    config,
  });
  const message = await openpgp.createCleartextMessage({ text: 'text' });
  const signed = await openpgp.sign({ message, signingKeys: privateKey, date, config });
  return { ring: privateKey.toPublic().write(), message: Buffer.from(signed) };
}

async function decide(keyring: Keyring, bytes: Uint8Array, rules: StrictRules): Promise<SignatureDecision> {
  const decoded = decodeClearSigned(bytes);
  if (!('message' in decoded)) throw new Error(decoded.reason);
  return decideSignature({ message: decoded.message, keyring, now, rules });
}

const rsa1024 = await signedByRsa(1024);

describe.each([
  { rule: 'sha1', code: 'signature-sha1', vector: 'dig-SHA1' },
  { rule: 'dsa', code: 'signature-dsa', vector: 'dsa1024' },
  { rule: 'rsaBelow2048', code: 'signature-rsa-below-2048', vector: null },
] as const)('the strict rule $rule', ({ rule, code, vector }) => {
  let keyring: Keyring;
  let bytes: Uint8Array;

  beforeAll(async () => {
    keyring =
      vector === null ? await readKeyring([{ name: 'ring', bytes: rsa1024.ring }], 'files') : await keyringOf(vector);
    bytes = vector === null ? rsa1024.message : provenanceOf(vector);
  });

  test('refuses a genuine signature under its own code', async () => {
    const decision = await decide(keyring, bytes, { ...HELM_RULES, [rule]: 'reject' });
    expect(decision).toMatchObject({ outcome: 'refused', genuine: true, problems: [{ code }] });
  });

  test('becomes a warning when it is switched off', async () => {
    const decision = await decide(keyring, bytes, { ...DEFAULT_STRICT_RULES, [rule]: 'accept' });
    expect(decision).toMatchObject({ outcome: 'valid', warnings: [{ code }] });
  });
});

test('strict rules say nothing of keys and digests that are good enough', async () => {
  for (const { name } of cases.filter(({ name }) => ['rsa2048', 'ed25519', 'nistp256', 'dig-SHA224'].includes(name))) {
    const decision = await decide(await keyringOf(name), provenanceOf(name), DEFAULT_STRICT_RULES);
    expect(decision).toMatchObject({ outcome: 'valid', warnings: [] });
  }
});

test('an RSA key below 1024 bits is unusable, whatever the rules', async () => {
  const { ring } = await signedByRsa(768);
  const { keys, faults } = await readKeyring([{ name: 'ring', bytes: ring }], 'files');
  expect(keys).toEqual([]);
  expect(faults).toMatchObject([{ problem: { code: 'keyring-key-unusable' } }]);
});
