import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/seed.ts'],
    // Threads that strip types call JavaScript from WebAssembly, and V8 13.6 can fail at giving back what it had compiled
    // for such calls ("Check failed: jit_page.has_value()", in WasmImportWrapperCache::Free). So it compiles nothing for
    // them here. Releases run JavaScript in their threads.
    execArgv: ['--wasm-wrapper-tiering-budget=2147483647'],
    testTimeout: 30_000,
    env: { FAST_CHECK: mode === 'fuzz' ? 'fresh' : 'repeatable' },
  },
}));
