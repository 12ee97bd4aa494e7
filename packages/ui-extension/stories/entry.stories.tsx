import type { Meta, StoryObj } from '@storybook/react-vite';
import * as React from 'react';
import { expect, fn, userEvent, waitFor } from 'storybook/test';
import { ErrorBoundary } from '../src/failure/error-boundary.tsx';
import { SourceIntegrityFlyout } from '../src/panel/source-integrity-flyout.tsx';
import { SourceIntegrityPanel } from '../src/panel/source-integrity-panel.tsx';
import { SourceIntegrityTab } from '../src/tab/source-integrity-tab.tsx';
import { history, keys } from './ledger.ts';
import { states } from './states.ts';

const meta = { title: 'In Argo CD' } satisfies Meta;
export default meta;

type Story = StoryObj<typeof meta>;

const application = (name: string, project: string): object => ({
  metadata: { name, namespace: 'argocd' },
  spec: { project },
});

/** Stands in for argocd-server: answers the tab's calls and remembers their headers. */
function serve(answers: { readonly report?: () => Response } = {}): {
  readonly asked: Headers[];
  readonly restore: () => void;
} {
  const fetch = window.fetch;
  const asked: Headers[] = [];
  window.fetch = (input, init) => {
    const path = typeof input === 'string' ? input : '';
    if (!path.startsWith('extensions/source-integrity/')) return fetch.call(window, input, init);
    asked.push(new Headers(init?.headers));
    if (path.endsWith('report') && answers.report !== undefined) return Promise.resolve(answers.report());
    const value = path.endsWith('report') ? states.otherSigner : path.endsWith('keys') ? keys : history;
    return Promise.resolve(
      new Response(JSON.stringify(value), { headers: { 'Content-Type': 'application/json', ETag: '"1"' } }),
    );
  };
  return {
    asked,
    restore: () => {
      window.fetch = fetch;
    },
  };
}

let server = serve();
server.restore();
function serving(answers?: Parameters<typeof serve>[0]): () => void {
  server = serve(answers);
  return server.restore;
}
const served = { beforeEach: (): (() => void) => serving() };

/** In an app-of-apps the tab is about the child, and says so to the proxy. */
export const ChildApplication: Story = {
  ...served,
  render: () => (
    <SourceIntegrityTab application={application('root', 'default')} resource={application('child', 'shop')} />
  ),
  play: async ({ canvas }) => {
    await canvas.findByRole('heading', { name: /^Sync is blocked/ });
    await expect(server.asked[0]?.get('Argocd-Application-Name')).toBe('argocd:child');
    await expect(server.asked[0]?.get('Argocd-Project-Name')).toBe('shop');
    await expect(document.querySelectorAll('style[data-source-integrity]')).toHaveLength(1);
  },
};

const openFlyout = fn();

/** Tab and status panel of one Application share one report. */
export const TabAndPanel: Story = {
  ...served,
  render: () => (
    <>
      <div className="application-status-panel">
        <SourceIntegrityPanel application={application('both', 'shop')} openFlyout={openFlyout} />
      </div>
      <SourceIntegrityTab application={application('both', 'shop')} resource={application('both', 'shop')} />
    </>
  ),
  play: async ({ canvas }) => {
    await canvas.findByRole('heading', { name: /^Sync is blocked/ });
    await waitFor(() => expect(document.querySelector('.si-panel')).toHaveTextContent('Failed'));
    await expect(server.asked.length).toBeLessThanOrEqual(4);
    await userEvent.click(canvas.getByRole('button', { name: /^Failed ?: show why/ }));
    await expect(openFlyout).toHaveBeenCalledTimes(1);
  },
};
export const TabAndPanelDark: Story = {
  ...TabAndPanel,
  globals: { theme: 'dark' },
  render: () => (
    <div className="application-status-panel">
      <SourceIntegrityPanel application={application('dark', 'shop')} />
    </div>
  ),
  play: () => waitFor(() => expect(document.querySelector('.si-panel')).toHaveTextContent('Sync is blocked')),
};

/** What the item of the status panel opens. */
export const Flyout: Story = {
  ...served,
  render: () => <SourceIntegrityFlyout application={application('flyout', 'shop')} />,
  play: async ({ canvas }) => {
    await canvas.findByRole('heading', { name: /^Sync is blocked/ });
  },
};

export const NotAnApplication: Story = {
  render: () => <SourceIntegrityTab application={{}} resource={undefined} />,
  play: async ({ canvas }) => {
    await canvas.findByRole('heading', { name: /not an Application/ });
  },
};

function Faulty(): React.JSX.Element {
  throw new Error('a fault in the tab');
}

/** A fault of the tab's own stays in the tab, and says what to report. */
export const Fault: Story = {
  render: () => (
    <ErrorBoundary>
      <Faulty />
    </ErrorBoundary>
  ),
  play: async ({ canvas }) => {
    await canvas.findByText('Error: a fault in the tab');
  },
};

/** A fault in the status panel takes nothing else of Argo CD's page away, and is no silence. */
export const PanelFault: Story = {
  render: () => (
    <div className="application-status-panel">
      <ErrorBoundary compact>
        <Faulty />
      </ErrorBoundary>
    </div>
  ),
  play: async ({ canvas }) => {
    const fault = await canvas.findByText('Source Integrity met a fault of its own');
    await expect(fault).toHaveAttribute('title', 'Error: a fault in the tab');
  },
};

const panelOf = (name: string): React.JSX.Element => (
  <div className="application-status-panel">
    <SourceIntegrityPanel application={application(name, 'shop')} openFlyout={openFlyout} />
  </div>
);

/** That nobody knows is said in the status panel too; that somebody may not ask is not. */
export const PanelServerAway: Story = {
  beforeEach: () => serving({ report: () => new Response('', { status: 502 }) }),
  render: () => panelOf('away'),
  play: async () => {
    await waitFor(() => expect(document.querySelector('.si-panel')).toHaveTextContent('Could not check'));
    await expect(document.querySelector('.si-panel')).toHaveTextContent('The Source Integrity server does not answer');
  },
};
export const PanelMayNotAsk: Story = {
  beforeEach: () => serving({ report: () => new Response('Unauthorized', { status: 401 }) }),
  render: () => panelOf('stranger'),
  play: async () => {
    await waitFor(() => expect(server.asked).toHaveLength(1));
    await expect(document.querySelector('.si-panel')).toBeNull();
  },
};

/** A verdict that is not of now is marked as one. */
export const PanelStale: Story = {
  beforeEach: () => {
    let looks = 0;
    return serving({
      report: () => (looks++ === 0 ? Response.json(states.stillVerifying) : new Response('', { status: 502 })),
    });
  },
  render: () => panelOf('stale'),
  play: () =>
    waitFor(
      () =>
        expect(document.querySelector('.si-panel')).toHaveTextContent(/Stale, last heard from the server just now: /),
      { timeout: 30_000 },
    ),
};
