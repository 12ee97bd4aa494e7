import type { Report } from '@source-integrity/core/contract';
import type { Meta, StoryObj } from '@storybook/react-vite';
import * as React from 'react';
import { expect, within } from 'storybook/test';
import type { KnownRevisions } from '../src/git/commit.ts';
import { Tab } from '../src/tab/tab.tsx';
import { gitSource, report, source, verified } from './reports.ts';
import { sessionWith, type Answers } from './server.ts';
import { outside } from './shown.tsx';

const target = '8c1f2e7a90b18c1f2e7a90b18c1f2e7a90b18c1f';
const running = '1f0e77a5c2d31f0e77a5c2d31f0e77a5c2d31f0e';

function OfGit(props: {
  readonly report: Report;
  readonly commit: NonNullable<Answers['commit']>;
  readonly known?: KnownRevisions;
  readonly width?: number;
}): React.JSX.Element {
  const [session] = React.useState(() => sessionWith({ report: props.report, commit: props.commit }));
  const known = props.known ?? { target: props.report.sources.map(() => target), deployed: null };
  return (
    <div style={{ maxWidth: props.width }}>
      <Tab session={session} mark="" known={known} />
    </div>
  );
}

const meta = { title: 'Git sources', component: OfGit } satisfies Meta<typeof OfGit>;
export default meta;

type Story = StoryObj<typeof meta>;

const routes = report([gitSource({ kind: 'git', name: 'routes', ref: null, path: 'routes' })]);
const metadata = (over: object): Response =>
  new Response(JSON.stringify({ author: 'Jane Roe <jane@acme.test>', date: '2026-11-22T20:45:10Z', ...over }));
const result = (...problems: string[]): Response =>
  metadata({
    sourceIntegrityResult: { Checks: [{ Name: 'GIT/GPG', Problems: problems.length === 0 ? null : problems }] },
  });
const by = "by 'Jane Roe <jane@acme.test>'";
const unallowed = `Failed verifying revision ${target} ${by}: signed with unallowed key (key_id=9699A7DA13423758)`;

const story = (answer: () => Response, sentence: RegExp, detail: RegExp, of = routes): Story => ({
  args: { report: of, commit: answer },
  play: async ({ canvas, canvasElement }) => {
    await canvas.findByRole('heading', { level: 2, name: sentence });
    await canvas.findByText(detail);
    await expect(outside(canvasElement)).toEqual([]);
  },
});
const dark = (light: Story): Story => ({ ...light, globals: { theme: 'dark' } });

export const Passed = story(() => result(), /^Verified: Argo CD itself has verified/, /asks for: GIT\/GPG\.$/);
export const Failed = story(
  () => result(unallowed, 'Failed verifying revision 1.0 by ‘a’: bad signature (key_id=1)'),
  /^Sync is blocked by Argo CD itself: commit 8c1f2e7 of Git source routes does not pass/,
  /bad signature \(key_id=1\)/,
);
export const FailedDark = dark(Failed);
export const FailedNarrow: Story = { ...Failed, args: { ...Failed.args, width: 336 } };
export const Unsigned = story(
  () => result(`Failed verifying revision ${target} ${by}: unsigned (key_id=)`),
  /is not signed$/,
  /Argo CD refuses to deploy it/,
);
export const NoPolicy = story(
  () => metadata({}),
  /^Not required: no Git policy of project payments asks/,
  /no Git policy of project payments covers this repository/,
);
export const NoPolicyDark = dark(NoPolicy);
export const OlderArgocd = story(
  () => metadata({ signatureInfo: 'Good signature from RSA key 9699A7DA13423758' }),
  /^Partially verified: /,
  /Good signature from RSA key/,
);
export const OlderArgocdUnsigned = story(
  () => metadata({ signatureInfo: 'Revision is not signed.' }),
  /is not signed$/,
  /The commit is not signed/,
);

const unreadable = (status: number, detail: RegExp, body = '{"message": "not this time"}'): Story =>
  story(() => new Response(body, { status }), /^Could not check: /, detail);
export const SessionExpired = unreadable(401, /session has expired/);
export const SessionExpiredDark = dark(SessionExpired);
export const Forbidden = unreadable(403, /may not read/);
export const NotFound = unreadable(404, /does not know this Application or revision/);
export const Fault = unreadable(500, /could not tell\. It said: not this time/);
export const AnswerOfSomethingElse = unreadable(200, /not one that this version knows/, '<!doctype html>');

/** Without a commit there is nothing to ask about, and nobody is asked. */
export const NotComparedYet: Story = {
  args: {
    report: routes,
    known: { target: [], deployed: null },
    commit: () => {
      throw new Error('nothing is to be asked');
    },
  },
  play: async ({ canvas }) => {
    await canvas.findByText(/has not come to a commit for main yet/);
  },
};

/** What runs is told apart from what a sync would bring. */
export const DeployedAndTarget: Story = {
  args: {
    report: routes,
    known: { target: [target], deployed: { version: 4, revisions: [running] } },
    commit: (_, revision) => (revision === running ? result() : result(unallowed)),
  },
  play: async ({ canvas }) => {
    await canvas.findByRole('heading', { level: 2, name: /^Sync is blocked by Argo CD itself/ });
    const deployed = (await canvas.findByText('Deployed commit')).closest('dl');
    await within(deployed ?? document.body).findByText('Verified');
  },
};

/** A chart that is verified does not make a refused commit green. */
export const BesideAChart: Story = {
  args: { report: report([source(verified()), gitSource()]), commit: () => result(unallowed) },
  play: async ({ canvas, canvasElement }) => {
    await canvas.findByRole('heading', { level: 2, name: /^Sync is blocked by Argo CD itself: .* source values/ });
    const words = [...canvasElement.querySelectorAll('.si-source__verdict')].map((each) => each.textContent.trim());
    await expect(words).toEqual(['Verified', 'Failedby Argo CD']);
    await canvas.findByText(/signed with unallowed key/, { selector: '.si-source__details *' });
  },
};

/** What an author calls himself is shown, and does nothing. */
export const HostileAuthor = story(
  () =>
    result(`Failed verifying revision 1 by '\u202Egood<img src=x onerror=alert(1)>${'x'.repeat(2000)}': bad signature`),
  /^Sync is blocked by Argo CD itself/,
  /Argo CD refuses to deploy this commit/,
);
