import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { keepFile } from './kept-file.ts';
import { isObject, readEntries } from './read-answer.ts';
import { codeOf, readSmallFile } from './small-file.ts';

/** The policy as the server told it last, to know what is nobody's business while the server is away. */
export interface KeptPolicy {
  readonly digest: string;
  /** When it was told, in ISO 8601. */
  readonly at: string;
  readonly entries: Readonly<Record<string, string>>;
}

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
    const read = keptPolicyIn(json);
    if (read !== null) return read;
  } catch {
    // Below.
  }
  return { missing: 'the policy that this guard keeps is damaged' };
}

function keptPolicyIn(json: unknown): KeptPolicy | null {
  if (!isObject(json)) return null;
  const { digest, at } = json;
  const entries = readEntries(json['entries']);
  return typeof digest === 'string' && typeof at === 'string' && entries !== undefined ? { digest, at, entries } : null;
}

/** Null, or why it could not be kept: then there is none, since one that is no longer in force would let too much pass. */
export function keepPolicy(folder: string, policy: KeptPolicy): string | null {
  const path = join(folder, FILE);
  try {
    keepFile(path, JSON.stringify(policy));
    return null;
  } catch (error) {
    try {
      // A full volume can still forget.
      rmSync(path, { recursive: true, force: true });
    } catch {
      // Neither kept nor forgotten is told as well.
    }
    return codeOf(error);
  }
}
