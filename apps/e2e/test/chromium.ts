import { access } from 'node:fs/promises';
import chromiumForServers from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

interface Installed {
  readonly executablePath: string;
  readonly args: readonly string[];
}

/** The Chromium to test with: `CHROMIUM_PATH`, the system's, or the one that npm brought; null where none starts. */
export async function findChromium(): Promise<Installed | null> {
  const given = process.env['CHROMIUM_PATH'];
  for (const executablePath of [given, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']) {
    if (executablePath === undefined || executablePath === '' || !(await exists(executablePath))) continue;
    const candidate = { executablePath, args: ['--no-sandbox'] };
    if (await starts(candidate)) return candidate;
  }
  const brought = await chromiumForServers.executablePath().catch(() => null);
  if (brought === null) return null;
  const candidate = { executablePath: brought, args: chromiumForServers.args };
  return (await starts(candidate)) ? candidate : null;
}

export async function launch({ executablePath, args }: Installed): Promise<Browser> {
  return chromium.launch({ executablePath, args: [...args] });
}

async function starts(candidate: Installed): Promise<boolean> {
  try {
    await (await launch(candidate)).close();
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
