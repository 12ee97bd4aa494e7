import { storybookTest } from '@storybook/addon-vitest/vitest-plugin';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { findChromium } from './chromium.ts';

const executablePath = await findChromium();
if (executablePath === null) {
  process.stdout.write('SKIPPED: the stories, for there is no Chromium; install it, or set CHROMIUM_PATH\n');
  process.exit(0);
}

const react = process.env['HOST_REACT'] === '16' ? '16' : '19';

export default defineConfig({
  plugins: [storybookTest({ configDir: new URL('.storybook', import.meta.url).pathname })],
  cacheDir: `.cache/vitest-react-${react}`,
  test: {
    name: `stories, React ${react}`,
    // One story walks through all problems of a kind, and the catalogue grows.
    testTimeout: 60_000,
    // Said by React 16 of every story: the test library awaits what only later versions make a promise.
    onConsoleLog: (log) => !log.includes('Do not await the result of calling act('),
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath, args: ['--no-sandbox'] } }),
      instances: [{ browser: 'chromium' }],
    },
  },
});
