import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REACT_VERSIONS } from '../demo/argocd-host/bundle.ts';
import type { Demo } from '../demo/start.ts';
import { ArgocdPage } from './argocd-page.ts';
import { CHROMIUM, startBrowser } from './browser.ts';
import { startOwnDemo } from './running-demo.ts';

/** What `tab/verdicts.ts` does not ask of every host. */
describe.skipIf(CHROMIUM === null).each(REACT_VERSIONS)('verdicts with React %s', (react) => {
  let demo: Demo;
  let browser: Browser;
  let argocd: ArgocdPage;

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startOwnDemo(), startBrowser()]);
    argocd = new ArgocdPage(await browser.newPage(), demo.address, { react });
  });
  afterAll(async () => {
    await browser.close();
    await demo.stop();
  });

  test('without a policy the tab says who signed in a registry, too', async () => {
    await argocd.openTab('latency-probe');
    await expect.poll(() => argocd.headline.innerText()).toMatch(/^Signed by .+\. No policy requires it\.$/);
  });

  test('the tab names the key of a signature in a registry', async () => {
    await argocd.openTab('waf-rules');
    await argocd.page.locator('.si-source').getByText('edge-release', { exact: true }).first().waitFor();
  });

  // Of an artifact in a registry Argo CD deploys a digest, where the Application has a tag.
  test.each(['payments', 'dns-zones'])('what a sync of %s deployed is what the tab calls deployed', async (name) => {
    expect(await argocd.sync(name)).toBeNull();
    await argocd.page.getByText('Sync OK').waitFor();
    await argocd.openTab(name);
    await argocd.page.getByText('this is the deployed revision').waitFor();
  });
});
