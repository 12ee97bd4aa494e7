import * as React from 'react';
import type { Attention, Session } from '../client/session.ts';
import type { TabState } from '../client/state.ts';

/** The session's state, and a new rendering whenever it changes. */
export function useSession(session: Session, attention: Attention = 'watches'): TabState {
  const [state, setState] = React.useState(() => session.state());
  React.useEffect(() => {
    const update = (): void => setState(session.state());
    const unsubscribe = session.subscribe(update, attention);
    update();
    return unsubscribe;
  }, [session, attention]);
  return state;
}
