import { inject } from 'vitest';
import type { Browser } from 'playwright-core';
import { launch } from './chromium.ts';

/** Null where browser tests are skipped; `require-chromium.ts` says so, and fails in CI. */
export const CHROMIUM = inject('chromium');

export async function startBrowser(): Promise<Browser> {
  if (CHROMIUM === null) throw new Error('no Chromium');
  return launch(CHROMIUM);
}
