import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** A Chromium to test in: the one named by CHROMIUM_PATH, the system's, or the one that comes with npm; null: none. */
export async function findChromium(): Promise<string | null> {
  const named = process.env['CHROMIUM_PATH'];
  if (named !== undefined && named !== '') return named;
  if (existsSync('/usr/bin/chromium')) return '/usr/bin/chromium';
  try {
    const require = createRequire(new URL('../../apps/e2e/package.json', import.meta.url));
    const bundled: unknown = await import(pathToFileURL(require.resolve('@sparticuz/chromium')).href);
    const browser: unknown = typeof bundled === 'object' && bundled !== null ? Reflect.get(bundled, 'default') : null;
    const locate: unknown = typeof browser === 'function' ? Reflect.get(browser, 'executablePath') : null;
    const path: unknown = typeof locate === 'function' ? await locate.call(browser) : null;
    return typeof path === 'string' ? path : null;
  } catch {
    return null;
  }
}
