import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GuardedPull, Receipt } from '../guard/wire.ts';

/** The volume is small; the oldest make room. */
const MAX_RECEIPTS = 500;

/** Keeps what the server vouched for. What cannot be kept is only missed later. */
export async function keepReceipt(stateFolder: string, call: GuardedPull, receipt: Receipt): Promise<void> {
  const folder = join(stateFolder, 'verified');
  const path = pathOf(folder, call);
  const draft = `${path}.${process.pid}`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(draft, JSON.stringify(receipt), { mode: 0o600 });
    await rename(draft, path);
    await makeRoom(folder);
  } catch {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

/** Null where there is none for exactly these bytes. */
export async function keptReceipt(stateFolder: string, call: GuardedPull): Promise<Receipt | null> {
  try {
    const json: unknown = JSON.parse(await readFile(pathOf(join(stateFolder, 'verified'), call), 'utf8'));
    const read = Receipt.safeParse(json);
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

async function makeRoom(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= MAX_RECEIPTS) return;
  const aged = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0 })),
  );
  const oldest = aged.toSorted((a, b) => a.at - b.at).slice(0, names.length - MAX_RECEIPTS);
  for (const { name } of oldest) await rm(join(folder, name), { force: true });
}

function pathOf(folder: string, { repository, chart, version, digest }: GuardedPull): string {
  const name = createHash('sha256')
    .update(JSON.stringify([repository, chart, version, digest]))
    .digest('hex');
  return join(folder, `${name}.json`);
}
