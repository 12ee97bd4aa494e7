import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REACT_VERSIONS } from '../demo/argocd-host/bundle.ts';
import type { Demo } from '../demo/start.ts';
import { ArgocdPage, CHROMIUM, startBrowser } from './argocd-page.ts';
import { DEMO_CASES } from './demo-cases.ts';
import { startOwnDemo } from './running-demo.ts';

describe.skipIf(CHROMIUM === null).each(REACT_VERSIONS)('with React %s', (react) => {
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

  test('the page runs on that React', async () => {
    await argocd.open('/applications');
    expect(await argocd.page.evaluate<string>('window.React.version')).toMatch(react === '16' ? /^16\.14/ : /^19\.2/);
  });

  test.each(DEMO_CASES)(
    'the tab of $application has the right words',
    async ({ application, sources, tab, refusal }) => {
      await argocd.openTab(application);
      // Of Git sources Argo CD answers a little later than the server.
      await expect.poll(() => argocd.words(), { timeout: 15_000 }).toEqual(tab ?? sources.map(([, word]) => word));
      const headline = await argocd.headline.innerText();
      if (refusal === null) expect(headline).not.toMatch(/blocked/);
      else expect(headline).toMatch(/^Sync is blocked: /);
      expect(argocd.faults).toEqual([]);
    },
  );

  test.each(DEMO_CASES)('Sync of $application does what README.md says', async ({ application, refusal }) => {
    const toast = await argocd.sync(application);
    if (refusal === null) {
      expect(toast).toBeNull();
      await argocd.page.getByText('Sync OK').waitFor();
      return;
    }
    expect(toast).toMatch(refusal);
    expect(toast).toContain(
      `Unable to sync: error setting app operation: error updating application "${application}": admission webhook "gate.source-integrity.io" denied the request: `,
    );
    expect(await argocd.page.getByText('Sync OK').count()).toBe(0);
  });

  test.each(['load-test', 'latency-probe'])(
    'without a policy the tab of %s says who signed all the same',
    async (name) => {
      await argocd.openTab(name);
      await expect
        .poll(() => argocd.headline.innerText(), { timeout: 15_000 })
        .toMatch(/^Signed by .+\. No policy requires it\.$/);
    },
  );

  test('the tab names key and identity, and the command that says the same of them', async () => {
    await argocd.openTab('waf-rules');
    await argocd.page.locator('.si-source').getByText('edge-release', { exact: true }).first().waitFor();
    await argocd.openTab('telemetry');
    const source = argocd.page.locator('.si-source');
    await source
      .getByText('https://github.com/acme/edge/.github/workflows/release.yaml@refs/heads/main')
      .first()
      .waitFor();
    await source.getByText('Check it yourself').click();
    await source.getByText(/^cosign verify .*--trusted-root acme\.json .*edge\/telemetry@sha256:/).waitFor();
  });

  test('the status panel carries the verdict too', async () => {
    await argocd.open('/applications/argocd/checkout');
    await argocd.page.locator('.si-panel').getByText('Failed').waitFor();
  });

  // Of an artifact in a registry Argo CD deploys a digest, where the Application has a tag.
  test.each(['payments', 'dns-zones'])('what a sync of %s deployed is what the tab calls deployed', async (name) => {
    expect(await argocd.sync(name)).toBeNull();
    await argocd.page.getByText('Sync OK').waitFor();
    await argocd.openTab(name);
    await argocd.page.getByText('this is the deployed revision').waitFor();
  });
});
