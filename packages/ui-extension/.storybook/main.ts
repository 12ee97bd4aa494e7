import { createRequire } from 'node:module';
import type { StorybookConfig } from '@storybook/react-vite';
import { fileURLToPath } from 'node:url';
import { mergeConfig } from 'vite';

/** Stories run with the React of either host: 19.2 (Argo CD 3.5 and 3.6), or 16.14 (3.3 and 3.4). */
const old = process.env['HOST_REACT'] === '16';
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const require = createRequire(old ? here('../../../apps/host-react-16/package.json') : import.meta.url);
const folder = (name: string): string => require.resolve(`${name}/package.json`).replace(/\/package\.json$/, '');

const config: StorybookConfig = {
  stories: ['../stories/*.stories.tsx'],
  addons: ['@storybook/addon-a11y', '@storybook/addon-vitest'],
  framework: '@storybook/react-vite',
  core: { disableTelemetry: true, disableWhatsNewNotifications: true },
  viteFinal: (vite) =>
    mergeConfig(vite, {
      cacheDir: here(`../.cache/vite-react-${old ? '16' : '19'}`),
      resolve: {
        alias: [
          { find: /^react(\/.*)?$/, replacement: `${folder('react')}$1` },
          { find: /^react-dom(\/.*)?$/, replacement: `${folder('react-dom')}$1` },
          ...(old ? [{ find: '@storybook/react-dom-shim', replacement: '@storybook/react-dom-shim/react-16' }] : []),
        ],
      },
      optimizeDeps: {
        include: [
          'react',
          'react-dom',
          ...(old ? [] : ['react-dom/client']),
          'react-dom/test-utils',
          'react/jsx-runtime',
          'react/jsx-dev-runtime',
        ],
      },
    }),
};

export default config;
