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

function Mounted({ application, openFlyout }: PanelProps): React.JSX.Element | null {
  React.useLayoutEffect(ensureStyles, []);
  const identity = identify(application);
  if (identity === null) return null;
  const key = `${identity.namespace}/${identity.name}/${identity.project}`;
  return <Item key={key} session={sessionOf(identity)} open={openFlyout} />;
}

function Item(props: { readonly session: Session; readonly open: (() => void) | undefined }): React.JSX.Element | null {
  const state = useSession(props.session, 'glances');
  if (state.report.phase !== 'shown') return null;
  const { report } = state.report;
  const standing = bannerStanding(report, state.git);
  const sentence = visibleText(withShortHex(headline(report, state.git)));
  return (
    <div className="application-status-panel__item si-panel">
      <label>{words.title.toUpperCase()}</label>
      <div className="application-status-panel__item-value">
        <Icon name={icons[standing]} tone={tones[standing]} />{' '}
        {props.open === undefined ? (
          words.standing[standing]
        ) : (
          <button type="button" className="si-panel__open" onClick={props.open}>
            {words.standing[standing]}
            <span className="si-unseen">: {words.panel.open}</span>
          </button>
        )}
      </div>
      <div className="application-status-panel__item-name si-panel__line" title={sentence}>
        {sentence}
      </div>
    </div>
  );
}
