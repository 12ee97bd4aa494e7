import { describe, expect, test } from 'vitest';
import { isSeq, parse, parseDocument } from 'yaml';
import { isRecord } from '../../demo/argocd/application.ts';
import { PATIENCE_MS } from '../argocd-page.ts';
import { copied, expectVisible, type Visit, visible } from './host.ts';

/** What people come with, answered by nothing but what they can see. */
export function answersQuestions(visit: Visit): void {
  describe('a person who reads the tab', () => {
    test('learns why the sync is blocked, what to do and who can do it, without scrolling', () =>
      visit(async (visited) => {
        await visited.argocd.openTab('search');
        const text = await visible(visited, '.si-banner');
        expect(text).toMatch(
          /^Sync is blocked: chart search 0\.9\.7 is signed by "Acme Security .*" \(016C…B965\), a key that the policy/,
        );
        expect(text).toMatch(/What to do\. .*add 016C7FEC46DCEBC2E27B5C8C58222798A107B965 to the keys of the policy/);
        expect(text).toContain('For the platform administrator.');
        const box = await visited.page.locator('.si-banner').boundingBox();
        expect((box?.y ?? 0) + (box?.height ?? Infinity)).toBeLessThan(900);
      }));

    test('learns which of several sources blocks the sync', () =>
      visit(async (visited) => {
        await visited.argocd.openTab('order-tracking');
        await visited.page.locator('.si-source__by').waitFor();
        expect(await visible(visited, '.si-banner')).toMatch(
          /^Sync is blocked: chart notifications 0\.4\.2 has no provenance file/,
        );
        // Of Git sources Argo CD answers a little later than the server.
        await expectVisible(
          visited,
          '.si-sources',
          /order-tracking .* Verified .*notifications .* Unsigned .*storefront-deploy .* Not required by Argo CD/,
        );
      }));

    test('learns who signed what is running', () =>
      visit(async (visited) => {
        const { argocd, page } = visited;
        expect(await argocd.sync('payments')).toBeNull();
        await page.getByText('Sync OK').waitFor();
        await argocd.openTab('payments');
        await page.getByText('this is the deployed revision').waitFor();
        expect(await visible(visited, '.si-banner')).toMatch(
          /^Verified: chart payments 1\.4\.2 is signed by Acme Release \(charts\) <release@acme\.example>, whom the policy trusts .*revision 1\.4\.2, this is the deployed revision/,
        );
        expect(await visible(visited, '.si-source')).toMatch(
          /Signer User ID Acme Release \(charts\) <release@acme\.example> Fingerprint D65A 3D0E 2ED2 3B1F 9218 4A34 C21E 3F28 AC82 D3DA Key ID C21E 3F28 AC82 D3DA .* Signed .*2026/i,
        );
        await expectVisible(visited, 'section[aria-label="History"]', /1\.4\.2 deployed Verified Acme Release/);
      }));

    test('learns that the signer has changed, though the policy trusts both', () =>
      visit(async (visited) => {
        const { argocd, page } = visited;
        // What ran before was signed by somebody else: the server's own history, with another signer in it.
        await page.route('**/api/v1/history', async (route) => {
          const history: unknown = await (await route.fetch()).json();
          await route.fulfill({ json: withSignerBefore(history) });
        });
        expect(await argocd.sync('web-shop')).toBeNull();
        await page.getByText('Sync OK').waitFor();
        await argocd.openTab('web-shop');
        await page.getByText('signer changed').waitFor();
        await expectVisible(
          visited,
          'section[aria-label="History"]',
          /5\.1\.0 deployed Verified Acme Release .* signer changed .* 5\.1\.0 Verified Jane Roe <jane@acme\.test>/,
        );
        await page.unrouteAll({ behavior: 'ignoreErrors' });
      }));

    test.each([
      ['search', 'storefront', /before the other entries of project\.storefront › helm: the first that matches counts/],
      ['load-test', 'sandbox', /It goes into argocd-source-integrity-cm/],
    ])('learns what would accept the chart of %s: the entry, put where the tab says, does', (name, project, where) =>
      visit(async (visited) => {
        const { argocd, page, host } = visited;
        await argocd.openTab(name);
        await page.getByRole('heading', { name: /^(?:Sync is blocked|Signed by)/ }).waitFor();
        expect(await visible(visited, '.si-root')).toMatch(where);
        await page.getByRole('button', { name: 'Copy policy entry' }).first().click();
        const text = await page.getByLabel('policy entry', { exact: true }).first().innerText();
        await expect.poll(async () => (await copied(page)).trimEnd(), { timeout: PATIENCE_MS }).toBe(text.trimEnd());
        const proposed: unknown = parse(text);
        const proposal: unknown = isRecord(proposed) ? parse(String(proposed[`project.${project}`])) : null;
        const helm = isRecord(proposal) && isRecord(proposal['helm']) ? proposal['helm'] : {};
        const [entry] = Array.isArray(helm['policies']) ? helm['policies'].filter(isRecord) : [];
        expect(entry).toBeDefined();
        await host.edit('argocd-source-integrity-cm.yaml', (document) => {
          const key = ['data', `project.${project}`];
          const policies = parseDocument(String(document.getIn(key)));
          const list = policies.getIn(['helm', 'policies']);
          if (!isSeq(list)) throw new Error('the fixtures have another form');
          list.items.unshift(policies.createNode(entry));
          document.setIn(key, policies.toString());
        });
        await argocd.reverify();
        await expect.poll(() => argocd.words(), { timeout: PATIENCE_MS }).toEqual(['Verified']);
      }),
    );
  });
}

/** A page of history, with an entry before its newest that somebody else signed. */
function withSignerBefore(history: unknown): object {
  const [newest] = isRecord(history) && Array.isArray(history['entries']) ? history['entries'].filter(isRecord) : [];
  const [source] = newest !== undefined && Array.isArray(newest['sources']) ? newest['sources'].filter(isRecord) : [];
  const [signer] = Array.isArray(source?.['signers']) ? source['signers'].filter(isRecord) : [];
  const other = { ...signer, fingerprint: 'A'.repeat(40), userIds: ['Jane Roe <jane@acme.test>'] };
  const before = {
    ...newest,
    id: 'before',
    checkedAt: '2026-11-01T00:00:00.000Z',
    sources: [{ ...source, signers: [other] }],
  };
  return { entries: [newest, before], next: null };
}
