interface Waiting {
  readonly tenant: string;
  readonly enter: () => void;
}

/**
 * A bounded number of places, of which nobody holds more than half: a project whose repositories hang must not keep
 * every other project's syncs waiting. The same holds for the places in the queue.
 */
export class FairSlots {
  readonly #total: number;
  readonly #maxWaiting: number;
  readonly #held = new Map<string, number>();
  readonly #waiting: Waiting[] = [];
  #active = 0;

  constructor(total: number, maxWaiting: number) {
    this.#total = total;
    this.#maxWaiting = maxWaiting;
  }

  /** How many wait, where another of this tenant may not join them; null where it may. */
  refusal(tenant: string): number | null {
    if (this.#isFree(tenant)) return null;
    const own = this.#waiting.filter((waiting) => waiting.tenant === tenant).length;
    return this.#waiting.length >= this.#maxWaiting || own >= half(this.#maxWaiting) ? this.#waiting.length : null;
  }

  /** Settles when there is a place. Whoever enters has to leave. */
  async enter(tenant: string): Promise<void> {
    if (!this.#isFree(tenant)) {
      await new Promise<void>((resolve) => {
        this.#waiting.push({ tenant, enter: resolve });
      });
      return;
    }
    this.#take(tenant);
  }

  leave(tenant: string): void {
    this.#active -= 1;
    const held = (this.#held.get(tenant) ?? 1) - 1;
    if (held === 0) this.#held.delete(tenant);
    else this.#held.set(tenant, held);
    const next = this.#waiting.findIndex((waiting) => this.#isFree(waiting.tenant));
    const [waiting] = next < 0 ? [] : this.#waiting.splice(next, 1);
    if (waiting === undefined) return;
    // Taken for it here, before anybody else can ask.
    this.#take(waiting.tenant);
    waiting.enter();
  }

  #isFree(tenant: string): boolean {
    return this.#active < this.#total && (this.#held.get(tenant) ?? 0) < half(this.#total);
  }

  #take(tenant: string): void {
    this.#active += 1;
    this.#held.set(tenant, (this.#held.get(tenant) ?? 0) + 1);
  }
}

function half(total: number): number {
  return Math.max(1, Math.ceil(total / 2));
}
