import type { Meta, StoryObj } from '@storybook/react-vite';
import * as React from 'react';
import { expect, userEvent, waitFor } from 'storybook/test';
import { Tab } from '../src/tab/tab.tsx';
import { sessionWith, type Answers } from './server.ts';
import { states } from './states.ts';

function Unanswered({
  answers,
  timeoutMs,
}: {
  readonly answers: Answers;
  readonly timeoutMs?: number;
}): React.JSX.Element {
  const [session] = React.useState(() => sessionWith(answers, timeoutMs));
  return <Tab session={session} mark="" />;
}

const meta = { title: 'No answer', component: Unanswered } satisfies Meta<typeof Unanswered>;
export default meta;

type Story = StoryObj<typeof meta>;

const answering = (status: number, body: string, title: RegExp, headers: Record<string, string> = {}): Story => ({
  args: { answers: { report: () => new Response(body, { status, headers }) } },
  play: async ({ canvas }) => {
    await canvas.findByRole('heading', { name: title });
    await canvas.findByText('What to do.');
    await expect(canvas.getByRole('button', { name: 'Try again' })).toBeEnabled();
  },
});
const problemDetails = (status: number): string =>
  JSON.stringify({
    type: 'about:blank',
    title: 'Problem',
    status,
    detail: 'The verification store does not answer.',
    code: 'internal',
    requestId: '01JD3K9',
  });

export const Loading: Story = {
  args: { answers: { report: () => new Promise<Response>(() => {}) } },
  play: async ({ canvas }) => {
    await canvas.findByText('Looking for the verdict …');
  },
};
export const BadRequest = answering(400, 'Invalid headers', /did not understand/);
export const Unauthorized: Story = {
  ...answering(401, 'Unauthorized extension request', /session has expired/),
  play: async ({ canvas }) => {
    await canvas.findByText(/Log in again/);
    await canvas.findByText('p, <role>, extensions, invoke, source-integrity, allow');
  },
};
export const UnauthorizedDark: Story = { ...Unauthorized, globals: { theme: 'dark' } };
export const Forbidden = answering(403, 'permission denied', /may not see this$/);
export const ExtensionMissing = answering(404, 'Extension not found', /does not know the server of this extension/);
export const NotFound = answering(404, problemDetails(404), /server does not know this/);
export const RateLimited = answering(429, '', /too often/, { 'Retry-After': '12' });
export const BadGateway = answering(502, 'Bad Gateway', /does not answer/);
export const BadGatewayDark: Story = { ...BadGateway, globals: { theme: 'dark' } };
export const GatewayTimeout = answering(504, '', /does not answer/);
export const ServerFault = answering(500, problemDetails(500), /met a fault/);
export const LoginPage = answering(200, '<!doctype html><title>Log in</title>', /not one that this version knows/);
export const OtherVersion = answering(200, '{"version": 2}', /not one that this version knows/);
export const Timeout: Story = {
  args: { answers: { report: () => new Promise<Response>(() => {}) }, timeoutMs: 20 },
  play: async ({ canvas }) => {
    await canvas.findByRole('heading', { name: /took too long/ });
  },
};
export const NoConnection: Story = {
  args: { answers: { report: () => Promise.reject(new TypeError('Failed to fetch')) } },
  play: async ({ canvas }) => {
    await canvas.findByRole('heading', { name: /no connection/ });
  },
};
export const PartsMissing: Story = {
  args: {
    answers: {
      report: states.verified,
      history: () => new Response('', { status: 502 }),
      keys: () => new Response('', { status: 502 }),
    },
  },
  play: async ({ canvas }) => {
    await canvas.findByRole('heading', { name: /^Verified/ });
    await canvas.findByText(/does not answer/);
  },
};

let answer = (): void => {};

/** Whoever asks again keeps the reason before them, and the focus: also when the verdict takes its place. */
export const TryAgain: Story = {
  args: { answers: {} },
  render: () => {
    const later = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let looks = 0;
    const down = (): Response => new Response('Bad Gateway', { status: 502 });
    return (
      <Unanswered
        answers={{
          report: () =>
            looks++ === 0 ? down() : later.then(() => (looks === 2 ? down() : Response.json(states.verified))),
        }}
      />
    );
  },
  play: async ({ canvas }) => {
    const said = canvas.getByRole('status');
    const button = await canvas.findByRole('button', { name: 'Try again' });
    await waitFor(() => expect(said).toHaveTextContent('The Source Integrity server does not answer'));
    await userEvent.click(button);
    await waitFor(() => expect(button).toHaveAttribute('aria-disabled', 'true'));
    await expect(canvas.getByRole('heading', { name: /does not answer/ })).toBeVisible();
    await expect(button).toHaveFocus();
    await waitFor(() => expect(said).toHaveTextContent('Looking for the verdict …'));
    answer();
    await waitFor(() => expect(button).toHaveAttribute('aria-disabled', 'false'));
    await expect(button).toHaveFocus();
    await userEvent.click(button);
    await canvas.findByRole('heading', { name: /^Verified/ });
    await waitFor(() => expect(canvas.getByRole('button', { name: 'Re-verify' })).toHaveFocus());
    await waitFor(() => expect(said).toHaveTextContent(/^Verified: /));
  },
};
