/** Numbers that follow from a seed: `SEED=… npm run test:reference` repeats a run. */
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

/** A fresh seed, or the one that the environment names. */
export function chosenSeed(): number {
  const given = process.env['SEED'];
  return given === undefined || given === '' ? Date.now() % 2_147_483_647 : Number(given);
}
