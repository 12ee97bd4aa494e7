import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** By name, since the first proof is of Argo CD without the product. */
class ByName extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId)));
  }
}

export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ['proofs/*.test.ts'],
    globalSetup: ['./global-setup.ts'],
    reporters: ['verbose', './tally.ts'],
    // One stack, one proof after the other.
    fileParallelism: false,
    sequence: { sequencer: ByName },
    // Upper bounds: each wait of a proof has one of its own, which says what did not happen.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    teardownTimeout: 120_000,
  },
});
