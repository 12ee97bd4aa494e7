import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { secretText } from '../config/setting.ts';
import type { Logger } from '../logger.ts';

export interface SharedTokensOptions {
  /** As they were at the start: the one in force first. */
  readonly tokens: readonly string[];
  /** Where the one in force is read from; null: it was given by itself, and stays. */
  readonly file: string | null;
  readonly logger: Logger;
  /** Milliseconds between two looks at the file. */
  readonly intervalMs?: number;
  /** Milliseconds for which a token counts that the file no longer holds: argocd-server has to be restarted. */
  readonly graceMs?: number;
}

/** After a request with another token the file is looked at, but not for each of somebody's attempts. */
const LOOK_AGAIN_MS = 1000;

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * The secrets that argocd-server's proxy may send. A new one in the file counts from the first request that brings it,
 * and the one before goes on for a while, so that replacing it loses no request and needs no restart here.
 */
export class SharedTokens {
  readonly #options: SharedTokensOptions;
  readonly #fixed: readonly Buffer[];
  readonly #timer: NodeJS.Timeout | undefined;
  #current: Buffer | null;
  #before: { readonly token: Buffer; readonly until: number } | null = null;
  #lookedAt = -Infinity;
  #looking: Promise<void> | null = null;
  #fault: string | null = null;

  constructor(options: SharedTokensOptions) {
    const { tokens, file, intervalMs = 10_000 } = options;
    this.#options = options;
    const [first, ...others] = tokens.map(hash);
    this.#current = first ?? null;
    this.#fixed = others;
    if (file !== null) this.#timer = setInterval(() => void this.#look(file), intervalMs).unref();
  }

  /** Whether a token lets in. Each is compared, so that the time tells nothing of which one came close. */
  async accepts(token: string): Promise<boolean> {
    const presented = hash(token);
    if (this.#isAccepted(presented)) return true;
    const { file } = this.#options;
    if (file === null || performance.now() - this.#lookedAt < LOOK_AGAIN_MS) return false;
    await this.#look(file);
    return this.#isAccepted(presented);
  }

  /** What an administrator should know, as whole sentences. */
  notes(): readonly string[] {
    return this.#fault === null ? [] : [this.#fault];
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #isAccepted(presented: Buffer): boolean {
    const before = this.#before !== null && performance.now() < this.#before.until ? [this.#before.token] : [];
    const accepted = [...(this.#current === null ? [] : [this.#current]), ...before, ...this.#fixed];
    return accepted.map((token) => timingSafeEqual(token, presented)).includes(true);
  }

  #look(file: string): Promise<void> {
    this.#looking ??= this.#read(file).finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #read(file: string): Promise<void> {
    const { logger, graceMs = 10 * 60_000 } = this.#options;
    this.#lookedAt = performance.now();
    const read = await readFile(file, 'utf8').then(secretText, () => ({ wrong: 'cannot be read' }));
    if ('wrong' in read) {
      const fault = `The token file ${read.wrong}; the token before goes on.`;
      if (fault !== this.#fault) logger.error(fault);
      this.#fault = fault;
      return;
    }
    this.#fault = null;
    const token = hash(read.value);
    if (this.#current?.equals(token) === true) return;
    if (this.#current !== null) this.#before = { token: this.#current, until: performance.now() + graceMs };
    this.#current = token;
    logger.info('the token file has changed: its token counts from now on');
  }
}
