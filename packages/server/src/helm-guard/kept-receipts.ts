import { createHash } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { GuardedPull, Receipt } from '../guard/wire.ts';
import { keepFile } from './kept-file.ts';
import { readReceipt } from './read-answer.ts';
import { readSmallFile } from './small-file.ts';

/** The volume is small; the oldest make room. */
const MAX_RECEIPTS = 500;
const MAX_BYTES = 64 * 1024;

/** Keeps what the server vouched for. What cannot be kept is only missed later. */
export function keepReceipt(stateFolder: string, call: GuardedPull, receipt: Receipt): void {
  const path = pathOf(stateFolder, call);
  try {
    keepFile(path, JSON.stringify(receipt));
    makeRoom(dirname(path));
  } catch {
    // Then the server has to be asked.
  }
}

/** Null where there is none for exactly these bytes. */
export function keptReceipt(stateFolder: string, call: GuardedPull): Receipt | null {
  try {
    const json: unknown = JSON.parse(readSmallFile(pathOf(stateFolder, call), MAX_BYTES));
    return readReceipt(json) ?? null;
  } catch {
    return null;
  }
}

function makeRoom(folder: string): void {
  const names = readdirSync(folder);
  if (names.length <= MAX_RECEIPTS) return;
  const aged = names.map((name) => ({
    name,
    // Another call may have taken it away.
    at: statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  }));
  const oldest = aged.toSorted((a, b) => a.at - b.at).slice(0, names.length - MAX_RECEIPTS);
  for (const { name } of oldest) rmSync(join(folder, name), { recursive: true, force: true });
}

function pathOf(stateFolder: string, { repository, chart, version, digest }: GuardedPull): string {
  const name = createHash('sha256')
    .update(JSON.stringify([repository, chart, version, digest]))
    .digest('hex');
  return join(stateFolder, 'verified', `${name}.json`);
}
