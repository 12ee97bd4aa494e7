import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/seed.ts'],
    testTimeout: 30_000,
    env: { FAST_CHECK: mode === 'fuzz' ? 'fresh' : 'repeatable' },
  },
}));
