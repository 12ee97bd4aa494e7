/** Numbers that follow from a seed. */
export class Chance {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed;
  }

  /** A whole number from 0, below `end` (mulberry32). */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * end) | 0;
  }

  oneOf<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new Error('there is nothing to choose from');
    return value;
  }

  /** The bytes with one bit turned over. */
  flipped(bytes: Uint8Array): Buffer {
    const copy = Buffer.from(bytes);
    const at = this.below(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << this.below(8));
    return copy;
  }
}

/**
 * The seed that the environment's SEED names, `fresh` for one that nobody has had. By default it is always the same:
 * a failure is then the doing of a change.
 */
export function chosenSeed(): number {
  const given = process.env['SEED'];
  if (given === 'fresh') return Date.now() % 2_147_483_647;
  const seed = Number(given ?? '1');
  if (!Number.isSafeInteger(seed)) throw new Error(`SEED is ${given}; it is to be a whole number, or "fresh"`);
  return seed;
}
