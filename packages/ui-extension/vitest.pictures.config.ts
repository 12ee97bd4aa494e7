import { defineConfig } from 'vitest/config';
import { findChromium } from './chromium.ts';

/** Other builds set letters a little wider or narrower, so that lines break elsewhere. */
const TAKEN_WITH = '/usr/bin/chromium';

if ((await findChromium()) !== TAKEN_WITH) {
  process.stdout.write(
    "SKIPPED: the pictures, for they are those of Debian's Chromium; install the package chromium\n",
  );
  process.exit(0);
}

export default defineConfig({
  // Upper bounds, for machines that are busy.
  test: { include: ['pictures/*.test.ts'], testTimeout: 300_000, hookTimeout: 300_000 },
});
