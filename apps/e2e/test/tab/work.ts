import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tampered } from '../../demo/chart-archive.ts';
import { PATIENCE_MS } from '../argocd-page.ts';
import { copied, expectVisible, type Visit } from './host.ts';

/** The Application whose chart is tampered with, and restored. */
export const TAMPERED = 'recommendations';

/** What a person does with the tab, beyond reading. */
export function letsPeopleWork(visit: Visit): void {
  describe('a person who works with the tab', () => {
    test('sees a verification go its way, with the old verdict above it', () =>
      visit(async ({ argocd, page, host }) => {
        await argocd.openTab('payments');
        const verified = page.getByRole('heading', { name: /^Verified: chart payments 1\.4\.2/ });
        await verified.waitFor();
        const release = host.holdCharts();
        try {
          await page.getByRole('button', { name: 'Re-verify' }).click();
          const step = page.locator('.si-phases [aria-current="step"]');
          await step.waitFor();
          expect(await step.innerText()).toMatch(/Finding the version|Downloading/);
          expect(await page.locator('.si-banner .si-button').innerText()).toMatch(/Verifying …/i);
          expect(await verified.count()).toBe(1);
        } finally {
          release();
        }
        await page.locator('.si-banner .si-button[aria-disabled="false"]').waitFor();
        expect(await page.locator('.si-phases').count()).toBe(0);
        await page.getByText('on request').first().waitFor();
        expect(await argocd.words()).toEqual(['Verified']);
      }));

    test('takes the evidence away as it was published', () =>
      visit(async ({ argocd, page, host }) => {
        await argocd.openTab('payments');
        await page.getByRole('button', { name: 'Evidence' }).click();
        const provenance = page.locator('.si-evidence').filter({ hasText: 'Provenance file' });
        const downloading = page.waitForEvent('download');
        await provenance.getByRole('button', { name: 'Download' }).click();
        const download = await downloading;
        expect(download.suggestedFilename()).toBe('payments-1.4.2.tgz.prov');
        const published = await readFile(join(host.folder.charts, 'storefront', 'payments-1.4.2.tgz.prov'), 'utf8');
        expect(await readFile(await download.path(), 'utf8')).toBe(published);
      }));

    test('copies a fingerprint whole', () =>
      visit(async ({ argocd, page }) => {
        await argocd.openTab('payments');
        await page.getByRole('button', { name: 'Copy fingerprint' }).first().click();
        await expect
          .poll(() => copied(page), { timeout: PATIENCE_MS })
          .toBe('D65A3D0E2ED23B1F92184A34C21E3F28AC82D3DA');
      }));

    test('sees by Re-verify that a chart was tampered with, and that it was good before', () =>
      visit(async (visited) => {
        const { argocd, page, host } = visited;
        await argocd.openTab(TAMPERED);
        expect(await argocd.words()).toEqual(['Verified']);
        const archive = join(host.folder.charts, 'storefront', 'recommendations-1.10.2.tgz');
        const original = await readFile(archive);
        await writeFile(archive, await tampered(original));
        try {
          await argocd.reverify();
          expect(await argocd.words()).toEqual(['Failed']);
          expect(await argocd.headline.innerText()).toMatch(/^Sync is blocked: .*recommendations 1\.10\.2/);
        } finally {
          await writeFile(archive, original);
        }
        await expectVisible(visited, 'section[aria-label="History"]', /1\.10\.2 .*Failed was Verified/);
        await page.getByLabel('Show', { exact: true }).selectOption('Failed');
        const verdicts = page.locator('section[aria-label="History"] td[data-label="Verdict"]');
        for (const verdict of await verdicts.allInnerTexts()) expect(verdict.trim()).toMatch(/^Failed/);
        expect(await verdicts.count()).toBeGreaterThan(0);
        await argocd.reverify();
        expect(await argocd.words()).toEqual(['Verified']);
      }));
  });
}
