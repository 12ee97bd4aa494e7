import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Each file starts a demo of its own, some a browser too.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for happens; how soon is the machine's affair.
    expect: { poll: { timeout: 20_000 } },
    globalSetup: ['test/require-chromium.ts'],
  },
});
