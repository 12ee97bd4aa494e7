import { describe, expect, test } from 'vitest';
import type { Visit } from './host.ts';

/** What somebody is told who may not ask, or no longer. */
export function speaksOfSessions(visit: Visit): void {
  describe('a person whom Argo CD does not let ask', () => {
    // An Application each, since each may be verified anew only so often.
    test.each([
      ['may not invoke the extension', 'reader', 'payments'],
      ['may not see the Application', 'neighbour', 'web-shop'],
      ['has a session that is over', 'expired', 'telemetry'],
      ['has no session any more', 'nobody', 'log-collector'],
    ] as const)('and who %s is told of both causes, and keeps the verdict', (_, visitor, application) =>
      visit(async ({ argocd, page, host }) => {
        await argocd.openTab(application);
        const before = await argocd.headline.innerText();
        // Not about the page, which would take away an Application that its own list no longer has.
        await page.route('**/api/v1/applications', (route) => route.abort());
        await host.signIn(page, visitor);
        await page.getByRole('button', { name: 'Re-verify' }).click();
        await page.getByText('A new verification could not be had.').waitFor();
        await page.getByText(/You may not see this, or your session has expired.*Log in again/).waitFor();
        expect(await argocd.headline.innerText()).toBe(before);
        await host.signIn(page, 'operator');
        await argocd.reverify();
        expect(await page.getByText('A new verification could not be had.').count()).toBe(0);
      }),
    );

    test('gets the line that gives a role the right, and goes on after a login', () =>
      visit(async ({ argocd, page, host }) => {
        await host.signIn(page, 'reader');
        await argocd.openTab('payments');
        await page.getByRole('heading', { name: 'You may not see this, or your session has expired' }).waitFor();
        await page.getByText('p, <role>, extensions, invoke, source-integrity, allow').waitFor();
        expect(await page.locator('.si-root').innerText()).toMatch(/Log in again/);
        await host.signIn(page, 'operator');
        await page.getByRole('button', { name: 'Try again' }).click();
        await page.getByRole('heading', { name: /^Verified: chart payments/ }).waitFor();
      }));
  });
}
