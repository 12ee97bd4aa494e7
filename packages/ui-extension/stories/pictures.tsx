import type { Report } from '@source-integrity/core/contract';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { ensureStyles } from '../src/style/style-sheet.ts';
import { Tab } from '../src/tab/tab.tsx';
import { sessionWith } from './server.ts';
import { states } from './states.ts';

/** What the pictures of the documentation show, by their file names. */
const pictures: Readonly<Record<string, Report>> = {
  blocked: states.otherSigner,
  verified: states.verified,
  unsigned: states.unsigned,
  'not-required': states.signedButNotRequired,
};

const TABS = ['Summary', 'Parameters', 'Manifest', 'Events'];

/** Shows `<name>-<theme>` as Argo CD would: in its sliding panel, beside its own tabs. */
function show(picture: string): void {
  const [, name = '', theme = 'light'] = /^(.+)-(light|dark)$/.exec(picture) ?? [];
  const report = pictures[name];
  if (report === undefined) throw new Error(`no picture is called ${picture}`);
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
          <Tab session={sessionWith({ report })} mark="" />
        </div>
      </main>
    </div>,
  );
}

show(document.title);
