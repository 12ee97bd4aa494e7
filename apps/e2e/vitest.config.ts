import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Each file starts a demo of its own, some a browser too.
    fileParallelism: false,
    // What is waited for happens; how soon is the machine's affair. One wait fails before the test does, and says of what.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
    globalSetup: ['test/require-chromium.ts'],
  },
});
