import type { TestProject } from 'vitest/node';
import { findChromium, type Installed } from './chromium.ts';

declare module 'vitest' {
  interface ProvidedContext {
    chromium: Installed | null;
  }
}

/** Finds Chromium once for all tests. In CI its absence is a failure, elsewhere a line that can't be missed. */
export default async function setup(project: TestProject): Promise<void> {
  const chromium = await findChromium();
  if (chromium === null) {
    const line = 'no Chromium that starts (set CHROMIUM_PATH, or install the package chromium)';
    if (process.env['CI'] !== undefined && process.env['CI'] !== 'false') throw new Error(`browser tests: ${line}`);
    process.stderr.write(`\nbrowser tests skipped: ${line}\n\n`);
  }
  project.provide('chromium', chromium);
}
