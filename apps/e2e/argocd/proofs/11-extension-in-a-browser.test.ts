import { execFile } from 'node:child_process';
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REACT_VERSIONS } from '../../demo/argocd-host/bundle.ts';
import { findChromium, launch } from '../../test/chromium.ts';
import { writePages } from '../host/build.ts';
import { installed } from '../install.ts';
import { createApplication, source, stack, syncToEnd, tidy } from '../proof.ts';

const run = promisify(execFile);
const PACKED = fileURLToPath(new URL('../../../../packages/ui-extension/dist/extension.tar.gz', import.meta.url));
/** Where argocd-server looks: the place cannot be configured, and in a pod nobody else writes there. */
const EXTENSIONS = '/tmp/extensions';

let browser: Browser;
let own = '';
const opened: Browser[] = [];

beforeAll(async () => {
  await installed();
  // As the standard installer unpacks it.
  await mkdir(EXTENSIONS, { recursive: true });
  own = await mkdtemp(join(EXTENSIONS, 'suite-'));
  await run('tar', ['--extract', '--gzip', '--file', PACKED, '--directory', own]);
  await writePages(join(stack.folder, 'argocd', 'assets'));
  const chromium = await findChromium();
  if (chromium === null) throw new Error('There is no Chromium that starts.');
  browser = await launch(chromium);
  opened.push(browser);
  await createApplication('in-browser-good', source('Helm over HTTP', 'good'));
  await createApplication('in-browser-bad', source('Helm over HTTP', 'tampered'));
  expect(await syncToEnd('in-browser-good')).toBe('Succeeded');
});
afterAll(async () => {
  for (const each of opened) await each.close();
  if (own !== '') await rm(own, { recursive: true, force: true });
  await tidy();
});

describe("11. the built extension, from argocd-server's /extensions.js", () => {
  test('is served', async () => {
    const response = await fetch(`${stack.argocd.url}/extensions.js`);
    expect(response.headers.get('content-type')).toBe('application/javascript');
    expect(await response.text()).toContain(`// source: ${own}/resources/`);
  });

  for (const version of REACT_VERSIONS) {
    test(`shows in Chromium with React ${version} what the real backend found`, async () => {
      const context = await browser.newContext();
      const { hostname } = new URL(stack.argocd.url);
      await context.addCookies([
        { name: 'argocd.token', value: stack.argocd.tokens.operator, domain: hostname, path: '/' },
      ]);
      const page = await context.newPage();
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') faults.push(message.text());
      });
      for (const [name, word] of [
        ['in-browser-good', /verified|signed by/i],
        ['in-browser-bad', /not what was signed|changed/i],
      ] as const) {
        await page.goto(`${stack.argocd.url}/react-${version}.html?application=${name}`);
        const headline = page.locator('.si-banner__sentence');
        await headline.waitFor({ timeout: 20_000 });
        expect(await page.locator('#react').textContent()).toMatch(new RegExp(`^${version}\\.`));
        expect(await headline.innerText()).toMatch(word);
      }
      expect(faults).toEqual([]);
      await context.close();
    });
  }
});
