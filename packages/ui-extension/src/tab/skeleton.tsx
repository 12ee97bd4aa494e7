import * as React from 'react';
import { useSaid } from '../text/announce.tsx';
import { words } from '../words.ts';

/** The tab's shape while its first report is on the way. */
export function Skeleton(): React.JSX.Element {
  useSaid(words.loading);
  return (
    <>
      <div className="si-box si-banner si-tone-busy white-box" aria-hidden="true">
        <span className="si-banner__icon">
          <i className="fa fa-circle-notch fa-spin si-icon" />
        </span>
        <div className="si-banner__text">
          <div className="si-bone si-bone--title" />
          <div className="si-bone si-bone--line" />
        </div>
      </div>
      <div className="si-box white-box" aria-hidden="true">
        <div className="si-padded">
          <div className="si-bone si-bone--line" />
          <div className="si-bone si-bone--line" />
          <div className="si-bone si-bone--line" />
        </div>
      </div>
    </>
  );
}
