import { readFile } from 'node:fs/promises';

/** kubelet replaces the token before it expires; so often is it read anew. */
const KEEP_TOKEN_MS = 60_000;
const TOKEN = /^[\x21-\x7e]{1,65536}$/;

/** There is no token to ask with. */
export class TokenFileError extends Error {
  override readonly name = 'TokenFileError';
}

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
    let text: string;
    try {
      text = (await readFile(this.#file, 'utf8')).trim();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
      throw new TokenFileError(`the token of this server's ServiceAccount cannot be read (${code})`);
    }
    if (!TOKEN.test(text)) throw new TokenFileError("the file of this server's token holds no token");
    this.#token = { text, readAt: performance.now() };
    return text;
  }
}
