import { defineConfig } from 'vitest/config';

/** The benches that need the whole stack; nothing else runs beside them. */
export default defineConfig({
  root: `${import.meta.dirname}/..`,
  test: {
    include: ['bench/admission.bench.ts', 'bench/guard.bench.ts'],
    globalSetup: ['./argocd/global-setup.ts'],
    fileParallelism: false,
    teardownTimeout: 60_000,
    silent: false,
    disableConsoleIntercept: true,
  },
});
