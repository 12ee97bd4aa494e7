import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Extract, type Header } from 'tar-stream';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { faultOfPath } from './archive-path.ts';
import { MAX_CHART_METADATA_SIZE } from './chart-metadata.ts';
import { describeOtherFile } from './not-a-provenance-file.ts';

export interface ArchiveLimits {
  /** Unpacked bytes; default 100 MiB, as Helm's `MaxDecompressedChartSize`. */
  readonly maxUnpackedBytes: number;
  /** Unpacked bytes for one packed byte, beyond the first MiB; default 200. */
  readonly maxRatio: number;
  /** Entries of the tar; default 20,000. */
  readonly maxEntries: number;
}

export const ARCHIVE_LIMITS: ArchiveLimits = {
  maxUnpackedBytes: 100 * 1024 * 1024,
  maxRatio: 200,
  maxEntries: 20_000,
};

const FREE_OF_RATIO = 1024 * 1024;
const MAX_VENDORED_BYTES = 10 * 1024 * 1024;

/** A problem found deep in a stream; `readArchive` of `archive.ts` makes it data again. */
export class ArchiveFault extends Error {
  readonly problem: Problem;
  constructor(found: Problem) {
    super(found.code);
    this.problem = found;
  }
}

/** What was read of a tar. */
export interface Unpacked {
  /** Contents of the wanted files, by path below the top folder. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly fileCount: number;
  readonly unpackedBytes: number;
}

/**
 * Unpacks a chart archive in memory, keeping only the files below its top folder whose path matches `wanted`.
 * Throws {@link ArchiveFault}.
 */
export async function unpack(bytes: Uint8Array, limits: ArchiveLimits, wanted: RegExp): Promise<Unpacked> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) {
    throw new ArchiveFault(problem('archive-not-gzip', { looksLike: describeOtherFile(bytes) }));
  }
  const counter = new Counter(bytes.length, limits);
  const entries = new Entries(limits, wanted);
  const tar = extract();
  const ends = await Promise.allSettled([
    pipeline(Readable.from([bytes]), createGunzip(), counter, tar),
    entries.takeAll(tar),
  ]);
  const faults = ends.flatMap((end) => (end.status === 'rejected' ? [asError(end.reason)] : []));
  // A fault of ours ends the streams, which then complain as well.
  const fault = faults.find((each) => each instanceof ArchiveFault) ?? faults[0];
  if (fault !== undefined) throw fault instanceof ArchiveFault ? fault : new ArchiveFault(problemOfStream(fault));
  return { files: entries.files, fileCount: entries.paths.size, unpackedBytes: counter.count };
}

/** Counts what comes out of gzip: its own `maxOutputLength` does not hold for streams. */
class Counter extends Transform {
  count = 0;
  readonly #max: number;
  readonly #maxByRatio: number;
  readonly #limits: ArchiveLimits;

  constructor(packedBytes: number, limits: ArchiveLimits) {
    super();
    this.#limits = limits;
    this.#max = limits.maxUnpackedBytes;
    this.#maxByRatio = FREE_OF_RATIO + packedBytes * limits.maxRatio;
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error: Error | null, chunk?: Buffer) => void,
  ): void {
    this.count += chunk.length;
    if (this.count > this.#max) {
      done(new ArchiveFault(problem('archive-too-large', { maxBytes: this.#max })));
    } else if (this.count > this.#maxByRatio) {
      done(new ArchiveFault(problem('archive-too-dense', { maxRatio: this.#limits.maxRatio })));
    } else {
      done(null, chunk);
    }
  }
}

class Entries {
  readonly files = new Map<string, Buffer>();
  readonly paths = new Set<string>();
  readonly #limits: ArchiveLimits;
  readonly #wanted: RegExp;
  #count = 0;
  #root: string | null = null;

  constructor(limits: ArchiveLimits, wanted: RegExp) {
    this.#limits = limits;
    this.#wanted = wanted;
  }

  async takeAll(tar: Extract): Promise<void> {
    for await (const entry of tar) await this.#take(entry.header, entry);
  }

  async #take(header: Header, stream: AsyncIterable<unknown>): Promise<void> {
    this.#count += 1;
    if (this.#count > this.#limits.maxEntries) {
      throw new ArchiveFault(problem('archive-too-many-files', { limit: this.#limits.maxEntries }));
    }
    const name = header.name;
    if (header.type !== 'file' && header.type !== 'directory') {
      throw new ArchiveFault(problem('archive-link', { path: quotable(name), type: quotable(header.type) }));
    }
    const reason = faultOfPath(name, header.type) ?? this.#faultOfPlace(name, header.type);
    if (reason !== null) throw new ArchiveFault(problem('archive-path', { path: quotable(name), reason }));
    const path = name.slice(name.indexOf('/') + 1);
    if (header.type === 'file' && this.#wanted.test(path)) {
      this.files.set(path, await contents(path, stream));
    } else {
      for await (const chunk of stream) void chunk;
    }
  }

  /** What is wrong with a path that is well formed, beside the others. */
  #faultOfPlace(name: string, type: 'file' | 'directory'): string | null {
    const root = name.split('/', 1)[0] ?? '';
    if (this.#root !== null && this.#root !== root) return 'is in a second top folder';
    this.#root = root;
    if (type === 'directory') return null;
    if (!name.includes('/')) return 'is outside of the top folder';
    if (this.paths.has(name)) return 'is there twice';
    this.paths.add(name);
    return null;
  }
}

async function contents(path: string, stream: AsyncIterable<unknown>): Promise<Buffer> {
  const maxBytes = path.endsWith('.tgz') ? MAX_VENDORED_BYTES : MAX_CHART_METADATA_SIZE;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('a tar stream gives buffers');
    size += chunk.length;
    if (size > maxBytes) throw new ArchiveFault(problem('archive-file-too-large', { path: quotable(path), maxBytes }));
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('unknown');
}

/** What zlib and tar-stream say when bytes are missing, and anything else that is wrong with them. */
function problemOfStream(error: Error): Problem {
  const isCutOff = ('code' in error && error.code === 'Z_BUF_ERROR') || /unexpected end/i.test(error.message);
  return isCutOff ? problem('archive-truncated', {}) : problem('archive-damaged', { detail: quotable(error.message) });
}
