import type { Report } from '@source-integrity/core/contract';
import * as React from 'react';
import { expect, waitFor, within } from 'storybook/test';
import { Tab } from '../src/tab/tab.tsx';
import { sessionWith } from './server.ts';

/** The tab for a report, as the whole of it is: client, parsers and state machine included. */
export function Shown({ report }: { readonly report: Report }): React.JSX.Element {
  const [session] = React.useState(() => sessionWith({ report }));
  return <Tab session={session} mark="" />;
}

/** In a panel as narrow as a telephone. */
export function ShownNarrow({ report }: { readonly report: Report }): React.JSX.Element {
  return (
    <div style={{ width: 336 }}>
      <Shown report={report} />
    </div>
  );
}

/** What reaches beyond its box, where the box would cut it off, and what is to be scrolled to sideways. */
export function outside(canvas: HTMLElement): string[] {
  return [...canvas.querySelectorAll('.si-box')].flatMap((box) => {
    const { right } = box.getBoundingClientRect();
    return [...box.querySelectorAll('*')]
      .filter((element) => element.closest('.si-unseen') === null)
      .filter(
        (element) =>
          element.getBoundingClientRect().right > right + 1 ||
          (element.matches('.si-snippet__text') && element.scrollWidth > element.clientWidth),
      )
      .map((element) => `${element.tagName}.${element.className}`);
  });
}

/** Waits until the tab says this, whole and within its boxes. */
export const shows =
  (sentence: RegExp) =>
  async ({ canvasElement }: { readonly canvasElement: HTMLElement }): Promise<void> => {
    const canvas = within(canvasElement);
    const heading = await canvas.findByRole('heading', { level: 2 });
    await waitFor(() => expect(heading.textContent).toMatch(sentence));
    await canvas.findByRole('heading', { name: 'History' });
    await expect(outside(canvasElement)).toEqual([]);
  };
