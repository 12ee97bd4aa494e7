import type { Report, SourceReport } from '@source-integrity/core/contract';
import type { Meta, StoryObj } from '@storybook/react-vite';
import * as React from 'react';
import { expect, fn, userEvent, waitFor, within } from 'storybook/test';
import { Tab } from '../src/tab/tab.tsx';
import { changedHistory, emptyHistory, history, job, revokedHistory } from './ledger.ts';
import { ago, digestOf } from './reports.ts';
import { sessionWith, type Answers } from './server.ts';
import { outside } from './shown.tsx';
import { fiveSources, states } from './states.ts';

function Living({ answers }: { readonly answers: Answers }): React.JSX.Element {
  const [session] = React.useState(() => sessionWith(answers));
  return <Tab session={session} mark="" />;
}

const meta = { title: 'Behaviour', component: Living } satisfies Meta<typeof Living>;
export default meta;

type Story = StoryObj<typeof meta>;

const json = (value: unknown): Response =>
  new Response(JSON.stringify(value), { headers: { 'Content-Type': 'application/json' } });

/** Failures are open, the rest opens and closes by mouse and by keyboard, and the focus stays. */
export const Expand: Story = {
  args: { answers: { report: fiveSources } },
  play: async ({ canvas }) => {
    await expect(await canvas.findByRole('button', { name: /^payments/ })).toHaveAttribute('aria-expanded', 'true');
    const orders = await canvas.findByRole('button', { name: /^orders/ });
    await expect(orders).toHaveAttribute('aria-expanded', 'false');
    orders.focus();
    await userEvent.keyboard('{Enter}');
    await expect(orders).toHaveAttribute('aria-expanded', 'true');
    await expect(orders).toHaveFocus();
    await userEvent.click(orders);
    await expect(orders).toHaveAttribute('aria-expanded', 'false');
  },
};

/** Whoever goes by headings meets each source, and what is said of it below it. */
export const Headings: Story = {
  args: { answers: { report: fiveSources } },
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Keys in the key ring' }));
    await canvas.findByRole('heading', { level: 4, name: /Acme Builds/ });
    const outline = canvas
      .getAllByRole('heading')
      .map((heading) => `${heading.tagName} ${(heading.textContent ?? '').slice(0, 8).trim()}`);
    const payments = outline.indexOf('H4 payments');
    await expect(outline.slice(0, 2)).toEqual([expect.stringMatching(/^H2 /), 'H3 Sources']);
    await expect(outline.slice(payments, payments + 3)).toEqual(['H4 payments', 'H5 Problems', 'H5 Checks']);
    await expect(outline.filter((each) => each.startsWith('H3'))).toEqual(['H3 Sources', 'H3 History', 'H3 Keys in']);
  },
};

/** What is copied is whole, and without the spaces that it is read with. */
export const Copy: Story = {
  args: { answers: { report: states.otherSigner } },
  play: async ({ canvas }) => {
    const write = fn(() => Promise.resolve());
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText: write } });
    await userEvent.click(await canvas.findByRole('button', { name: 'Copy actual signer' }));
    await expect(write).toHaveBeenCalledWith('A2B77FC3799E8CBDDD6FC74A9699A7DA13423758');
    await waitFor(() => expect(canvas.getByRole('status')).toHaveTextContent('Copied actual signer'));
    await userEvent.click(canvas.getByRole('button', { name: 'Copy policy entry' }));
    await expect(write).toHaveBeenLastCalledWith(states.otherSigner.sources[0]?.proposedPolicy);
  },
};

/** The old verdict stays while the phases go by, then the new one is there and said. */
export const Reverify: Story = {
  args: { answers: { report: states.otherSigner } },
  render: () => {
    let done = false;
    return (
      <Living
        answers={{
          report: () => json(done ? states.verified : states.otherSigner),
          jobs: [job('queued', 0), job('running', 2), job('running', 3), job('done', 4)],
          history: () => {
            done = true;
            return json(emptyHistory);
          },
        }}
      />
    );
  },
  play: async ({ canvas }) => {
    const button = await canvas.findByRole('button', { name: 'Re-verify' });
    await canvas.findByText('Nothing has been recorded yet.');
    await userEvent.click(button);
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    await canvas.findByText('Downloading');
    await canvas.findByRole('heading', { name: /^Sync is blocked/ });
    await canvas.findByRole('heading', { name: /^Verified/ }, { timeout: 8000 });
    await waitFor(() => expect(button).toHaveAttribute('aria-disabled', 'false'));
    await expect(button).toHaveFocus();
    await waitFor(() => expect(canvas.getByRole('status')).toHaveTextContent(/^Verified: /));
  },
};

export const Verifying: Story = {
  args: { answers: { report: { ...states.otherSigner, runningJob: 'job-1' }, jobs: [job('running', 3)] } },
  play: async ({ canvas }) => {
    await expect((await canvas.findByText('Verifying')).closest('li')).toHaveAttribute('aria-current', 'step');
  },
};
export const VerifyingDark: Story = { ...Verifying, globals: { theme: 'dark' } };

export const ReverifyRefused: Story = {
  args: {
    answers: { report: states.verified, jobs: [new Response('', { status: 429, headers: { 'Retry-After': '12' } })] },
  },
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Re-verify' }));
    await canvas.findByText('A new verification could not be had.');
    const why = await canvas.findByText(/Possible again in 12 seconds/);
    // Nobody asks for it again but the person.
    await expect(why).not.toHaveTextContent(/by itself/);
    await expect(canvas.getByRole('button', { name: 'Re-verify' })).toHaveAttribute('aria-disabled', 'false');
    await waitFor(() => expect(canvas.getByRole('status')).toHaveTextContent('Asked too often'));
  },
};

export const ReverifyEndedWithout: Story = {
  args: { answers: { report: states.verified, jobs: [job('failed', 2)] } },
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Re-verify' }));
    await waitFor(() => expect(canvas.getByRole('status')).toHaveTextContent(/^The verification ended without/));
  },
};

/** A report that can't be had anew is shown on, with its age. */
export const Stale: Story = {
  args: { answers: { report: states.verified } },
  render: () => {
    let looks = 0;
    return (
      <Living
        answers={{
          report: () => (looks++ === 0 ? json(states.verified) : new Response('', { status: 502 })),
          jobs: [job('done', 4)],
        }}
      />
    );
  },
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Re-verify' }));
    await canvas.findByText('Stale', {}, { timeout: 4000 });
    await canvas.findByRole('heading', { name: /^Verified/ });
  },
};

/** Keys, evidence and commands are folded until somebody wants them. */
export const Unfold: Story = {
  args: { answers: { report: states.verifiedBySubkey } },
  play: async ({ canvas }) => {
    const evidence = await canvas.findByRole('button', { name: 'Evidence' });
    await userEvent.click(evidence);
    await userEvent.click(await canvas.findByRole('button', { name: 'Show' }));
    await canvas.findByText(/BEGIN PGP SIGNED MESSAGE/);
    await userEvent.click(canvas.getByRole('button', { name: 'Check it yourself' }));
    await canvas.findByText(/helm verify --keyring/);
    await userEvent.click(canvas.getByRole('button', { name: /2 dependencies/ }));
    await expect(await canvas.findByText('inside the signed archive')).toBeVisible();
    await userEvent.click(canvas.getByRole('button', { name: 'Keys in the key ring' }));
    const keys = within(await canvas.findByRole('region', { name: 'Keys in the key ring' }));
    await expect(await keys.findByText('Acme Builds <builds@acme.test>')).toBeVisible();
  },
};
export const UnfoldDark: Story = { ...Unfold, globals: { theme: 'dark' } };

function pulled(pull: SourceReport['pull'], otherPulls: SourceReport['otherPulls'] = []): Report {
  return { ...states.verified, sources: states.verified.sources.map((source) => ({ ...source, pull, otherPulls })) };
}

/** Whether what Argo CD renders was compared with what was verified is said either way, and by old servers not at all. */
export const VerifiedAtPull: Story = {
  args: { answers: { report: pulled({ at: ago(60_000) }) } },
  play: async ({ canvas }) => {
    await canvas.findByText(/verified at pull by the guard/);
    await expect(canvas.queryByText(/Checked at admission only/)).toBeNull();
  },
};
export const CheckedAtAdmissionOnly: Story = {
  args: { answers: { report: pulled(null) } },
  play: async ({ canvas }) => {
    await canvas.findByText(/Checked at admission only/);
    await expect(canvas.queryByText(/verified at pull/)).toBeNull();
  },
};
/** A repository that gave the repo-server other bytes than the server is told of, with both digests and the times. */
export const ServedDifferently: Story = {
  args: {
    answers: {
      report: pulled({ at: ago(60_000) }, [
        {
          digest: digestOf('6f'),
          expected: digestOf('7e'),
          outcome: 'refused',
          firstAt: ago(7_200_000),
          lastAt: ago(3_600_000),
        },
        {
          digest: digestOf('5a'),
          expected: null,
          outcome: 'verified',
          firstAt: ago(90_000_000),
          lastAt: ago(90_000_000),
        },
      ]),
    },
  },
  play: async ({ canvas }) => {
    await canvas.findByText(/verified at pull by the guard/);
    const refused = await canvas.findByText(/refused by the guard/);
    await expect(refused).toHaveTextContent(/refused by the guard 1 hour ago, first 2 hours ago/);
    await expect(refused.parentElement).toHaveTextContent(/sha256:6f6f 6f6f/);
    await expect(refused.parentElement).toHaveTextContent(/The repository gave this server sha256:7e7e 7e7e/);
    await canvas.findByText(/verified at that time/);
  },
};
export const ServedDifferentlyDark: Story = { ...ServedDifferently, globals: { theme: 'dark' } };

/** What was green and is red now is told, and found among the rest. */
export const History: Story = {
  args: { answers: { report: states.otherSigner } },
  play: async ({ canvas }) => {
    const filter = await canvas.findByLabelText('Show');
    const table = within(canvas.getByRole('region', { name: 'History' }));
    await expect(table.getAllByRole('row')).toHaveLength(5);
    await expect(table.getByText('was Could not check')).toBeVisible();
    await userEvent.selectOptions(filter, 'Verified');
    await expect(table.getAllByRole('row')).toHaveLength(3);
    await expect(table.getByText('deployed')).toBeVisible();
    await expect(table.getByText('was Could not check')).toBeVisible();
    await userEvent.selectOptions(filter, 'all verdicts');
    await expect(table.getAllByRole('row')).toHaveLength(5);
  },
};

/** Older entries are asked for once a click, and where they can't be had it is said; what is there stays. */
export const OlderEntries: Story = {
  args: { answers: { report: states.otherSigner } },
  render: () => {
    let pages = 0;
    return (
      <Living
        answers={{
          report: states.otherSigner,
          history: () => {
            pages += 1;
            if (pages === 2) return new Response('', { status: 502 });
            if (pages === 3) return json({ entries: [], next: null });
            return json({ ...history, next: 'older' });
          },
        }}
      />
    );
  },
  play: async ({ canvas }) => {
    const more = await canvas.findByRole('button', { name: 'Show older' });
    const table = within(canvas.getByRole('region', { name: 'History' }));
    await userEvent.click(more);
    await table.findByText(/does not answer/);
    await expect(table.getAllByRole('row')).toHaveLength(5);
    await expect(more).toHaveFocus();
    await userEvent.click(more);
    await waitFor(() => expect(more).not.toBeInTheDocument());
    await expect(table.queryByText(/does not answer/)).toBeNull();
  },
};

/** What is deployed and what would be are told apart, and what is new is called out. */
export const NotWhatIsDeployed: Story = {
  args: { answers: { report: states.otherSigner } },
  play: async ({ canvas }) => {
    await canvas.findByText(/^Another signer: payments is now signed by Jane Roe .* was signed by Acme Release/);
    const deployed = canvas.getByText('What is deployed (1.4.1) was').closest('p');
    await expect(deployed).toHaveTextContent(/^What is deployed \(1\.4\.1\) was Verified 6 hours ago$/);
  },
};

/** Another signer is told also where the policy trusts both. */
export const AnotherTrustedSigner: Story = {
  args: { answers: { report: states.changedSigner, history: changedHistory } },
  play: async ({ canvas }) => {
    await canvas.findByRole('heading', { name: /^Verified: .* signed by Jane Roe/ });
    await canvas.findByText(/^Another signer: payments is now signed by Jane Roe .* was signed by Acme Release/);
    await canvas.findByText('signer changed');
  },
};

/** What was green and is red now, though not a byte has changed. */
export const GreenBefore: Story = {
  args: { answers: { report: states.revokedKey, history: revokedHistory } },
  play: async ({ canvas }) => {
    await canvas.findByRole('heading', { name: /^Sync is blocked: .* revoked/ });
    const line = (await canvas.findByText(/^The verdict has changed: this same revision was/)).closest('p');
    await expect(line).toHaveTextContent(/was Verified 6 hours ago$/);
    await canvas.findByText('was Verified');
  },
};
export const GreenBeforeDark: Story = { ...GreenBefore, globals: { theme: 'dark' } };

/** In time, where everybody looks, and with what to do. */
export const KeyEndsSoon: Story = {
  args: { answers: { report: states.verifiedBySubkey } },
  play: async ({ canvas }) => {
    const line = (await canvas.findByText(/^The key of Acme Release .* ends on$/)).closest('p');
    await expect(line).toHaveTextContent(/updates argocd-gpg-keys-cm\.$/);
  },
};

/** Evidence is fetched with Argo CD's headers and saved from memory. */
export const Download: Story = {
  args: { answers: { report: states.verified } },
  play: async ({ canvas }) => {
    const saved: string[] = [];
    const watch = (event: Event): void => {
      if (!(event.target instanceof HTMLAnchorElement)) return;
      event.preventDefault();
      saved.push(event.target.download);
    };
    document.addEventListener('click', watch);
    try {
      await userEvent.click(await canvas.findByRole('button', { name: 'Evidence' }));
      await userEvent.click(await canvas.findByRole('button', { name: 'Download' }));
      await waitFor(() => expect(saved).toEqual(['payments-1.4.2.tgz.prov']));
    } finally {
      document.removeEventListener('click', watch);
    }
  },
};

let deliver = (): void => {};

/** While evidence is on its way its button says so, asks for nothing more, and keeps the focus. */
export const EvidenceOnItsWay: Story = {
  args: { answers: { report: states.verified } },
  render: () => {
    const blob = new Promise<void>((resolve) => {
      deliver = resolve;
    });
    const evidence = fn(() => blob.then(() => new Response('-----BEGIN PGP SIGNED MESSAGE-----')));
    asked = evidence;
    return <Living answers={{ report: states.verified, evidence }} />;
  },
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Evidence' }));
    const show = await canvas.findByRole('button', { name: 'Show' });
    await userEvent.click(show);
    await waitFor(() => expect(show).toHaveAttribute('aria-disabled', 'true'));
    await userEvent.click(show);
    await expect(asked).toHaveBeenCalledTimes(1);
    deliver();
    await canvas.findByText(/BEGIN PGP SIGNED MESSAGE/);
    await expect(show).toHaveFocus();
    await expect(show).toHaveAttribute('aria-disabled', 'false');
  },
};
let asked = fn(() => Promise.resolve(new Response('')));

/** No character of what is to be copied is out of sight, however narrow the panel is. */
export const WholeProposal: Story = {
  args: { answers: { report: states.otherSigner } },
  render: ({ answers }) => (
    <div style={{ width: 336 }}>
      <Living answers={answers} />
    </div>
  ),
  play: async ({ canvas, canvasElement }) => {
    const entry = await canvas.findByLabelText('policy entry');
    await expect(entry.innerText.trimEnd()).toBe(states.otherSigner.sources[0]?.proposedPolicy?.trimEnd());
    await expect(outside(canvasElement)).toEqual([]);
  },
};
