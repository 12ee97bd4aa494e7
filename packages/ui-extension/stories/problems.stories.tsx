import type { Report } from '@source-integrity/core/contract';
import type { Meta, StoryObj } from '@storybook/react-vite';
import * as React from 'react';
import { expect, userEvent, within } from 'storybook/test';
import { Banner } from '../src/banner/banner.tsx';
import { nothingAsked } from '../src/git/git-results.ts';
import { SourceList } from '../src/sources/source-list.tsx';
import { NowProvider } from '../src/text/when.tsx';
import { codesOf, reportOf } from './problems.ts';
import { outside } from './shown.tsx';

/** One problem of the catalogue after the other. */
function Walk({ codes, width }: { readonly codes: readonly string[]; readonly width: number }): React.JSX.Element {
  const [index, setIndex] = React.useState(0);
  const code = codes[index % codes.length] ?? '';
  return (
    <div style={{ maxWidth: width }}>
      <button type="button" onClick={() => setIndex(index + 1)}>
        Next
      </button>{' '}
      <output>{code}</output>
      <div className="si-root">
        <NowProvider key={code}>
          <OfProblem report={reportOf(code)} />
        </NowProvider>
      </div>
    </div>
  );
}

function OfProblem({ report }: { readonly report: Report }): React.JSX.Element {
  return (
    <>
      <Banner
        report={report}
        history={[]}
        git={nothingAsked}
        heardAt={Date.now()}
        stale={null}
        verification={{ phase: 'idle' }}
        onVerify={() => {}}
      />
      <SourceList
        report={report}
        keys={null}
        git={nothingAsked}
        evidence={() => Promise.reject(new Error('nobody asks for evidence here'))}
      />
    </>
  );
}

const meta = { title: 'Problems', component: Walk, args: { width: 1100 } } satisfies Meta<typeof Walk>;
export default meta;

type Story = StoryObj<typeof meta>;

/** None says what nobody means, and none reaches beyond its box. */
const walk = (...consequences: Parameters<typeof codesOf>): Story => ({
  args: { codes: codesOf(...consequences) },
  play: async ({ args, canvasElement }) => {
    const canvas = within(canvasElement);
    for (const code of args.codes) {
      await expect(canvas.getByRole('status')).toHaveTextContent(code);
      await expect(canvasElement.textContent, code).not.toMatch(/undefined|NaN|\[object|\bnull\b|cannot put in words/);
      await expect(outside(canvasElement), code).toEqual([]);
      await userEvent.click(canvas.getByRole('button', { name: 'Next' }));
    }
  },
});
const narrow = (wide: Story): Story => ({ ...wide, args: { ...wide.args, width: 336 } });

export const Failed = walk('failed');
export const FailedNarrow = narrow(Failed);
export const Unsigned = walk('unsigned');
export const UnsignedNarrow = narrow(Unsigned);
export const CouldNotCheck = walk('indeterminate');
export const CouldNotCheckNarrow = narrow(CouldNotCheck);
export const Unsupported = walk('unsupported');
export const UnsupportedNarrow = narrow(Unsupported);
export const Refused = walk('refused');
export const RefusedNarrow = narrow(Refused);
export const Warnings = walk('warning');
export const WarningsNarrow = narrow(Warnings);
