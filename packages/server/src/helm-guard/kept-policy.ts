import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { keepFile } from './kept-file.ts';
import { codeOf, readSmallFile } from './small-file.ts';

/** The policy as the server told it last, to know what is nobody's business while the server is away. */
const KeptPolicy = z.object({ digest: z.string(), at: z.string(), entries: z.record(z.string(), z.string()) });
export type KeptPolicy = z.infer<typeof KeptPolicy>;

/** Why there is none, as a clause that follows "and". */
export interface NoPolicy {
  readonly missing: string;
}

const FILE = 'policy.json';
/** A ConfigMap holds 1 MiB; as JSON it is longer. */
const MAX_BYTES = 4 * 1024 * 1024;

export function readKeptPolicy(folder: string): KeptPolicy | NoPolicy {
  let text: string;
  try {
    text = readSmallFile(join(folder, FILE), MAX_BYTES);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return { missing: 'this guard has not seen a policy yet, or could not keep it' };
    return { missing: `the policy that this guard keeps cannot be read (${code})` };
  }
  try {
    const json: unknown = JSON.parse(text);
    const read = KeptPolicy.safeParse(json);
    if (read.success) return read.data;
  } catch {
    // Below.
  }
  return { missing: 'the policy that this guard keeps is damaged' };
}

/** Null, or why it could not be kept: then there is none, since one that is no longer in force would let too much pass. */
export async function keepPolicy(folder: string, policy: KeptPolicy): Promise<string | null> {
  const path = join(folder, FILE);
  try {
    await keepFile(path, JSON.stringify(policy));
    return null;
  } catch (error) {
    // A full volume can still forget.
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
    return codeOf(error);
  }
}
