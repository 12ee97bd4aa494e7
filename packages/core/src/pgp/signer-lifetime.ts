import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import type { KeyMaterial } from './key-packet.ts';
import { expiryOf, isRevoked, primarySelfSignature, primaryUserId, type SigningKey } from './pgp-key.ts';
import { isOutOfTime, type Signature } from './signature.ts';
import { timestamp } from './timestamp.ts';

/**
 * What stands against a genuine signature at `now` (seconds): critical notations, revocations, expiry – of the
 * signature, the key, the subkey and their self-signatures. As in go-crypto 1.4.1 (`checkMessageSignatureDetails`),
 * in its order, everything is judged now and not when the signature was made; here all of it is told, not the first.
 */
export function lifetimeProblems(signing: SigningKey, signature: Signature, now: number): Problem[] {
  const { key, subkey } = signing;
  const by = { fingerprint: key.primary.fingerprint, userId: quotable(primaryUserId(key)?.text ?? '') };
  const primarySelf = primarySelfSignature(key);
  // A key all of whose user IDs are only revoked has no self-signature to go by.
  if (primarySelf === null) return [problem('key-user-id-revoked', by)];
  const problems: Problem[] = [];
  const bindings = subkey === null ? [] : [subkey.binding, subkey.binding.embedded].filter((each) => each !== null);
  const selfSignatures = [primarySelf, ...bindings];
  for (const notation of [signature, ...selfSignatures].flatMap((each) => each.criticalNotations).slice(0, 1)) {
    problems.push(problem('signature-critical-notation', { ...by, notation: quotable(notation) }));
  }
  if (isRevoked(key.revocations, now)) {
    problems.push(problem('key-revoked', { ...by, reason: revocationReason(key.revocations) }));
  }
  if (subkey !== null && isRevoked(subkey.revocations, now)) {
    const reason = revocationReason(subkey.revocations);
    problems.push(problem('key-subkey-revoked', { ...by, subkey: subkey.material.fingerprint, reason }));
  }
  if (key.primary.version === 4 && isRevoked(primaryUserId(key)?.revocations ?? [], now)) {
    problems.push(problem('key-user-id-revoked', by));
  }
  if (key.primary.created > now || (subkey !== null && subkey.material.created > now)) {
    const created = Math.max(key.primary.created, subkey?.material.created ?? 0);
    problems.push(problem('key-not-yet-valid', { ...by, createdAt: timestamp(created) }));
  }
  const keyExpired = expiredAt(key.primary, primarySelf, now);
  if (keyExpired !== null) problems.push(problem('key-expired', { ...by, expiredAt: keyExpired }));
  const subkeyExpired = subkey === null ? null : expiredAt(subkey.material, subkey.binding, now);
  if (subkey !== null && subkeyExpired !== null) {
    const parameters = { ...by, subkey: subkey.material.fingerprint, expiredAt: subkeyExpired };
    problems.push(problem('key-subkey-expired', parameters));
  }
  if (signature.created > now) {
    problems.push(problem('signature-in-future', { ...by, signedAt: timestamp(signature.created) }));
  } else if (isOutOfTime(signature, now)) {
    const end = timestamp(signature.created + signature.lifetime);
    problems.push(problem('signature-expired', { ...by, expiredAt: end }));
  }
  if (selfSignatures.some((each) => isOutOfTime(each, now)))
    problems.push(problem('key-self-signature-out-of-time', by));
  return problems;
}

function expiredAt(material: KeyMaterial, selfSignature: Signature, now: number): string | null {
  const expiry = expiryOf(material, selfSignature);
  return expiry !== null && now > expiry ? timestamp(expiry) : null;
}

/** Reasons of RFC 9580, section 5.2.3.31. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [1, 'superseded by another key'],
  [2, 'compromised'],
  [3, 'no longer used'],
  [32, 'the user ID is no longer valid'],
]);

function revocationReason(revocations: readonly Signature[]): string {
  const codes = revocations.map((revocation) => revocation.revocationReason ?? 0);
  const code = codes.includes(2) ? 2 : (codes[0] ?? 0);
  return REASONS.get(code) ?? 'no reason given';
}
