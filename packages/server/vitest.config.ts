import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/seed.ts'],
    testTimeout: 30_000,
    // What is waited for happens; how soon is the machine's affair.
    expect: { poll: { timeout: 20_000 } },
    env: { FAST_CHECK: mode === 'fuzz' ? 'fresh' : 'repeatable' },
  },
}));
