import * as React from 'react';
import { sessionOf } from '../client/sessions.ts';
import { isTransient } from '../client/failure.ts';
import type { Session } from '../client/session.ts';
import type { TabState } from '../client/state.ts';
import { ErrorBoundary } from '../failure/error-boundary.tsx';
import { identify } from '../host/application.ts';
import type { PanelProps } from '../host/extensions-api.ts';
import { headline } from '../sentence/headline.ts';
import { bannerStanding, icons, tones } from '../sentence/standing.ts';
import { ensureStyles } from '../style/style-sheet.ts';
import { useSession } from '../tab/use-session.ts';
import { withShortHex } from '../text/grouping.ts';
import { Icon } from '../text/icon.tsx';
import { relativeTime } from '../text/time.ts';
import { visibleText } from '../text/visible.ts';
import { type Standing, words } from '../words.ts';

/** What Argo CD mounts in its status panel: icon, word, one line. */
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
  const said = saidOf(state);
  if (said === null) return null;
  const { standing, sentence } = said;
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

/** Null before there is an answer, and for whom there will be none: who may not ask, or has no server to ask. */
function saidOf({ report, git }: TabState): { readonly standing: Standing; readonly sentence: string } | null {
  switch (report.phase) {
    case 'loading':
      return null;
    case 'failed':
      return isTransient(report.failure)
        ? { standing: 'indeterminate', sentence: words.failure[report.failure.kind].title }
        : null;
    case 'shown': {
      const sentence = visibleText(withShortHex(headline(report.report, git)));
      const age = `${words.banner.stale}, ${words.banner.lastHeard} ${relativeTime(report.heardAt, Date.now())}: `;
      return {
        standing: bannerStanding(report.report, git),
        sentence: report.stale === null ? sentence : age + sentence,
      };
    }
  }
}
