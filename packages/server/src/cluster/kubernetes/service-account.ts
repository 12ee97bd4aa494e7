import { readFile } from 'node:fs/promises';

/** kubelet replaces the token before it expires; so often is it read anew. */
const KEEP_TOKEN_MS = 60_000;
const TOKEN = /^[\x21-\x7e]{1,65536}$/;

/** The token of our ServiceAccount, in a file that is replaced while we run. */
export class ServiceAccountToken {
  readonly #file: string;
  #token: { readonly text: string; readonly readAt: number } | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  async current(): Promise<string> {
    const kept = this.#token;
    return kept !== null && performance.now() - kept.readAt < KEEP_TOKEN_MS ? kept.text : this.#read();
  }

  /** After `refused` was not accepted: the token that has taken its place; null if there is none. */
  async successorOf(refused: string): Promise<string | null> {
    const text = await this.#read();
    return text === refused ? null : text;
  }

  async #read(): Promise<string> {
    const text = (await readFile(this.#file, 'utf8')).trim();
    if (!TOKEN.test(text)) throw Object.assign(new Error('the token file holds no token'), { code: 'EBADTOKEN' });
    this.#token = { text, readAt: performance.now() };
    return text;
  }
}
