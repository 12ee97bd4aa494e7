import * as React from 'react';

/** Tells a screen reader what changed, through the tab's one live region. */
export const Announce = React.createContext<(text: string) => void>(() => {});

/** Says this when it is first shown, and whenever it becomes something else. */
export function useSaid(text: string): void {
  const announce = React.useContext(Announce);
  React.useEffect(() => announce(text), [announce, text]);
}

export function LiveRegion({ children }: { readonly children: React.ReactNode }): React.JSX.Element {
  const [text, setText] = React.useState('');
  // The same once more is said once more only where the text has become another one.
  const announce = React.useCallback((said: string) => setText((now) => (now === said ? `${said}\u00a0` : said)), []);
  return (
    <Announce.Provider value={announce}>
      {children}
      <div role="status" aria-live="polite" className="si-unseen">
        {text}
      </div>
    </Announce.Provider>
  );
}
