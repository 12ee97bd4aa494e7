import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Fetch, FetchFault, type Problem, problem, type RepositoryAccess } from '@source-integrity/core';
import type { Fetcher } from 'tuf-js';
// Not among the package's exports, and the one sign by which its updater knows that there is no newer root.
import { DownloadHTTPError } from 'tuf-js/dist/error.js';
import { printableUrl } from '../fetch/printable-url.ts';

/** A whole refresh: hundreds of times what a mirror has, and too little to fill a disk or the memory with. */
const MAX_TOTAL_BYTES = 32 * 1024 * 1024;

export interface MirrorFetcherOptions {
  readonly fetch: Fetch;
  readonly access: RepositoryAccess;
  /** For files while they are looked at. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** The network as tuf-js asks for it, on the way that every other request goes: destinations, proxies, limits. */
export class MirrorFetcher implements Fetcher {
  readonly #options: MirrorFetcherOptions;
  #left = MAX_TOTAL_BYTES;
  #problem: Problem | null = null;

  constructor(options: MirrorFetcherOptions) {
    this.#options = options;
  }

  /** Why the last request came to nothing; tuf-js keeps only the text of such errors. */
  get problem(): Problem | null {
    return this.#problem;
  }

  async downloadBytes(url: string, maxLength: number): Promise<Buffer> {
    const { fetch, access, signal } = this.#options;
    const maxBytes = Math.min(maxLength, this.#left);
    this.#problem = null;
    const outcome = await fetch({ url, access, credentials: 'send', maxBytes, signal });
    if ('problem' in outcome) throw this.#failed(outcome.problem);
    const { status, body } = outcome.response;
    if (status !== 200) {
      // The updater asks for roots until there is none.
      const isEnd = status === 403 || status === 404;
      const answered = problem('fetch-status', { url: printableUrl(url), status });
      this.#problem = answered;
      throw isEnd ? new DownloadHTTPError(`status ${status}`, status) : new FetchFault(answered);
    }
    const pieces: Uint8Array[] = [];
    try {
      for await (const piece of body) {
        this.#left -= piece.byteLength;
        pieces.push(piece);
      }
    } catch (error) {
      throw error instanceof FetchFault ? this.#failed(error.problem) : error;
    }
    return Buffer.concat(pieces);
  }

  async downloadFile<T>(url: string, maxLength: number, handler: (file: string) => Promise<T>): Promise<T> {
    const bytes = await this.downloadBytes(url, maxLength);
    const file = join(this.#options.folder, `download-${randomUUID()}`);
    try {
      await writeFile(file, bytes, { mode: 0o600 });
      return await handler(file);
    } finally {
      await rm(file, { force: true });
    }
  }

  #failed(because: Problem): FetchFault {
    this.#problem = because;
    return new FetchFault(because);
  }
}
