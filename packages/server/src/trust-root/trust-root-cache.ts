import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import type { Metadata } from './tuf-refresh.ts';

/** What a mirror has vouched for, and when. */
export interface CachedTrustRoot {
  readonly metadata: Metadata & { readonly root: string };
  /** `trusted_root.json`; null before the first refresh that succeeded. */
  readonly target: Uint8Array | null;
  /** When the mirror last vouched for the target. */
  readonly checkedAt: Date | null;
}

const Entry = z.strictObject({
  version: z.literal(1),
  metadata: z.strictObject({
    root: z.string(),
    timestamp: z.optional(z.string()),
    snapshot: z.optional(z.string()),
    targets: z.optional(z.string()),
  }),
  target: z.nullable(z.base64()),
  checkedAt: z.nullable(z.iso.datetime()),
});

/**
 * One file below the data folder for each mirror and each root that it was trusted by: who names another root starts
 * anew. The digest in its first line tells a damaged file; against who may write in the folder nothing is meant to help.
 */
export class TrustRootCache {
  readonly folder: string;
  readonly #file: string;

  /** `anchor` is the `root.json` that an administrator gave; null: the one that came with this release. */
  constructor(dataDir: string, mirror: string, anchor: Uint8Array | null) {
    const name = createHash('sha256')
      .update(JSON.stringify([mirror, anchor === null ? 'shipped' : hexDigest(anchor)]))
      .digest('hex');
    this.folder = join(dataDir, 'trust-root');
    this.#file = join(this.folder, `${name.slice(0, 32)}.json`);
  }

  /** Null where there is none, and where it is damaged: then the mirror is asked again from the beginning. */
  async read(): Promise<CachedTrustRoot | null> {
    let text: string;
    try {
      text = await readFile(this.#file, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
    const end = text.indexOf('\n');
    const json = text.slice(end + 1);
    if (text.slice(0, end) !== hexDigest(json)) return null;
    const { metadata, target, checkedAt } = Entry.parse(JSON.parse(json));
    const { root, timestamp, snapshot, targets } = metadata;
    return {
      metadata: {
        root,
        ...(timestamp === undefined ? {} : { timestamp }),
        ...(snapshot === undefined ? {} : { snapshot }),
        ...(targets === undefined ? {} : { targets }),
      },
      target: target === null ? null : Buffer.from(target, 'base64'),
      checkedAt: checkedAt === null ? null : new Date(checkedAt),
    };
  }

  /** All of it or nothing, for readers of this moment and after a crash. */
  async write({ metadata, target, checkedAt }: CachedTrustRoot): Promise<void> {
    const json = JSON.stringify({
      version: 1,
      metadata,
      target: target === null ? null : Buffer.from(target).toString('base64'),
      checkedAt: checkedAt?.toISOString() ?? null,
    });
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    const unfinished = `${this.#file}.${randomUUID()}`;
    try {
      await writeFile(unfinished, `${hexDigest(json)}\n${json}`, { mode: 0o600, flush: true });
      await rename(unfinished, this.#file);
    } finally {
      await rm(unfinished, { force: true });
    }
  }
}

function hexDigest(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
