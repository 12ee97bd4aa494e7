import { describe, expect, it } from 'vitest';
import { endsSoon, relativeTime, utcTime } from '../../src/text/time.ts';

const now = Date.parse('2026-11-22T20:00:00Z');
const minute = 60_000;

describe('a moment', () => {
  it.each([
    [now - 10_000, 'just now'],
    [now - minute, '1 minute ago'],
    [now - 44 * minute, '44 minutes ago'],
    [now - 60 * minute, '1 hour ago'],
    [now - 26 * 60 * minute, '1 day ago'],
    [now + 3 * 60 * minute, 'in 3 hours'],
  ])('at %d is said as %s', (at, said) => {
    expect(relativeTime(at, now)).toBe(said);
  });

  it('is a date when it is far off, and exact in UTC', () => {
    expect(relativeTime(now - 30 * 24 * 60 * minute, now)).toContain('2026');
    expect(utcTime(now)).toBe('2026-11-22 20:00:00 UTC');
  });

  it('is soon within 30 days, and not when it is past', () => {
    expect(endsSoon(now + 29 * 24 * 60 * minute, now)).toBe(true);
    expect(endsSoon(now + 31 * 24 * 60 * minute, now)).toBe(false);
    expect(endsSoon(now - minute, now)).toBe(false);
  });
});
