import { access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import chromiumForServers, { inflate } from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/** One that does not start has ended long before; one that does may take its time on a busy machine. */
const START_WITHIN_MS = 120_000;

/** A Chromium that starts, and what it needs for that. */
export interface Installed {
  readonly executablePath: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The Chromium to test with: `CHROMIUM_PATH`, the system's, or the one that npm brought; null where none starts. */
export async function findChromium(): Promise<Installed | null> {
  const given = process.env['CHROMIUM_PATH'];
  for (const executablePath of [given, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']) {
    if (executablePath === undefined || executablePath === '' || !(await exists(executablePath))) continue;
    const installed = { executablePath, environment: {} };
    if (await starts(installed)) return installed;
  }
  return chromiumFromNpm();
}

/** The package's own Chromium; where the system lacks libraries for it (libnss3), with those that it brings. */
async function chromiumFromNpm(): Promise<Installed | null> {
  try {
    const executablePath = await chromiumForServers.executablePath();
    const plain = { executablePath, environment: {} };
    if (await starts(plain)) return plain;
    const bin = new URL('../../bin/', import.meta.resolve('@sparticuz/chromium'));
    const libraries = await inflate(fileURLToPath(new URL('al2023.tar.br', bin)));
    const environment = { LD_LIBRARY_PATH: join(libraries, 'lib'), FONTCONFIG_PATH: join(tmpdir(), 'fonts') };
    const withLibraries = { executablePath, environment };
    return (await starts(withLibraries)) ? withLibraries : null;
  } catch {
    return null;
  }
}

export async function launch({ executablePath, environment }: Installed): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox'],
    env: { ...process.env, ...environment },
    timeout: START_WITHIN_MS,
  });
}

async function starts(installed: Installed): Promise<boolean> {
  try {
    const browser = await launch(installed);
    const page = await browser.newPage();
    await page.goto('about:blank');
    await browser.close();
    return true;
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
