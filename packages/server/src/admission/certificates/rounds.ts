/** Does something again and again until it is closed; never twice at the same time. */
export class Rounds {
  readonly #round: () => Promise<number>;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  /** `round` answers in how many milliseconds the next one is due, and does not throw. */
  constructor(round: () => Promise<number>) {
    this.#round = round;
  }

  /** The first round, and from there on by itself. */
  start(): Promise<void> {
    this.#running = this.#round().then((milliseconds) => {
      if (this.#closed) return;
      this.#timer = setTimeout(() => void this.start(), milliseconds);
      this.#timer.unref();
    });
    return this.#running;
  }

  /** Waits for a round that is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }
}
