const AFTER_FAULT_MS = 10_000;

/** Does something again and again until it is closed; never twice at the same time. */
export class Rounds {
  readonly #round: () => Promise<number>;
  readonly #onFault: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  /** `round` answers in how many milliseconds the next one is due; after a fault it is tried again in a while. */
  constructor(round: () => Promise<number>, onFault: (error: unknown) => void) {
    this.#round = round;
    this.#onFault = onFault;
  }

  /** The first round, and from there on by itself. */
  start(): Promise<void> {
    this.#running = this.#next();
    return this.#running;
  }

  async #next(): Promise<void> {
    let milliseconds = AFTER_FAULT_MS;
    try {
      milliseconds = await this.#round();
    } catch (error) {
      this.#onFault(error);
    }
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.start(), milliseconds);
    this.#timer.unref();
  }

  /** Waits for a round that is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }
}
