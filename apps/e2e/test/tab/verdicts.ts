import { describe, expect, test } from 'vitest';
import { PATIENCE_MS } from '../argocd-page.ts';
import type { DemoCase } from '../demo-cases.ts';
import type { Visit } from './host.ts';

/** What the tab says of Applications, and that Argo CD does what it says. */
export function saysVerdicts(visit: Visit, cases: readonly DemoCase[], syncs: readonly DemoCase[]): void {
  test.each(cases)('the tab of $application has the right words', ({ application, sources, tab, refusal }) =>
    visit(async ({ argocd }) => {
      await argocd.openTab(application);
      // Of Git sources Argo CD answers a little later than the server.
      await expect.poll(() => argocd.words(), { timeout: PATIENCE_MS }).toEqual(tab ?? sources.map(([, word]) => word));
      const headline = await argocd.headline.innerText();
      if (refusal === null) expect(headline).not.toMatch(/blocked/);
      else expect(headline).toMatch(/^Sync is blocked: /);
    }),
  );

  test.each(syncs)('Sync of $application does what the tab says', ({ application, refusal }) =>
    visit(async ({ argocd, page }) => {
      const toast = await argocd.sync(application);
      if (refusal === null) {
        expect(toast).toBeNull();
        await page.getByText('Sync OK').waitFor();
        return;
      }
      expect(toast).toMatch(refusal);
      expect(toast).toContain(
        `Unable to sync: error setting app operation: error updating application "${application}": admission webhook "gate.source-integrity.io" denied the request: `,
      );
      expect(await page.getByText('Sync OK').count()).toBe(0);
    }),
  );

  describe('what is beside the verdict', () => {
    test('without a policy the tab says who signed all the same', () =>
      visit(async ({ argocd }) => {
        await argocd.openTab('load-test');
        await expect
          .poll(() => argocd.headline.innerText(), { timeout: PATIENCE_MS })
          .toMatch(/^Signed by .+\. No policy requires it\.$/);
      }));

    test('the identity behind a keyless signature, and the command that says the same', () =>
      visit(async ({ argocd, page }) => {
        await argocd.openTab('telemetry');
        const source = page.locator('.si-source');
        await source
          .getByText('https://github.com/acme/edge/.github/workflows/release.yaml@refs/heads/main')
          .first()
          .waitFor();
        await source.getByText('Check it yourself').click();
        await source.getByText(/^cosign verify .*--trusted-root acme\.json .*edge\/telemetry@sha256:/).waitFor();
      }));

    test('the status panel says it in a word, and its flyout the rest', () =>
      visit(async ({ argocd, page }) => {
        await argocd.open('/applications/argocd/checkout');
        await page.locator('.si-panel').getByRole('button', { name: 'Failed' }).click();
        const flyout = page.getByRole('dialog', { name: 'Extension' });
        await flyout.getByRole('heading', { name: /^Sync is blocked: chart checkout 2\.3\.1/ }).waitFor();
      }));
  });
}
