import { expect, test } from 'vitest';
import { ArgocdPage } from '../argocd-page.ts';
import { expectVisible, type Visit } from './host.ts';

/** The tab in an Argo CD that is not at the root of its address. */
export function standsUnderAnyRootPath(visit: Visit): void {
  test('all calls go below the base of a page that is not at the root', () =>
    visit(async ({ page, host, react }) => {
      const argocd = new ArgocdPage(page, await host.moveTo('/argo-cd/', page), { react });
      const asked: string[] = [];
      page.on('request', (request) => {
        if (request.url().startsWith(host.address.origin)) asked.push(new URL(request.url()).pathname);
      });
      await argocd.openTab('order-tracking');
      await expectVisible({ argocd, page }, '.si-sources', /storefront-deploy .* Not required by Argo CD/);
      await page.getByRole('heading', { name: 'History' }).waitFor();
      await argocd.reverify();
      expect(asked.map((path) => path.replace(/[0-9a-f]{40}/, '…'))).toEqual(
        expect.arrayContaining([
          '/argo-cd/api/v1/applications/order-tracking/revisions/…/metadata',
          '/argo-cd/extensions/source-integrity/api/v1/report',
          '/argo-cd/extensions/source-integrity/api/v1/history',
          '/argo-cd/extensions/source-integrity/api/v1/verifications',
        ]),
      );
      expect(asked.filter((path) => !path.startsWith('/argo-cd/'))).toEqual([]);
      expect(argocd.faults).toEqual([]);
    }));
}
