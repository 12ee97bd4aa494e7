import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Demo } from '../demo/start.ts';
import { ArgocdPage } from './argocd-page.ts';
import { CHROMIUM, startBrowser } from './browser.ts';
import { startOwnDemo } from './running-demo.ts';

/** What is ours is held to every rule; of Argo CD's look its own colours are taken as they are. */
async function violations(argocd: ArgocdPage): Promise<string[]> {
  await argocd.page.evaluate(axe.source);
  return argocd.page.evaluate<string[]>(`(async () => {
    const { violations } = await axe.run();
    const isOurs = ({ target }) => document.querySelector(target[0])?.closest('.si-root, .si-panel, .demo-bar') != null;
    return violations.flatMap(({ id, nodes }) =>
      nodes.filter((node) => id !== 'color-contrast' || isOurs(node)).map(({ html }) => id + ': ' + html.slice(0, 160)),
    );
  })()`);
}

async function expectAccessible(argocd: ArgocdPage): Promise<void> {
  expect(await violations(argocd)).toEqual([]);
}

describe.skipIf(CHROMIUM === null)('for everybody', () => {
  let demo: Demo;
  let browser: Browser;

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startOwnDemo(), startBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await demo.stop();
  });

  describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
    test.each([
      'payments',
      'checkout',
      'order-tracking',
      'tax-rates',
      'load-test',
      'dashboards',
      'telemetry',
      'access-lists',
      'cluster-addons',
    ])('axe finds nothing in the tab of %s', async (application) => {
      const argocd = new ArgocdPage(await browser.newPage(), demo.address, { theme });
      await argocd.openTab(application);
      await argocd.words();
      await expectAccessible(argocd);
      await argocd.page.close();
    });

    test('axe finds nothing in list, tree and refusal', async () => {
      const argocd = new ArgocdPage(await browser.newPage(), demo.address, { theme });
      await argocd.open('/applications');
      await argocd.page.getByRole('article').first().waitFor();
      await expectAccessible(argocd);
      await argocd.open('/applications/argocd/checkout');
      await argocd.page.locator('.si-panel').waitFor();
      await expectAccessible(argocd);
      expect(await argocd.sync('checkout')).not.toBeNull();
      await expectAccessible(argocd);
      await argocd.page.close();
    });
  });

  test.each([
    ['200 %', 720],
    ['400 %', 360],
  ])('at %s zoom the tab is read without scrolling sideways', async (_, width) => {
    const page = await browser.newPage({ viewport: { width, height: 450 } });
    const argocd = new ArgocdPage(page, demo.address);
    for (const application of ['search', 'order-tracking', 'telemetry', 'access-lists', 'cluster-addons']) {
      await argocd.openTab(application);
      await page.getByRole('heading', { name: 'History' }).waitFor();
      const beyond = await page.evaluate<string[]>(`[...document.querySelectorAll('.si-root, .si-root *')]
        .filter((element) => element.closest('.si-unseen') === null)
        .filter((element) =>
          element.getBoundingClientRect().right > innerWidth + 1 ||
          (element.matches('.si-snippet__text') && element.scrollWidth > element.clientWidth))
        .map(({ tagName, className }) => tagName + '.' + className)`);
      expect(beyond, application).toEqual([]);
    }
    await page.close();
  });

  test.each([
    ['reduce', 0],
    ['no-preference', 1],
  ] as const)('who wants motion to %s gets it so', async (reducedMotion, least) => {
    const page = await browser.newPage({ reducedMotion });
    await page.route('**/report', () => new Promise(() => {}));
    const argocd = new ArgocdPage(page, demo.address);
    await argocd.openTab('payments');
    await page.locator('.si-bone').first().waitFor();
    const moving = await page.evaluate<number>(
      `document.getAnimations().filter(({ effect }) => effect.target.closest('.si-root') !== null).length`,
    );
    if (least === 0) expect(moving).toBe(0);
    else expect(moving).toBeGreaterThanOrEqual(least);
    await page.close();
  });

  test('the way from the list to a refused sync needs no mouse', async () => {
    const argocd = new ArgocdPage(await browser.newPage(), demo.address);
    const { keyboard } = argocd.page;
    const focused = (): Promise<string> =>
      argocd.page.evaluate<string>('(document.activeElement?.textContent ?? "").trim()');
    const tabTo = async (name: string): Promise<void> => {
      for (let presses = 0; presses < 150; presses += 1) {
        if ((await focused()) === name) return;
        await keyboard.press('Tab');
      }
      throw new Error(`the keyboard does not reach ${name}`);
    };

    await argocd.open('/applications');
    await argocd.page.getByRole('article', { name: 'checkout' }).waitFor();
    await tabTo('checkout');
    await keyboard.press('Enter');
    await argocd.page.getByRole('toolbar').waitFor();
    await tabTo('Details');
    await keyboard.press('Enter');
    await tabTo('Source Integrity');
    await keyboard.press('Enter');
    expect(await argocd.words()).toEqual(['Failed']);
    await tabTo('Re-verify');
    await keyboard.press('Enter');
    await argocd.page.locator('.si-banner .si-button[aria-disabled="false"]').waitFor();
    // The focus stays where it was, however the verdict turns out.
    expect(await focused()).toBe('Re-verify');
    await keyboard.press('Escape');
    await argocd.page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused()).toBe('Details');
    await tabTo('Sync');
    await keyboard.press('Enter');
    await tabTo('Synchronize');
    await keyboard.press('Enter');
    await argocd.page.locator('.toast__message').waitFor();
  });
});
