/* oxlint-disable import/no-unassigned-import -- style sheets have nothing to assign */
import '@fontsource/heebo/400.css';
import '@fontsource/heebo/500.css';
import '@fontsource/heebo/600.css';
import '@fortawesome/fontawesome-free/css/all.css';
import type { Preview } from '@storybook/react-vite';
import * as React from 'react';
import { ensureStyles } from '../src/style/style-sheet.ts';
import './host.css';
import { Recorded, takeFault } from './recorded.tsx';

/** Every story stands where Argo CD would put it: in its sliding panel, in one of its themes. */
const preview: Preview = {
  parameters: { layout: 'fullscreen', a11y: { test: 'error' } },
  initialGlobals: { theme: 'light' },
  globalTypes: {
    theme: {
      description: "Argo CD's theme",
      toolbar: { title: 'Theme', items: ['light', 'dark'] },
    },
  },
  decorators: [
    (Story, context) => {
      ensureStyles();
      return (
        <div className={`theme-${String(context.globals['theme'])}`}>
          <main className="sliding-panel__wrapper">
            <div className="sliding-panel__body">
              <Recorded>
                <Story />
              </Recorded>
            </div>
          </main>
        </div>
      );
    },
  ],
  afterEach: () => {
    const fault = takeFault();
    if (fault !== null) throw fault;
  },
};

export default preview;
