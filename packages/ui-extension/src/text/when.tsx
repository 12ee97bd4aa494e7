import * as React from 'react';
import { localDate, localTime, relativeTime, utcTime } from './time.ts';

/** The minute that the page is in: what is shown as "2 minutes ago" keeps up with it. */
export const Now = React.createContext(0);

const TICK_MS = 30_000;

export function NowProvider({ children }: { readonly children: React.ReactNode }): React.JSX.Element {
  const [now, setNow] = React.useState(() => Date.now());
  React.useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return <Now.Provider value={now}>{children}</Now.Provider>;
}

/** A moment: for the reader in words or as a date, exactly and in UTC on hover. */
export function When({ at, as }: { readonly at: string | number; readonly as: 'ago' | 'date' }): React.JSX.Element {
  const now = React.useContext(Now);
  const time = typeof at === 'number' ? at : Date.parse(at);
  if (!Number.isFinite(time)) return <>{String(at)}</>;
  return (
    <time dateTime={new Date(time).toISOString()} title={`${utcTime(time)} · ${localTime(time)}`}>
      {as === 'date' ? localDate(time) : relativeTime(time, Math.max(now, time > now + 60_000 ? now : time))}
    </time>
  );
}
