import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import type { PgpSigner } from '../verdict/verdict.ts';

declare const brand: unique symbol;

/** A key as a policy names it: upper-case hex, 16 digits (key ID), 40 (v4 fingerprint) or 64 (v6 fingerprint). */
export type KeyReference = string & { readonly [brand]: 'KeyReference' };

export type KeyReferenceOutcome = { readonly reference: KeyReference } | { readonly problem: Problem };

const MAX_LENGTH = 200;

/**
 * Reads a key reference: 16, 40 or 64 hex digits in any case, with or without spaces and `0x`. Key IDs of 8 digits are
 * refused, since keys with a given one can be made in seconds, and so are user IDs, which anybody can claim.
 */
export function parseKeyReference(text: string): KeyReferenceOutcome {
  if (text.length > MAX_LENGTH) return invalid(text, 'is too long for a key');
  const digits = text.replaceAll(/\s/g, '').replace(/^0x/i, '').toUpperCase();
  if (isKeyReference(digits)) return { reference: digits };
  if (digits === '') return invalid(text, 'is empty');
  if (text.includes('@')) return invalid(text, 'is a user ID, which anybody can claim');
  if (!/^[0-9A-F]*$/.test(digits)) return invalid(text, 'has characters that are not hex digits');
  if (digits.length === 8) return invalid(text, 'is a short key ID, which is easily forged');
  return invalid(text, `has ${digits.length} hex digits instead of 16, 40 or 64`);
}

/** Whether a signer is the key that is meant: its primary key or the subkey that signed, by key ID or fingerprint. */
export function matchesSigner(reference: KeyReference, signer: PgpSigner): boolean {
  return reference.length === 16
    ? reference === signer.keyId || reference === signer.signingKeyId
    : reference === signer.fingerprint || reference === signer.signingFingerprint;
}

function isKeyReference(digits: string): digits is KeyReference {
  return /^(?:[0-9A-F]{16}|[0-9A-F]{40}|[0-9A-F]{64})$/.test(digits);
}

function invalid(text: string, reason: string): { readonly problem: Problem } {
  return { problem: problem('key-reference-invalid', { reference: quotable(text), reason }) };
}
