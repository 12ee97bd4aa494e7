import { FetchFault, problem } from '@source-integrity/core';
import { printableUrl } from './printable-url.ts';

/** The time that one fetch has, from its call to the last byte; ends with it, with its caller, or with the server. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #caller: AbortSignal | undefined;
  readonly #onEnd: (deadline: Deadline) => void;

  constructor(url: string, limitMs: number, caller: AbortSignal | undefined, onEnd: (deadline: Deadline) => void) {
    this.#caller = caller;
    this.#onEnd = onEnd;
    this.#timer = setTimeout(() => {
      const timeout = { url: printableUrl(url), waitedFor: 'whole answer', limitMs } as const;
      this.abort(new FetchFault(problem('fetch-timeout', timeout)));
    }, limitMs);
    if (caller?.aborted === true) this.#followCaller();
    caller?.addEventListener('abort', this.#followCaller, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Breaks off whatever is under way, for this reason. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
    this.end();
  }

  /** Nothing is under way any more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#followCaller);
    this.#onEnd(this);
  }

  readonly #followCaller = (): void => this.abort(this.#caller?.reason);
}
