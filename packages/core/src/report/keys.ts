import * as z from 'zod/mini';
import { KeyDescription } from '../pgp/key-description.ts';
import { PolicyRef } from '../verdict/decision.ts';
import { Problem } from '../verdict/problem.ts';

/** `GET /api/v1/keys`: the key ring, and which entries that concern the Application's project trust which key. */
export const Keys = z.object({
  keys: z.array(z.object({ key: KeyDescription, trustedBy: z.array(PolicyRef) })),
  /** Entries of argocd-gpg-keys-cm that could not be used. */
  problems: z.array(Problem),
});
export type Keys = z.infer<typeof Keys>;
