import { execFile } from 'node:child_process';
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, launch } from '../../test/chromium.ts';
import { DEMO_CASES, type DemoCase } from '../../test/demo-cases.ts';
import { type Host, visitsTo } from '../../test/tab/host.ts';
import { answersQuestions } from '../../test/tab/questions.ts';
import { standsUnderAnyRootPath } from '../../test/tab/root-path.ts';
import { speaksOfSessions } from '../../test/tab/session.ts';
import { saysVerdicts } from '../../test/tab/verdicts.ts';
import { letsPeopleWork, TAMPERED } from '../../test/tab/work.ts';
import { demoInArgocd } from '../host/demo-in-argocd.ts';
import { installed } from '../install.ts';
import { stack, tidy } from '../proof.ts';

const run = promisify(execFile);
const PACKED = fileURLToPath(new URL('../../../../packages/ui-extension/dist/extension.tar.gz', import.meta.url));
/** Where argocd-server looks: the place cannot be configured, and in a pod nobody else writes there. */
const EXTENSIONS = '/tmp/extensions';

/** One of each verdict and kind, of several projects, and those that a question is about. */
const APPLICATIONS = new Set([
  'payments',
  'web-shop',
  TAMPERED,
  'checkout',
  'search',
  'order-tracking',
  'log-collector',
  'tax-rates',
  'load-test',
  'telemetry',
]);
const casesOf = (...names: readonly string[]): readonly DemoCase[] =>
  DEMO_CASES.filter(({ application }) => names.includes(application));

let host: Host;
let stopHost: () => Promise<void> = () => Promise.resolve();
let browser: Browser | null = null;
let own = '';

beforeAll(async () => {
  await installed();
  // As the standard installer unpacks it.
  await mkdir(EXTENSIONS, { recursive: true });
  own = await mkdtemp(join(EXTENSIONS, 'suite-'));
  await run('tar', ['--extract', '--gzip', '--file', PACKED, '--directory', own]);
  const chromium = await findChromium();
  if (chromium === null) throw new Error('There is no Chromium that starts.');
  browser = await launch(chromium);
  ({ host, stop: stopHost } = await demoInArgocd(APPLICATIONS));
});
afterAll(async () => {
  await browser?.close();
  if (own !== '') await rm(own, { recursive: true, force: true });
  await tidy();
  await stopHost();
});

function world(): { readonly host: Host; readonly browser: Browser } {
  if (browser === null) throw new Error('There is no browser.');
  return { host, browser };
}

describe("11. the built extension, from argocd-server's /extensions.js", () => {
  test('is served', async () => {
    const response = await fetch(`${stack.argocd.url}/extensions.js`);
    expect(response.headers.get('content-type')).toBe('application/javascript');
    expect(await response.text()).toContain(`// source: ${own}/resources/`);
  });

  describe('in Chromium with React 16, before the real backend', () => {
    const visit = visitsTo(world, '16');
    test('runs on that React', () =>
      visit(async ({ argocd, page }) => {
        await argocd.openTab('payments');
        expect(await page.evaluate<string>('window.React.version')).toMatch(/^16\.14/);
      }));
    saysVerdicts(visit, casesOf('payments', 'checkout'), []);
    letsPeopleWork(visit);
  });

  describe('in Chromium with React 19, before the real backend', () => {
    const visit = visitsTo(world, '19');
    test('runs on that React', () =>
      visit(async ({ argocd, page }) => {
        await argocd.openTab('payments');
        expect(await page.evaluate<string>('window.React.version')).toMatch(/^19\.2/);
      }));
    // What was tampered with above and is whole again may not be synced before its digests are forgotten.
    const untouched = [...APPLICATIONS].filter((name) => name !== TAMPERED);
    saysVerdicts(visit, casesOf(...untouched), casesOf('payments', 'checkout'));
    letsPeopleWork(visit);
    speaksOfSessions(visit);
    // Change the policy.
    answersQuestions(visit);
    // Restarts argocd-server.
    standsUnderAnyRootPath(visit);
  });
});
