import type { SignatureCandidate } from '../../src/cosign/candidate.ts';
import { type Identity, readIdentity, type WrittenIdentity } from '../../src/cosign/identity.ts';
import { type CosignKey, readPublicKey } from '../../src/cosign/public-key.ts';
import type { CosignRequirement, SignedArtifact } from '../../src/cosign/requirement.ts';
import { verifySignature } from '../../src/cosign/verify-signature.ts';
import type { KeyPair } from './certificates.ts';
import { LATER, ARTIFACT, asCandidate, type Json } from './fake-sigstore.ts';

export function identity(written: WrittenIdentity = {}): Identity {
  const read = readIdentity({ issuer: 'https://issuer.test', subject: 'release@acme.test', ...written });
  if ('problem' in read) throw new Error(JSON.stringify(read.problem));
  return read.identity;
}

export function cosignKey(keys: KeyPair, name = 'release-2026'): CosignKey {
  const read = readPublicKey(name, keys.pem);
  if ('problem' in read) throw new Error(JSON.stringify(read.problem));
  return read.key;
}

export const NOBODY: CosignRequirement = {
  keys: [],
  identities: [],
  transparencyLog: 'required',
  certificateTransparency: 'required',
  digestAlgorithm: 'sha256',
  trustRoot: null,
  annotations: {},
};

/** `accepted`, `attestation`, or the code of the first problem. */
export function outcomeOf(
  signature: Json | SignatureCandidate,
  requirement: CosignRequirement,
  artifact: SignedArtifact = ARTIFACT,
  now = LATER,
): string {
  const candidate = isCandidate(signature) ? signature : asCandidate(signature);
  const outcome = verifySignature(candidate, artifact, requirement, now);
  return outcome.outcome === 'refused' ? outcome.problems[0].code : outcome.outcome;
}

function isCandidate(signature: Json | SignatureCandidate): signature is SignatureCandidate {
  return 'place' in signature;
}
