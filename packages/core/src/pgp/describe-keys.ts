import type { KeyDescription } from './key-description.ts';
import type { KeyMaterial } from './key-packet.ts';
import type { KeyReference } from './key-reference.ts';
import type { Keyring, KeyringKey } from './keyring.ts';
import { expiryOf, hasSigningFlag, isRevoked, primarySelfSignature, primaryUserId } from './pgp-key.ts';
import type { Signature } from './signature.ts';
import { timestamp } from './timestamp.ts';

/**
 * The mapping key ID → fingerprint → user IDs → subkeys of a key ring, as things stand at `now`. A key that is in the
 * ring more than once is described once, by the copy that counts: the first.
 */
export function describeKeys(keyring: Keyring, now: Date): KeyDescription[] {
  const seconds = Math.floor(now.getTime() / 1000);
  const first = new Map<string, KeyringKey>();
  for (const key of keyring.keys) {
    if (!first.has(key.primary.fingerprint)) first.set(key.primary.fingerprint, key);
  }
  return [...first.values()].map((key) => describeKey(key, seconds));
}

/** Keys that a reference means: by key ID or fingerprint of the primary key or of a subkey. */
export function findKeys(keyring: Keyring, reference: KeyReference): KeyringKey[] {
  const isMeant = ({ keyId, fingerprint }: KeyMaterial): boolean =>
    reference === (reference.length === 16 ? keyId : fingerprint);
  return keyring.keys.filter(({ primary, subkeys }) => [primary, ...subkeys.map((s) => s.material)].some(isMeant));
}

function describeKey(key: KeyringKey, now: number): KeyDescription {
  const primaryId = primaryUserId(key);
  const revoked =
    isRevoked(key.revocations, now) || (key.primary.version === 4 && isRevoked(primaryId?.revocations ?? [], now));
  return {
    ...facts(key.primary, primarySelfSignature(key), revoked, now),
    entry: key.entry,
    userIds: key.userIds.map(({ text, revocations }) => ({ userId: text, revoked: isRevoked(revocations, now) })),
    subkeys: key.subkeys.map(({ material, binding, revocations }) =>
      facts(material, binding, isRevoked(revocations, now), now),
    ),
  };
}

function facts(
  material: KeyMaterial,
  selfSignature: Signature | null,
  revoked: boolean,
  now: number,
): Omit<KeyDescription, 'entry' | 'userIds' | 'subkeys'> {
  const expiresAt = selfSignature === null ? null : expiryOf(material, selfSignature);
  const expired = material.created > now || (expiresAt !== null && now > expiresAt);
  const validity = expired ? 'expired' : 'valid';
  return {
    fingerprint: material.fingerprint,
    keyId: material.keyId,
    algorithm: material.name,
    createdAt: timestamp(material.created),
    expiresAt: expiresAt === null ? null : timestamp(expiresAt),
    canSign: material.canSign && hasSigningFlag(selfSignature),
    state: revoked ? 'revoked' : validity,
  };
}
