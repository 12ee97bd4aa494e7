import type { Observation, Signer, Verdict } from '@source-integrity/core/contract';

/** Whom a signature is by, as people call them. */
export function signerName(signer: Signer): string {
  switch (signer.kind) {
    case 'pgp':
      return signer.userIds[0] ?? `key ${signer.keyId}`;
    case 'cosign-key':
      return `key ${signer.keyName}`;
    case 'keyless':
      return signer.subject;
  }
}

/** The same for two signatures of one signer, and of no other. */
export function signerIdentity(signer: Signer): string {
  switch (signer.kind) {
    case 'pgp':
    case 'cosign-key':
      return JSON.stringify([signer.kind, signer.fingerprint]);
    case 'keyless':
      return JSON.stringify([signer.kind, signer.issuer, signer.subject]);
  }
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
