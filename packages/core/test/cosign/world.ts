import type { CosignRequirement } from '../../src/cosign/requirement.ts';
import { Digest } from '../../src/verdict/verdict.ts';
import { keyPair } from './certificates.ts';
import {
  sha256,
  FakeSigstore,
  statement,
  simpleSigning,
  change,
  type LeafOptions,
  type Signing,
  type Json,
} from './fake-sigstore.ts';
import { identity, cosignKey, NOBODY } from './outcome.ts';

export const sigstore = new FakeSigstore();
export const trustRoot = sigstore.trustRoot();
export const key = keyPair();
export const BY_KEY: CosignRequirement = { ...NOBODY, keys: [cosignKey(key)], trustRoot };
export const OFFLINE: CosignRequirement = { ...NOBODY, keys: [cosignKey(key)], transparencyLog: 'optional' };
export const KEYLESS: CosignRequirement = { ...NOBODY, identities: [identity()], trustRoot };
export const GOOD = sigstore.leaf();

export const bundle = (signing: Partial<Signing> = {}, payload = statement()): Json =>
  sigstore.bundle(payload, { by: GOOD, ...signing });
export const legacy = (signing: Partial<Signing> = {}, payload = simpleSigning()) =>
  sigstore.legacy(payload, { by: GOOD, ...signing });
export const issued = (options: LeafOptions) => sigstore.leaf(options);
export const ENTRY = ['verificationMaterial', 'tlogEntries', 0] as const;
export const changed = (signed: Json, path: readonly (string | number)[], value: unknown): Json => {
  change(signed, path, value);
  return signed;
};

export function digestOf(bytes: Buffer): Digest {
  return Digest.parse(`sha256:${sha256(bytes).toString('hex')}`);
}

export function readPath(target: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, step) => Reflect.get(Object(value), step), target);
}

export function readList(target: unknown, path: readonly (string | number)[]): readonly unknown[] {
  const value = readPath(target, path);
  return Array.isArray(value) ? value : [];
}

export const wanting = (changes: Partial<CosignRequirement>, of: CosignRequirement = KEYLESS): CosignRequirement => ({
  ...of,
  ...changes,
});
