import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REACT_VERSIONS } from '../demo/argocd-host/bundle.ts';
import type { Demo } from '../demo/start.ts';
import { ArgocdPage } from './argocd-page.ts';
import { CHROMIUM, startBrowser } from './browser.ts';
import { startOwnDemo } from './running-demo.ts';

describe.skipIf(CHROMIUM === null)('with the server gone', () => {
  let demo: Demo;
  let browser: Browser;

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startOwnDemo(), startBrowser()]);
    await demo.stopServer();
  });
  afterAll(async () => {
    await browser.close();
    await demo.stop();
  });

  test.each(REACT_VERSIONS)('the tab says so and the page goes on (React %s)', async (react) => {
    const argocd = new ArgocdPage(await browser.newPage(), demo.address, { react });
    await argocd.openTab('payments');
    await argocd.page.getByRole('heading', { name: 'The Source Integrity server does not answer' }).waitFor();
    await argocd.page.locator('.si-panel').getByText('Could not check').waitFor();
    await argocd.page.getByRole('button', { name: 'Summary' }).click();
    await argocd.page.getByText('Retry disabled').waitFor();
    expect(argocd.faults).toEqual([]);
    await argocd.page.close();
  });

  test('no sync gets through', async () => {
    const argocd = new ArgocdPage(await browser.newPage(), demo.address);
    expect(await argocd.sync('payments')).toMatch(
      /failed calling webhook "gate\.source-integrity\.io".*connection refused/,
    );
    await argocd.page.close();
  });
});
