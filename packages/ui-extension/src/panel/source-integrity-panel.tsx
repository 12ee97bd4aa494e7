import * as React from 'react';
import { sessionOf } from '../client/sessions.ts';
import type { Session } from '../client/session.ts';
import { ErrorBoundary } from '../failure/error-boundary.tsx';
import { identify } from '../host/application.ts';
import type { PanelProps } from '../host/extensions-api.ts';
import { headline } from '../sentence/headline.ts';
import { bannerStanding, icons, tones } from '../sentence/standing.ts';
import { ensureStyles } from '../style/style-sheet.ts';
import { useSession } from '../tab/use-session.ts';
import { withShortHex } from '../text/grouping.ts';
import { Icon } from '../text/icon.tsx';
import { visibleText } from '../text/visible.ts';
import { words } from '../words.ts';

/** What Argo CD mounts in its status panel: icon, word, one line. Where nothing is known it takes no room. */
export function SourceIntegrityPanel(props: PanelProps): React.JSX.Element {
  return (
    <ErrorBoundary compact>
      <Mounted {...props} />
    </ErrorBoundary>
  );
}

function Mounted({ application }: PanelProps): React.JSX.Element | null {
  React.useLayoutEffect(ensureStyles, []);
  const identity = identify(application);
  if (identity === null) return null;
  const key = `${identity.namespace}/${identity.name}/${identity.project}`;
  return <Item key={key} session={sessionOf(identity)} />;
}

function Item({ session }: { readonly session: Session }): React.JSX.Element | null {
  const state = useSession(session, 'glances');
  if (state.report.phase !== 'shown') return null;
  const { report } = state.report;
  const standing = bannerStanding(report);
  const sentence = visibleText(withShortHex(headline(report)));
  return (
    <div className="application-status-panel__item si-panel">
      <label>{words.title.toUpperCase()}</label>
      <div className="application-status-panel__item-value">
        <span className={`si-tone-${tones[standing]}`}>
          <Icon name={icons[standing]} />
        </span>{' '}
        {words.standing[standing]}
      </div>
      <div className="application-status-panel__item-name si-panel__line" title={sentence}>
        {sentence}
      </div>
    </div>
  );
}
