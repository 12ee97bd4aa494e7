import type { KeyMaterial } from './key-packet.ts';
import { isOutOfTime, type Signature } from './signature.ts';

/** A user ID that its key signed or revoked. */
export interface UserId {
  readonly text: string;
  /** The newest; null: only revoked, never signed. */
  readonly selfSignature: Signature | null;
  readonly revocations: readonly Signature[];
}

/** A subkey whose binding (and, if it signs, back-signature) was verified. */
export interface Subkey {
  readonly material: KeyMaterial;
  readonly binding: Signature;
  readonly revocations: readonly Signature[];
}

/** A key whose self-signatures and revocations were verified when it was read. */
export interface PgpKey {
  readonly primary: KeyMaterial;
  /** It came with its private part. */
  readonly secret: boolean;
  readonly userIds: readonly UserId[];
  readonly subkeys: readonly Subkey[];
  readonly revocations: readonly Signature[];
  /** v6 keys only: there it carries what a v4 key's primary user ID carries. */
  readonly directSignature: Signature | null;
}

/** A primary key or a subkey that may sign, with the self-signature that says so. */
export interface SigningKey {
  readonly key: PgpKey;
  /** null: the primary key itself. */
  readonly subkey: Subkey | null;
  readonly material: KeyMaterial;
  readonly selfSignature: Signature;
}

const SIGN = 2;

/** The user ID whose self-signature counts for the key: not revoked, then marked as primary, then the newest. */
export function primaryUserId(key: PgpKey): UserId | null {
  let preferred: UserId | null = null;
  for (const userId of key.userIds) if (preferred === null || isPreferred(userId, preferred)) preferred = userId;
  return preferred;
}

function isPreferred(candidate: UserId, preferred: UserId): boolean {
  if (candidate.revocations.length !== preferred.revocations.length) {
    return candidate.revocations.length < preferred.revocations.length;
  }
  if (preferred.selfSignature === null) return true;
  if (candidate.selfSignature === null) return false;
  if (candidate.selfSignature.primaryUserId !== preferred.selfSignature.primaryUserId) {
    return candidate.selfSignature.primaryUserId;
  }
  return candidate.selfSignature.created > preferred.selfSignature.created;
}

/** The self-signature that carries expiry and flags of the primary key (go-crypto's `PrimarySelfSignature`). */
export function primarySelfSignature(key: PgpKey): Signature | null {
  return key.primary.version === 6 ? key.directSignature : (primaryUserId(key)?.selfSignature ?? null);
}

/** A primary key or a subkey, whatever it may do. */
export type AnyKey = Omit<SigningKey, 'selfSignature'> & { readonly selfSignature: Signature | null };

/** Primary keys and subkeys by their key ID, in the order of the ring. */
export function indexByKeyId(keys: readonly PgpKey[]): ReadonlyMap<string, readonly AnyKey[]> {
  const index = new Map<string, AnyKey[]>();
  const add = (key: AnyKey): void => {
    const known = index.get(key.material.keyId);
    if (known === undefined) index.set(key.material.keyId, [key]);
    else known.push(key);
  };
  for (const key of keys) {
    add({ key, subkey: null, material: key.primary, selfSignature: primarySelfSignature(key) });
    for (const subkey of key.subkeys) {
      add({ key, subkey, material: subkey.material, selfSignature: subkey.binding });
    }
  }
  return index;
}

/** Whether a self-signature marks its key for signing. Nothing is assumed where there are no flags. */
export function maySign(key: AnyKey): key is SigningKey {
  return hasSigningFlag(key.selfSignature);
}

export function hasSigningFlag(selfSignature: Signature | null): boolean {
  return ((selfSignature?.keyFlags ?? 0) & SIGN) !== 0;
}

/** A revocation for compromise counts even before its date; any other while it is in its time. */
export function isRevoked(revocations: readonly Signature[], now: number): boolean {
  return revocations.some((revocation) => revocation.revocationReason === COMPROMISED || !isOutOfTime(revocation, now));
}

const COMPROMISED = 2;

/** When a key expires by a self-signature, in seconds since 1970; null: never. */
export function expiryOf(material: KeyMaterial, selfSignature: Signature): number | null {
  return selfSignature.keyLifetime === 0 ? null : material.created + selfSignature.keyLifetime;
}
