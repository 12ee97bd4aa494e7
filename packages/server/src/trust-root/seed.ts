import { problem, type ReadTrustRoot, readTrustRoot } from '@source-integrity/core';
import seeds from '@sigstore/tuf/seeds.json' with { type: 'json' };
import * as z from 'zod';

/** The name under which problems speak of the root that holds where a policy names none. */
export const PUBLIC_GOOD = 'public-good';
/** The target of a TUF repository that holds the trust root (Sigstore's client specification). */
export const TARGET = 'trusted_root.json';

/** A TUF repository as the library ships it: its root metadata and targets, without what would say how fresh they are. */
interface Seed {
  /** URL of the mirror, without a slash at its end. */
  readonly mirror: string;
  /** `root.json`, from which every later one can be verified. */
  readonly root: Buffer;
  readonly target: Buffer;
}

const Seeds = z.record(z.string(), z.object({ 'root.json': z.base64(), targets: z.record(z.string(), z.base64()) }));

/** The public-good instance. The library ships one seed; null where a later one ships none that can be used. */
export const SEED: Seed | null = readSeed();

function readSeed(): Seed | null {
  const [entry] = Object.entries(Seeds.parse(seeds));
  const encoded = entry?.[1].targets[TARGET];
  if (entry === undefined || encoded === undefined) return null;
  const [mirror, seed] = entry;
  return { mirror, root: Buffer.from(seed['root.json'], 'base64'), target: Buffer.from(encoded, 'base64') };
}

const RootMetadata = z.object({ signed: z.object({ _type: z.literal('root'), version: z.int() }) });

/** Whether text looks like TUF's `root.json`; whether it is signed is for who uses it to find out. */
export function isRootMetadata(text: string): boolean {
  return rootVersion(text) > 0;
}

/** Of TUF root metadata, from 1; 0 for what is none. */
export function rootVersion(text: string): number {
  try {
    return RootMetadata.parse(JSON.parse(text)).signed.version;
  } catch {
    return 0;
  }
}

/** The root of the public-good instance as it was when this version was released. */
export function shippedTrustRoot(now: Date): ReadTrustRoot {
  return SEED === null ? { problem: problem('trust-root-missing', {}) } : readTrustRoot(PUBLIC_GOOD, SEED.target, now);
}
