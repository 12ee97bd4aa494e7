import type { Keys } from '@source-integrity/core/contract';

/** Whose key a key ID or fingerprint is, by the key ring: the first user ID that is not revoked. */
export function userIdOf(id: string, keys: Keys): string | null {
  const wanted = id.replace(/^0x|\s/gi, '').toUpperCase();
  const owner = keys.keys.find(({ key }) =>
    [key, ...key.subkeys].some((each) => each.fingerprint === wanted || each.keyId === wanted),
  );
  const ids = owner?.key.userIds ?? [];
  return (ids.find((each) => !each.revoked) ?? ids[0])?.userId ?? null;
}
