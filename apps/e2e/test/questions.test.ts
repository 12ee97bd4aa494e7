import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Demo } from '../demo/start.ts';
import { ArgocdPage } from './argocd-page.ts';
import { CHROMIUM, startBrowser } from './browser.ts';
import { startOwnDemo } from './running-demo.ts';
import { visible } from './tab/host.ts';

/** What can only be asked of the demo, where Argo CD has checked a commit. All else is in `tab/questions.ts`. */
describe.skipIf(CHROMIUM === null)('a person who reads the tab', () => {
  let demo: Demo;
  let browser: Browser;

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startOwnDemo(), startBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await demo.stop();
  });

  test('learns who signed the commit that is running', async () => {
    const page = await browser.newPage();
    const argocd = new ArgocdPage(page, demo.address);
    await argocd.openTab('cluster-addons');
    await page.getByRole('heading', { name: /^Verified: Argo CD itself/ }).waitFor();
    expect(await visible({ argocd, page }, '.si-source')).toMatch(
      /Verified by Argo CD .* Commit (?:[0-9a-f]{4} ?){10} Result Verified All that the project’s Git policy asks for/i,
    );
  });
});
