import { setImmediate } from 'node:timers/promises';
import { parse } from 'yaml';
import { problem } from '../verdict/catalogue.ts';
import { chartNotInIndex, lookupOf, MAX_ENTRIES, type IndexLookup, type IndexRefusal } from './index-document.ts';
import { readEntry, type IndexEntry } from './index-entry.ts';
import { IndexLines } from './index-lines.ts';
import type { IndexThread } from './index-thread.ts';

export interface IndexLimits {
  /** Bytes of the index; default 128 MiB. */
  readonly maxBytes: number;
}

export const INDEX_LIMITS: IndexLimits = { maxBytes: 128 * 1024 * 1024 };

const SLICE = 64 * 1024;
const BLOCK = 1024 * 1024;
/** Characters; longer lines are left to the thread. */
const MAX_LINE = 64 * 1024;
/** Printable by go-yaml 2, and no line break to any reader but the line feed. */
const PLAIN_TEXT = /^[\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/;

/**
 * Finds a chart in a repository's `index.yaml`, YAML or JSON, while it arrives.
 * An index as `helm repo index` writes it is recognised line by line; anything else is read whole in the thread, so that
 * the event loop never stands still for longer than a slice takes (a few milliseconds).
 *
 * @param body may throw; what it throws passes through
 */
export async function readIndex(
  body: AsyncIterable<Uint8Array>,
  chart: string,
  thread: IndexThread,
  { limits = INDEX_LIMITS, signal }: { readonly limits?: IndexLimits; readonly signal?: AbortSignal } = {},
): Promise<IndexLookup | IndexRefusal> {
  const whole = new Blocks();
  let scan: IndexScan | null = new IndexScan(chart);
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += SLICE) {
      signal?.throwIfAborted();
      const slice = chunk.subarray(at, at + SLICE);
      if (whole.length + slice.length > limits.maxBytes) {
        return { problem: problem('index-too-large', { maxBytes: limits.maxBytes }) };
      }
      whole.append(slice);
      if (scan !== null && !scan.push(slice)) scan = null;
      if (at + SLICE < chunk.length) await setImmediate();
    }
  }
  if (whole.length === 0) return { problem: problem('index-empty', {}) };
  return scan?.result() ?? thread.find(whole.take(), chart, signal);
}

/** Feeds {@link IndexLines} from bytes. */
class IndexScan {
  readonly #chart: string;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #lines: IndexLines;
  readonly #entries: IndexEntry[] = [];
  #rest: string[] = [];
  #restLength = 0;
  #failed = false;

  constructor(chart: string) {
    this.#chart = chart;
    this.#lines = new IndexLines(chart, (yaml) => this.#addEntry(yaml));
  }

  /** False: not the shape. */
  push(bytes: Uint8Array): boolean {
    const text = this.#decode(bytes);
    if (text === null || !PLAIN_TEXT.test(text)) return false;
    const [first = '', ...lines] = text.split('\n');
    this.#restLength += first.length;
    if (this.#restLength > MAX_LINE) return false;
    // Pieces are joined once a line is whole: an endless line in small chunks must not cost a copy for each.
    this.#rest.push(first);
    const next = lines.pop();
    if (next !== undefined) {
      lines.unshift(this.#rest.join(''));
      this.#rest = [next];
      this.#restLength = next.length;
    }
    for (const line of lines) {
      if (!this.#lines.take(line)) return false;
    }
    return !this.#failed && this.#lines.entryCount <= MAX_ENTRIES;
  }

  /** The answer once everything was pushed; null: not the shape after all. */
  result(): IndexLookup | IndexRefusal | null {
    if (this.#decode(new Uint8Array(), false) !== '' || this.#restLength > 0) return null;
    if (!this.#lines.end() || this.#failed) return null;
    return this.#lines.charts.has(this.#chart)
      ? lookupOf(this.#entries)
      : chartNotInIndex(this.#chart, this.#lines.charts);
  }

  #decode(bytes: Uint8Array, stream = true): string | null {
    try {
      return this.#decoder.decode(bytes, { stream });
    } catch {
      return null;
    }
  }

  /** Every scalar is known to be text here, and every skipped or rejected entry goes to the thread for its reason. */
  #addEntry(yaml: string): void {
    const fields: unknown = parse(yaml, { schema: 'failsafe', maxAliasCount: 0, logLevel: 'silent' });
    const entry = readEntry(fields, 'strict');
    if (entry === 'skipped' || 'fault' in entry) this.#failed = true;
    else this.#entries.push(entry);
  }
}

/** Bytes gathered in blocks of their own, so that they can be handed to a thread without a copy. */
class Blocks {
  #blocks: Uint8Array<ArrayBuffer>[] = [];
  #free = 0;
  length = 0;

  append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#free === 0) {
        this.#blocks.push(new Uint8Array(BLOCK));
        this.#free = BLOCK;
      }
      const part = bytes.subarray(at, at + this.#free);
      this.#blocks.at(-1)?.set(part, BLOCK - this.#free);
      this.#free -= part.length;
      at += part.length;
    }
    this.length += bytes.length;
  }

  take(): Uint8Array<ArrayBuffer>[] {
    const last = this.#blocks.pop();
    const blocks = last === undefined ? this.#blocks : [...this.#blocks, last.subarray(0, BLOCK - this.#free)];
    this.#blocks = [];
    return blocks;
  }
}
