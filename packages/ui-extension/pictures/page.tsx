import type { Report } from '@source-integrity/core/contract';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { ensureStyles } from '../src/style/style-sheet.ts';
import type { Session } from '../src/client/session.ts';
import { Tab } from '../src/tab/tab.tsx';
import {
  changedHistory,
  emptyHistory,
  goodHistory,
  history,
  unaskedHistory,
  unsignedHistory,
} from '../stories/ledger.ts';
import { sessionWith, type Answers } from '../stories/server.ts';
import { fiveSources, fortySources, states } from '../stories/states.ts';

/** What the pictures of the documentation show, by their file names. */
interface Picture extends Answers {
  readonly report: Report;
  readonly stale?: boolean;
}

const pictures: Readonly<Record<string, Picture>> = {
  blocked: { report: states.otherSigner, history },
  verified: { report: states.verified, history: goodHistory },
  unsigned: { report: states.unsigned, history: unsignedHistory },
  'not-required': { report: states.signedButNotRequired, history: unaskedHistory },
  'partially-verified': { report: states.partiallyVerified, history: goodHistory, commit: () => answer([]) },
  unsupported: { report: states.unsupported, history: emptyHistory },
  'could-not-check': { report: states.couldNotCheck, history },
  checking: { report: states.stillVerifying, history: goodHistory },
  'ten-signers': { report: states.tenSigners, history: goodHistory },
  'changed-signer': { report: states.changedSigner, history: changedHistory },
  'let-through': { report: states.letThrough, history: goodHistory },
  'policy-error': { report: states.policyError, history },
  five: { report: fiveSources, history },
  forty: { report: fortySources, history },
  stale: { report: states.verified, history: goodHistory, stale: true },
  git: { report: states.git, history: emptyHistory, commit: refusedCommit },
};

/** Argo CD's answer for a commit that is signed with a key of nobody's. */
function refusedCommit(_: string, revision: string): Response {
  const Problems = [
    `Failed verifying revision ${revision} by 'Jane Roe <jane@acme.test>': signed with unallowed key (key_id=9699A7DA13423758)`,
  ];
  return answer(Problems);
}

function answer(Problems: readonly string[]): Response {
  return new Response(
    JSON.stringify({ date: null, sourceIntegrityResult: { Checks: [{ Name: 'GIT/GPG', Problems }] } }),
  );
}

const COMMIT = '8c1f2e7a90b18c1f2e7a90b18c1f2e7a90b18c1f';

/** Answers the report once, and nothing after it where the picture is of what was heard before. */
function session({ stale, report, ...answers }: Picture): Session {
  let looks = 0;
  const away = (): Response => new Response('', { status: 502 });
  const once = (): Response => (looks++ === 0 ? new Response(JSON.stringify(report)) : away());
  return sessionWith(stale === true ? { ...answers, report: once } : { ...answers, report });
}

/** Up to this width of the window a picture is of the panel alone. */
const PANEL_ALONE = 1152;

const TABS = ['Summary', 'Parameters', 'Manifest', 'Events'];

/** Shows `<name>-<theme>` as Argo CD would: in its sliding panel, beside its own tabs. */
function show(title: string): void {
  const [, name = '', theme = 'light'] = /^(.+)-(light|dark)$/.exec(title) ?? [];
  const picture = pictures[name];
  if (picture === undefined) throw new Error(`no picture is called ${title}`);
  ensureStyles();
  const shown = session(picture);
  if (picture.stale === true) setTimeout(shown.refresh, 300);
  createRoot(document.body).render(
    <div className={`theme-${theme}`}>
      {window.innerWidth > PANEL_ALONE && <Behind dark={theme === 'dark'} />}
      <main className="sliding-panel__wrapper" style={window.innerWidth > PANEL_ALONE ? { marginLeft: '20%' } : {}}>
        <div className="sliding-panel__body">
          <nav className="tabs__nav">
            {TABS.map((tab) => (
              <a key={tab} href="#tab">
                {tab}
              </a>
            ))}
            <a className="active" href="#tab" aria-current="page">
              <i className="fa fa-shield-halved" /> Source Integrity
            </a>
          </nav>
          <Tab session={shown} mark="" known={{ target: [COMMIT, COMMIT, COMMIT], deployed: null }} />
        </div>
      </main>
    </div>,
  );
}

/** What is seen of Argo CD beside its panel, which takes four fifths of the window. */
function Behind({ dark }: { readonly dark: boolean }): React.JSX.Element {
  const strip = { position: 'fixed', top: 0, bottom: 0 } as const;
  return (
    <>
      <div style={{ ...strip, left: 0, width: 230, background: '#0b2029' }} />
      <div style={{ ...strip, left: 230, right: '80%', background: dark ? '#0c0b0b' : '#a7aeb2' }} />
    </>
  );
}

show(document.title);
