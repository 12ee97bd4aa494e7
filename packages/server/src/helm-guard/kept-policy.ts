import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';

/** The policy as the server told it last, to know what is nobody's business while the server is away. */
const KeptPolicy = z.object({ digest: z.string(), at: z.string(), entries: z.record(z.string(), z.string()) });
export type KeptPolicy = z.infer<typeof KeptPolicy>;

const FILE = 'policy.json';

/** Null where none was kept, or what was kept cannot be read. */
export async function readKeptPolicy(folder: string): Promise<KeptPolicy | null> {
  try {
    const json: unknown = JSON.parse(await readFile(join(folder, FILE), 'utf8'));
    const read = KeptPolicy.safeParse(json);
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

/** Replaces it as a whole, since several calls of Helm run at once. A full volume is no reason to refuse a chart. */
export async function keepPolicy(folder: string, policy: KeptPolicy): Promise<string | null> {
  const draft = join(folder, `${FILE}.${process.pid}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(draft, JSON.stringify(policy), { mode: 0o600 });
    await rename(draft, join(folder, FILE));
    return null;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  }
}
