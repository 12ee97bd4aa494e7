import { vi } from 'vitest';

/** An upper bound: what is waited for happens, and how soon is the machine's affair. */
const PATIENCE = 120_000;

/** Until it holds. */
export function eventually<T>(holds: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(holds, PATIENCE);
}
