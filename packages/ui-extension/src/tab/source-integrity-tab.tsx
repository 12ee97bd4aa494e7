import * as React from 'react';
import { sessionOf } from '../client/sessions.ts';
import { ErrorBoundary } from '../failure/error-boundary.tsx';
import { knownRevisions } from '../git/commit.ts';
import { changeMark, identify } from '../host/application.ts';
import type { TabProps } from '../host/extensions-api.ts';
import { ensureStyles } from '../style/style-sheet.ts';
import { words } from '../words.ts';
import { Tab } from './tab.tsx';

/** What Argo CD mounts: the tab of the Application that it is about, behind a boundary of its own. */
export function SourceIntegrityTab(props: TabProps): React.JSX.Element {
  return (
    <ErrorBoundary>
      <Mounted resource={props.resource ?? props.application} />
    </ErrorBoundary>
  );
}

function Mounted({ resource }: { readonly resource: unknown }): React.JSX.Element {
  React.useLayoutEffect(ensureStyles, []);
  const application = identify(resource);
  if (application === null) {
    return (
      <div className="si-root">
        <section className="si-box white-box">
          <h2 className="si-banner__sentence">{words.notAnApplication.title}</h2>
          <p className="si-banner__context">{words.notAnApplication.whatToDo}</p>
        </section>
      </div>
    );
  }
  const key = `${application.namespace}/${application.name}/${application.project}`;
  // Another Application is another tab: nothing of the one before may stay on the screen.
  return (
    <Tab key={key} session={sessionOf(application)} mark={changeMark(resource)} known={knownRevisions(resource)} />
  );
}
