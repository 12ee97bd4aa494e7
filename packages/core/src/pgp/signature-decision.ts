import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import type { StrictRules } from '../verdict/strict-rules.ts';
import { isNonEmpty, type NonEmpty, type PgpSigner } from '../verdict/verdict.ts';
import type { ClearSigned } from './clearsign.ts';
import { matchSignature } from './cryptography.ts';
import { isRsa, type KeyMaterial } from './key-packet.ts';
import type { Keyring } from './keyring.ts';
import { expiryOf, primarySelfSignature, primaryUserId, type SigningKey } from './pgp-key.ts';
import { type Signature, SIGNATURE_TYPE } from './signature.ts';
import { type OtherSignature, selectSignature } from './signature-selection.ts';
import { lifetimeProblems } from './signer-lifetime.ts';
import { timestamp } from './timestamp.ts';

/** Whether a clear-signed message counts as signed, and by whom. */
export type SignatureDecision = {
  /** Signatures beside the one that decides, none of them verified. */
  readonly others: readonly OtherSignature[];
} & (
  | { readonly outcome: 'valid'; readonly signer: PgpSigner; readonly warnings: readonly Problem[] }
  | {
      readonly outcome: 'refused';
      /** The most important first. */
      readonly problems: NonEmpty<Problem>;
      /** As far as it could be told; null: no key of the ring. */
      readonly signer: PgpSigner | null;
      /** The signer's key did make this signature over this text, whatever else stands against it. */
      readonly genuine: boolean;
    }
);

export interface SignatureQuestion {
  readonly message: ClearSigned;
  readonly keyring: Keyring;
  /** The time at which everything is judged. */
  readonly now: Date;
  readonly rules: Pick<StrictRules, 'sha1' | 'dsa' | 'rsaBelow2048'>;
}

/**
 * Decides about a clear-signed message as Helm 4.3 does – which signature, which key, and everything judged at `now` –
 * and then by this project's stricter rules. Beyond Helm, and without a switch, it refuses two different keys with the
 * signature's key ID, and a signature that names the fingerprint of another key.
 */
export async function decideSignature({ message, keyring, now, rules }: SignatureQuestion): Promise<SignatureDecision> {
  const selection = selectSignature(message.signature, keyring);
  const { others } = selection;
  if ('problems' in selection) {
    return { outcome: 'refused', problems: selection.problems, signer: null, genuine: false, others };
  }
  const { signature, candidates } = selection;
  const [signing] = candidates;
  const signer = describeSigner(signing, signature);
  const standing = problemOfKey(signature, candidates) ?? (await problemOfSignature(signing, signature, message));
  if (standing !== null) return { outcome: 'refused', problems: [standing], signer, genuine: false, others };
  const strict = strictProblems(signing, signature);
  const problems = [
    ...lifetimeProblems(signing, signature, Math.floor(now.getTime() / 1000)),
    ...strict.filter(({ rule }) => rules[rule] === 'reject').map((broken) => broken.problem),
  ];
  if (isNonEmpty(problems)) return { outcome: 'refused', problems, signer, genuine: true, others };
  return { outcome: 'valid', signer, warnings: strict.map((broken) => broken.problem), others };
}

/** What speaks against a signature before it is calculated. */
function problemOfKey(signature: Signature, candidates: NonEmpty<SigningKey>): Problem | null {
  const [signing] = candidates;
  const { key, material } = signing;
  if (signature.type !== SIGNATURE_TYPE.binary && signature.type !== SIGNATURE_TYPE.text) {
    return problem('signature-type-not-accepted', { type: signature.type });
  }
  const fingerprints = [...new Set(candidates.map((candidate) => candidate.material.fingerprint))];
  if (fingerprints.length > 1) {
    return problem('signature-key-id-collision', { keyId: material.keyId, fingerprints });
  }
  if (signature.issuerFingerprint !== null && signature.issuerFingerprint !== material.fingerprint) {
    return problem('signature-issuer-mismatch', {
      expected: material.fingerprint,
      actual: signature.issuerFingerprint,
    });
  }
  const unsupported = material.unsupported ?? key.primary.unsupported;
  if (unsupported !== null) return problem('signature-key-unsupported', { ...by(signing), algorithm: unsupported });
  return null;
}

async function problemOfSignature(
  signing: SigningKey,
  signature: Signature,
  message: ClearSigned,
): Promise<Problem | null> {
  const signed = signature.type === SIGNATURE_TYPE.text ? canonicalText(message.signed) : message.signed;
  const match = await matchSignature(signing.material, signature, signed);
  switch (match) {
    case 'valid':
      return null;
    case 'check-octets-differ':
      return problem('signature-check-octets-differ', by(signing));
    case 'digest-too-short':
      return problem('signature-digest-too-short', { ...by(signing), hash: signature.digest });
    case 'invalid':
    case 'unsupported':
      return problem('signature-invalid', by(signing));
  }
}

interface BrokenRule {
  readonly rule: 'sha1' | 'dsa' | 'rsaBelow2048';
  readonly problem: Problem;
}

function strictProblems(signing: SigningKey, signature: Signature): BrokenRule[] {
  const { material } = signing;
  const bits = bitsOf(material);
  const broken: BrokenRule[] = [];
  if (signature.digest === 'SHA-1') broken.push({ rule: 'sha1', problem: problem('signature-sha1', by(signing)) });
  if (material.algorithm === DSA) {
    broken.push({ rule: 'dsa', problem: problem('signature-dsa', { ...by(signing), bits }) });
  }
  if (isRsa(material) && bits < 2048) {
    broken.push({ rule: 'rsaBelow2048', problem: problem('signature-rsa-below-2048', { ...by(signing), bits }) });
  }
  return broken;
}

const DSA = 17;

function bitsOf({ bits }: KeyMaterial): number {
  return bits ?? 0;
}

function by({ key }: SigningKey): { fingerprint: string; userId: string } {
  return { fingerprint: key.primary.fingerprint, userId: quotable(primaryUserId(key)?.text ?? '') };
}

const MAX_USER_IDS = 20;

function describeSigner(signing: SigningKey, signature: Signature): PgpSigner {
  const { key, subkey, material, selfSignature } = signing;
  const primarySelf = primarySelfSignature(key);
  const first = primaryUserId(key);
  const userIds = [...key.userIds.filter((id) => id === first), ...key.userIds.filter((id) => id !== first)];
  const expiries = [
    primarySelf === null ? null : expiryOf(key.primary, primarySelf),
    subkey === null ? null : expiryOf(material, selfSignature),
  ].filter((expiry) => expiry !== null);
  return {
    kind: 'pgp',
    fingerprint: key.primary.fingerprint,
    keyId: key.primary.keyId,
    signingFingerprint: material.fingerprint,
    signingKeyId: material.keyId,
    userIds: userIds.slice(0, MAX_USER_IDS).map(({ text }) => quotable(text)),
    algorithm: material.name,
    hash: signature.digest,
    signedAt: timestamp(signature.created),
    expiresAt: expiries.length === 0 ? null : timestamp(Math.min(...expiries)),
  };
}

/**
 * Text as go-crypto hashes it for a signature of type 0x01 (`openpgp.NewCanonicalTextHash`): a line feed becomes
 * CR LF unless it follows a carriage return that does not itself follow one. So CR CR LF gets another one.
 */
function canonicalText(text: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  let start = 0;
  let afterCarriageReturn = false;
  for (const [index, octet] of text.entries()) {
    if (afterCarriageReturn) afterCarriageReturn = false;
    else if (octet === 0x0d) afterCarriageReturn = true;
    else if (octet === 0x0a) {
      pieces.push(text.subarray(start, index), Uint8Array.of(0x0d, 0x0a));
      start = index + 1;
    }
  }
  return Buffer.concat([...pieces, text.subarray(start)]);
}
