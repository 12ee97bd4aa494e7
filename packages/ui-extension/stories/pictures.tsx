import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { ensureStyles } from '../src/style/style-sheet.ts';
import { Tab } from '../src/tab/tab.tsx';
import { goodHistory, history, unaskedHistory, unsignedHistory } from './ledger.ts';
import { sessionWith, type Answers } from './server.ts';
import { states } from './states.ts';

/** What the pictures of the documentation show, by their file names. */
const pictures: Readonly<Record<string, Answers>> = {
  blocked: { report: states.otherSigner, history },
  verified: { report: states.verified, history: goodHistory },
  unsigned: { report: states.unsigned, history: unsignedHistory },
  'not-required': { report: states.signedButNotRequired, history: unaskedHistory },
};

const TABS = ['Summary', 'Parameters', 'Manifest', 'Events'];

/** Shows `<name>-<theme>` as Argo CD would: in its sliding panel, beside its own tabs. */
function show(picture: string): void {
  const [, name = '', theme = 'light'] = /^(.+)-(light|dark)$/.exec(picture) ?? [];
  const answers = pictures[name];
  if (answers === undefined) throw new Error(`no picture is called ${picture}`);
  ensureStyles();
  createRoot(document.body).render(
    <div className={`theme-${theme}`}>
      <main className="sliding-panel__wrapper">
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
          <Tab session={sessionWith(answers)} mark="" />
        </div>
      </main>
    </div>,
  );
}

show(document.title);
