const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago or how far off, in English as all words here; beyond a week the date. Times in ms since the epoch. */
export function relativeTime(at: number, now: number): string {
  const distance = Math.abs(now - at);
  if (distance < 45_000) return 'just now';
  if (distance > 7 * DAY) return localDate(at);
  const [count, unit] =
    distance < 45 * MINUTE
      ? [Math.max(1, Math.round(distance / MINUTE)), 'minute']
      : distance < 22 * HOUR
        ? [Math.max(1, Math.round(distance / HOUR)), 'hour']
        : [Math.max(1, Math.round(distance / DAY)), 'day'];
  const amount = `${count} ${unit}${count === 1 ? '' : 's'}`;
  return at <= now ? `${amount} ago` : `in ${amount}`;
}

/** A formatter takes longer to make than a whole source to render. */
let dates: Intl.DateTimeFormat | undefined;
let times: Intl.DateTimeFormat | undefined;

/** In the reader's own zone and locale. */
export function localDate(at: number): string {
  dates ??= new Intl.DateTimeFormat(undefined, { dateStyle: 'long' });
  return dates.format(at);
}

export function localTime(at: number): string {
  times ??= new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'medium' });
  return times.format(at);
}

/** Exact, whoever reads it: `2026-11-22 20:45:10 UTC`. */
export function utcTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

export function utcDate(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Whether something ends within 30 days: long enough to act. */
export function endsSoon(at: number, now: number): boolean {
  return at > now && at - now < 30 * DAY;
}
