import type { SQLOutputValue } from 'node:sqlite';
import { Digest } from '@source-integrity/core';
import { MAX_FACTS_LENGTH } from '../store.ts';

export type Row = Readonly<Record<string, SQLOutputValue>>;

/** A text column. The schema is strict: anything else is a bug, not data. */
export function textIn(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`${column} is no text`);
  return value;
}

export function numberIn(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`${column} is no number`);
  return value;
}

export function bytesIn(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`${column} is no blob`);
  return value;
}

export function digestIn(row: Row, column: string): Digest {
  return Digest.parse(textIn(row, column));
}

/** What was found in charts is other people's text, and so is its length. */
export function bounded(facts: string): string {
  if (facts.length > MAX_FACTS_LENGTH) throw new RangeError(`facts have at most ${MAX_FACTS_LENGTH} characters`);
  return facts;
}
