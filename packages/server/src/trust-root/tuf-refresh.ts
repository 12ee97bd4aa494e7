import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Fetch, FetchFault, type Problem, problem, quotable, type RepositoryAccess } from '@source-integrity/core';
import { Updater } from 'tuf-js';
import { MirrorFetcher } from './mirror-fetcher.ts';
import { TARGET } from './seed.ts';

/** The files of TUF's roles; `root` is there from the beginning, the others after the first refresh. */
const ROLES = ['root', 'timestamp', 'snapshot', 'targets'] as const;
export type Metadata = Readonly<Partial<Record<(typeof ROLES)[number], string>>>;

export interface RefreshRequest {
  /** URL of the mirror, without a slash at its end. */
  readonly mirror: string;
  /** What was verified before: the root to start from, and what nothing older is taken for. */
  readonly known: Metadata & { readonly root: string };
  readonly knownTarget: Uint8Array | null;
  readonly fetch: Fetch;
  readonly access: RepositoryAccess;
  /** A folder for working copies; made if need be. */
  readonly folder: string;
  /** For the whole of it. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface Refreshed {
  /** What is verified now, also where the target could not be had: a newer root stays in force. */
  readonly metadata: Metadata & { readonly root: string };
  readonly outcome: { readonly target: Uint8Array } | { readonly problem: Problem };
}

/** Targets are a few kilobytes; what core would not read need not be fetched. */
const MAX_TARGET_BYTES = 1024 * 1024;

/**
 * Asks a TUF repository for its trust root (TUF specification 1.0, "Detailed client workflow", by tuf-js): keys and
 * thresholds of every root since the known one, no older version of anything, nothing that has expired. Works on copies,
 * so that neither a crash nor a full disk leaves half of it behind.
 */
export async function refreshTrustRoot(request: RefreshRequest): Promise<Refreshed> {
  const { mirror, known, knownTarget, timeoutMs } = request;
  await mkdir(request.folder, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(request.folder, 'refresh-'));
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([request.signal, timeout]);
  const fetcher = new MirrorFetcher({ fetch: request.fetch, access: request.access, folder, signal });
  try {
    for (const role of ROLES) {
      const text = known[role];
      if (text !== undefined) await writeFile(fileOf(folder, role), text, { mode: 0o600 });
    }
    if (knownTarget !== null) await writeFile(join(folder, TARGET), knownTarget, { mode: 0o600 });
    let outcome: Refreshed['outcome'];
    try {
      outcome = await update(folder, mirror, fetcher);
    } catch (error) {
      if (request.signal.aborted) throw error;
      outcome = { problem: timeout.aborted ? tooSlow(mirror, timeoutMs) : (fetcher.problem ?? problemOf(error)) };
    }
    return { metadata: await verified(folder, known), outcome };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function update(folder: string, mirror: string, fetcher: MirrorFetcher): Promise<Refreshed['outcome']> {
  const updater = new Updater({
    metadataDir: folder,
    metadataBaseUrl: mirror,
    targetDir: folder,
    targetBaseUrl: `${mirror}/targets`,
    fetcher,
  });
  const info = await updater.getTargetInfo(TARGET);
  if (info === undefined) return { problem: invalid(`has no ${TARGET}`) };
  if (info.length > MAX_TARGET_BYTES) {
    return { problem: invalid(`says that its ${TARGET} has more than ${MAX_TARGET_BYTES} bytes`) };
  }
  const file = (await updater.findCachedTarget(info)) ?? (await updater.downloadTarget(info));
  return { target: await readFile(file) };
}

/** Only what has been verified is written by the updater. */
async function verified(folder: string, known: RefreshRequest['known']): Promise<Refreshed['metadata']> {
  const metadata: Record<string, string> = {};
  for (const role of ROLES) {
    try {
      metadata[role] = await readFile(fileOf(folder, role), 'utf8');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
  return { root: known.root, ...metadata };
}

function fileOf(folder: string, role: string): string {
  return join(folder, `${role}.json`);
}

function tooSlow(url: string, limitMs: number): Problem {
  return problem('fetch-timeout', { url, waitedFor: 'whole answer', limitMs });
}

/** tuf-js throws errors of many classes, and whatever malformed JSON or keys make Node throw. */
function problemOf(error: unknown): Problem {
  if (error instanceof FetchFault) return error.problem;
  if (!(error instanceof Error)) throw error;
  return invalid(`cannot be relied on: ${quotable(error.message)}`);
}

function invalid(reason: string): Problem {
  return problem('trust-root-mirror-invalid', { reason });
}
