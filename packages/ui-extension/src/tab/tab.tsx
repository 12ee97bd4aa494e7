import type { Report } from '@source-integrity/core/contract';
import * as React from 'react';
import { Banner } from '../banner/banner.tsx';
import type { Session } from '../client/session.ts';
import type { TabState } from '../client/state.ts';
import { FailureNotice } from '../failure/failure-notice.tsx';
import { isGit, type KnownRevisions, nothingKnown } from '../git/commit.ts';
import { HistoryTable } from '../history/history-table.tsx';
import { KeyList } from '../keys/key-list.tsx';
import { headline } from '../sentence/headline.ts';
import { SourceList } from '../sources/source-list.tsx';
import { Announce, LiveRegion } from '../text/announce.tsx';
import { visibleText } from '../text/visible.ts';
import { NowProvider } from '../text/when.tsx';
import { words } from '../words.ts';
import { Skeleton } from './skeleton.tsx';
import { useSession } from './use-session.ts';

/** The whole tab, for one Application. `mark` changes when Argo CD says that something about it has changed. */
export function Tab({
  session,
  mark,
  known = nothingKnown,
}: {
  readonly session: Session;
  readonly mark: string;
  readonly known?: KnownRevisions;
}): React.JSX.Element {
  const state = useSession(session);
  const revisions = JSON.stringify(known);
  React.useEffect(() => session.lookAtCommits(known), [session, revisions]);
  const seen = React.useRef(mark);
  React.useEffect(() => {
    if (seen.current === mark) return;
    seen.current = mark;
    session.refresh();
  }, [session, mark]);
  const root = useKeptFocus(state.report.phase);
  return (
    <div className="si-root" ref={root}>
      <NowProvider>
        <LiveRegion>
          <Content session={session} state={state} />
        </LiveRegion>
      </NowProvider>
    </div>
  );
}

/** Where what had the focus gives way to something else, its button gets it: a verdict in place of "Try again". */
function useKeptFocus(phase: string): React.RefObject<HTMLDivElement | null> {
  const root = React.useRef<HTMLDivElement>(null);
  const within = root.current?.contains(document.activeElement) === true;
  React.useLayoutEffect(() => {
    if (within && document.activeElement === document.body) {
      root.current?.querySelector<HTMLElement>('.si-button')?.focus();
    }
  }, [phase]);
  return root;
}

function Content({ session, state }: { readonly session: Session; readonly state: TabState }): React.JSX.Element {
  switch (state.report.phase) {
    case 'loading':
      return <Skeleton />;
    case 'failed':
      return <FailureNotice {...state.report} onRetry={session.refresh} />;
    case 'shown':
      return <Shown session={session} state={state} {...state.report} />;
  }
}

function Shown(props: {
  readonly session: Session;
  readonly state: TabState;
  readonly report: Report;
  readonly heardAt: number;
  readonly stale: React.ComponentProps<typeof Banner>['stale'];
}): React.JSX.Element {
  const { session, state, report } = props;
  useAnnouncements(state, report);
  React.useEffect(() => {
    if (session.state().history.phase !== 'shown') session.loadHistory();
    if (session.state().keys.phase !== 'shown') session.loadKeys();
  }, [session]);
  return (
    <>
      <Banner
        {...props}
        history={state.history.phase === 'shown' ? state.history.value.entries : []}
        git={state.git}
        verification={state.verification}
        onVerify={session.verify}
      />
      <SourceList
        report={report}
        keys={state.keys.phase === 'shown' ? state.keys.value : null}
        git={state.git}
        evidence={session.evidence}
      />
      <HistoryTable
        history={state.history}
        older={state.older}
        deployed={report.deployedRevisions}
        withGit={report.sources.some(isGit)}
        onLoad={session.loadHistory}
      />
      <KeyList keys={state.keys} onLoad={session.loadKeys} />
    </>
  );
}

/** Says the verdict when it is there or becomes another one, each phase as it begins, and that there was no verdict. */
function useAnnouncements(state: TabState, report: Report): void {
  const announce = React.useContext(Announce);
  const { verification } = state;
  const sentence = visibleText(headline(report, state.git));
  const said = React.useRef('');
  const phase =
    verification.phase === 'running'
      ? (verification.job.phases.find((each) => each.finishedAt === null)?.name ?? null)
      : null;
  React.useEffect(() => {
    if (phase !== null) announce(words.phase[phase]);
  }, [announce, phase]);
  React.useEffect(() => {
    if (verification.phase === 'failed') announce(words.banner.endedWithout);
    if (verification.phase === 'done' || said.current !== sentence) announce(sentence);
    said.current = sentence;
  }, [announce, verification.phase, sentence]);
}
