import type { Observation, Signer, Verdict } from '@source-integrity/core/contract';

/** Whom a signature is by, as people call them: a user ID, or the key ID of a key that has none. */
export function signerName(signer: Signer): string {
  return signer.userIds[0] ?? `key ${signer.keyId}`;
}

/** Who signed, as far as that could be told: also where it is not enough, or nobody asked. */
export function signersOf(verdict: Verdict | Observation): readonly Signer[] {
  switch (verdict.status) {
    case 'verified':
    case 'failed':
      return verdict.signers;
    case 'not-required':
      return verdict.observed === null ? [] : signersOf(verdict.observed);
    case 'unsigned':
    case 'indeterminate':
    case 'unsupported':
      return [];
  }
}
