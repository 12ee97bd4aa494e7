import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults, ElementContext, RunOptions } from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Demo } from '../demo/start.ts';
import { ArgocdPage, CHROMIUM, startBrowser } from './argocd-page.ts';
import { startOwnDemo } from './running-demo.ts';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function violations(argocd: ArgocdPage, context: ElementContext, options: RunOptions): Promise<string[]> {
  await argocd.page.evaluate(axe);
  const found = await argocd.page.evaluate<AxeResults>(
    `axe.run(${JSON.stringify(context)}, ${JSON.stringify(options)})`,
  );
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

/** What is ours is held to every rule; of Argo CD's look its own colours are taken as they are. */
async function expectAccessible(argocd: ArgocdPage): Promise<void> {
  const colours = { rules: { 'color-contrast': { enabled: false } } };
  expect(await violations(argocd, { include: [['body']] }, colours)).toEqual([]);
  for (const ours of ['.si-root', '.si-panel', '.demo-bar']) {
    if ((await argocd.page.locator(ours).count()) === 0) continue;
    expect(await violations(argocd, { include: [[ours]] }, {})).toEqual([]);
  }
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
    test.each(['payments', 'checkout', 'order-tracking', 'tax-rates', 'load-test', 'dashboards'])(
      'axe finds nothing in the tab of %s',
      async (application) => {
        const argocd = new ArgocdPage(await browser.newPage(), demo.address, { theme });
        await argocd.openTab(application);
        await argocd.words();
        await expectAccessible(argocd);
        await argocd.page.close();
      },
    );

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
