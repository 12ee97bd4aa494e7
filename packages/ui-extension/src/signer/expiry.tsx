import * as React from 'react';
import { endsSoon } from '../text/time.ts';
import { Now, When } from '../text/when.tsx';
import { words } from '../words.ts';

/** When a key ends; that it has ended or soon will is said in words. */
export function Expiry({ at }: { readonly at: string | null }): React.JSX.Element {
  const now = React.useContext(Now);
  if (at === null) return <>{words.signer.forever}</>;
  const time = Date.parse(at);
  return (
    <>
      <When at={at} as="date" />
      {time <= now && <span className="si-tag si-tone-failed">{words.signer.expired}</span>}
      {endsSoon(time, now) && <span className="si-tag si-tone-unknown">{words.signer.endsSoon}</span>}
    </>
  );
}
