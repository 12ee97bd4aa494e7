import * as React from 'react';

/** Tells a screen reader what changed, through the tab's one live region. */
export const Announce = React.createContext<(text: string) => void>(() => {});

export function LiveRegion({ children }: { readonly children: React.ReactNode }): React.JSX.Element {
  const [text, setText] = React.useState('');
  return (
    <Announce.Provider value={setText}>
      {children}
      <div role="status" aria-live="polite" className="si-unseen">
        {text}
      </div>
    </Announce.Provider>
  );
}
