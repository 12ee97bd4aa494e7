import * as z from 'zod/mini';
import { Timestamp } from '../verdict/verdict.ts';

const KeyFacts = {
  /** Upper-case hex: 40 digits (v4) or 64 (v6). */
  fingerprint: z.string(),
  /** 16 upper-case hex digits. */
  keyId: z.string(),
  /** As people write it: `RSA 4096`, `Ed25519`. */
  algorithm: z.string(),
  createdAt: Timestamp,
  /** null: never. */
  expiresAt: z.nullable(Timestamp),
  canSign: z.boolean(),
  state: z.enum(['valid', 'expired', 'revoked']),
};

/** The mapping key ID → fingerprint → user IDs → subkeys that Helm's user-ID look-up lacks. */
export const KeyDescription = z.object({
  ...KeyFacts,
  /** Entry of argocd-gpg-keys-cm, or file, that holds the key. */
  entry: z.string(),
  userIds: z.array(z.object({ userId: z.string(), revoked: z.boolean() })),
  subkeys: z.array(z.object(KeyFacts)),
});
export type KeyDescription = z.infer<typeof KeyDescription>;
