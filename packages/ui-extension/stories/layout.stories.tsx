import type { Meta, StoryObj } from '@storybook/react-vite';
import * as React from 'react';
import { expect } from 'storybook/test';
import { outside, Shown } from './shown.tsx';
import { fiveSources, hostile, states } from './states.ts';

/** The main states one after the other, in a panel of the width that is asked for. */
const SHOWN = {
  verified: states.verified,
  failed: states.otherSigner,
  unsigned: states.unsigned,
  'not required': states.signedButNotRequired,
  'partially verified': states.partiallyVerified,
  unsupported: states.unsupported,
  'could not check': states.couldNotCheck,
  checking: states.stillVerifying,
  'five sources': fiveSources,
  'hostile text': hostile,
};

function Walk({ width }: { readonly width: number }): React.JSX.Element {
  const [index, setIndex] = React.useState(0);
  const [name, report] = Object.entries(SHOWN)[index] ?? ['', states.verified];
  return (
    <div style={{ maxWidth: width }}>
      <button type="button" onClick={() => setIndex(index + 1)}>
        Next
      </button>{' '}
      <output>{name}</output>
      <Shown key={name} report={report} />
    </div>
  );
}

const meta = { title: 'Layout', component: Walk } satisfies Meta<typeof Walk>;
export default meta;

type Story = StoryObj<typeof meta>;

const at = (width: number, theme = 'light'): Story => ({
  args: { width },
  globals: { theme },
  play: async ({ canvas, canvasElement, userEvent }) => {
    for (const name of Object.keys(SHOWN)) {
      await expect(canvasElement.querySelector('output')).toHaveTextContent(name);
      await canvas.findByRole('heading', { name: 'History' });
      await canvas.findAllByRole('row');
      const layout = layoutOf(canvasElement);
      await expect(layout.outside, name).toEqual([]);
      await expect(layout.overlapping, name).toEqual([]);
      await expect(layout.small, name).toEqual([]);
      await expect(layout.order, name).toEqual(['Source Integrity', 'Sources', 'History', 'Keys in the key ring']);
      await expect(layout.verdictsBegin.size, name).toBe(1);
      await userEvent.click(canvas.getByRole('button', { name: 'Next' }));
    }
  },
});

interface Layout {
  readonly outside: readonly string[];
  /** Texts of the banner and rows that lie over one another. */
  readonly overlapping: readonly string[];
  /** Buttons below the least size of WCAG 2.2, 2.5.8. */
  readonly small: readonly string[];
  /** The boxes from top to bottom. */
  readonly order: readonly string[];
  /** Where the words of verdicts begin: one place for all rows. */
  readonly verdictsBegin: ReadonlySet<number>;
}

function layoutOf(canvas: HTMLElement): Layout {
  const boxes = [...canvas.querySelectorAll('.si-box')];
  const parts = [...canvas.querySelectorAll('.si-banner > *, .si-source__row > *')];
  const buttons = [...canvas.querySelectorAll('.si-root button, .si-root select')];
  return {
    outside: outside(canvas),
    overlapping: parts.flatMap((part) =>
      parts
        .filter((other) => other !== part && other.parentElement === part.parentElement && overlap(part, other))
        .map(nameOf),
    ),
    small: buttons
      .filter((button) => {
        const { width, height } = button.getBoundingClientRect();
        // A link in a line of text is excepted.
        return !button.classList.contains('si-link') && (width < 24 || height < 24);
      })
      .map(nameOf),
    order: boxes
      .toSorted((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
      .map((box) => box.getAttribute('aria-label') ?? ''),
    verdictsBegin: new Set(
      [...canvas.querySelectorAll('.si-source__verdict > :first-child')].map((word) =>
        Math.round(word.getBoundingClientRect().left),
      ),
    ),
  };
}

function overlap(a: Element, b: Element): boolean {
  const [one, other] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
  const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  return across > 1 && down > 1;
}

function nameOf(element: Element): string {
  return `${element.tagName}.${element.className}`;
}

/** Argo CD's panel in a window of 1440, 1280 and 360 pixels; of 1440 at 200 and at 400 % zoom. */
export const Wide = at(1152);
export const WideDark = at(1152, 'dark');
export const Laptop = at(1024);
export const Zoomed = at(720);
export const ZoomedFurther = at(320);
export const Narrow = at(360);
export const NarrowDark = at(360, 'dark');
