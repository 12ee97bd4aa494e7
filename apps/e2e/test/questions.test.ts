import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isSeq, parse, parseDocument } from 'yaml';
import { isRecord } from '../demo/argocd/application.ts';
import type { Demo } from '../demo/start.ts';
import { ArgocdPage, CHROMIUM, startBrowser } from './argocd-page.ts';
import { edit, startOwnDemo } from './running-demo.ts';

/** What people come with, answered by nothing but what they can see. */
describe.skipIf(CHROMIUM === null)('a person who reads the tab', () => {
  let demo: Demo;
  let browser: Browser;
  let argocd: ArgocdPage;

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startOwnDemo(), startBrowser()]);
  });
  beforeEach(async () => {
    argocd = new ArgocdPage(await browser.newPage({ viewport: { width: 1440, height: 900 } }), demo.address);
    return () => argocd.page.close();
  });
  afterAll(async () => {
    await browser.close();
    await demo.stop();
  });

  /** The text of an element as it is on the screen: without what only screen readers get. */
  async function visible(selector: string): Promise<string> {
    // The shape that stands there while the answer is on the way says nothing.
    await argocd.headline.waitFor();
    await argocd.page.locator(selector).first().waitFor();
    await argocd.page.addStyleTag({ content: '.si-unseen { display: none !important; }' });
    const text = await argocd.page.locator(selector).first().innerText();
    return text.replaceAll(/\s+/g, ' ');
  }

  test('learns why the sync is blocked, what to do and who can do it, without scrolling', async () => {
    await argocd.openTab('search');
    const text = await visible('.si-banner');
    expect(text).toMatch(
      /^Sync is blocked: chart search 0\.9\.7 is signed by "Acme Security .*" \(016C…B965\), a key that the policy/,
    );
    expect(text).toMatch(/What to do\. .*add 016C7FEC46DCEBC2E27B5C8C58222798A107B965 to the keys of the policy/);
    expect(text).toContain('For the platform administrator.');
    const box = await argocd.page.locator('.si-banner').boundingBox();
    expect((box?.y ?? 0) + (box?.height ?? Infinity)).toBeLessThan(900);
  });

  test('learns which of several sources blocks the sync', async () => {
    await argocd.openTab('order-tracking');
    await argocd.page.locator('.si-source__by').waitFor();
    expect(await visible('.si-banner')).toMatch(/^Sync is blocked: chart notifications 0\.4\.2 has no provenance file/);
    expect(await visible('.si-sources')).toMatch(
      /order-tracking .* Verified .*notifications .* Unsigned .*storefront-deploy .* Not required by Argo CD/,
    );
  });

  test('learns who signed what is running', async () => {
    expect(await argocd.sync('payments')).toBeNull();
    await argocd.page.getByText('Sync OK').waitFor();
    await argocd.openTab('payments');
    await argocd.page.getByText('this is the deployed revision').waitFor();
    expect(await visible('.si-banner')).toMatch(
      /^Verified: chart payments 1\.4\.2 is signed by Acme Release \(charts\) <release@acme\.example>, whom the policy trusts .*revision 1\.4\.2, this is the deployed revision/,
    );
    expect(await visible('.si-source')).toMatch(
      /Signer User ID Acme Release \(charts\) <release@acme\.example> Fingerprint D65A 3D0E 2ED2 3B1F 9218 4A34 C21E 3F28 AC82 D3DA Key ID C21E 3F28 AC82 D3DA .* Signed .*2026/i,
    );
    expect(await visible('section[aria-label="History"]')).toMatch(/1\.4\.2 deployed Verified Acme Release/);
  });

  test('learns who signed the commit that is running', async () => {
    await argocd.openTab('cluster-addons');
    await argocd.page.getByRole('heading', { name: /^Verified: Argo CD itself/ }).waitFor();
    expect(await visible('.si-source')).toMatch(
      /Verified by Argo CD .* Commit (?:[0-9a-f]{4} ?){10} Result Verified All that the project’s Git policy asks for/i,
    );
  });

  test('learns that the signer has changed, though the policy trusts both', async () => {
    // What ran before was signed by somebody else: the server's own history, with another signer in it.
    await argocd.page.route('**/api/v1/history', async (route) => {
      const history: unknown = await (await route.fetch()).json();
      const [newest] =
        isRecord(history) && Array.isArray(history['entries']) ? history['entries'].filter(isRecord) : [];
      const [source] =
        newest !== undefined && Array.isArray(newest['sources']) ? newest['sources'].filter(isRecord) : [];
      const [signer] = Array.isArray(source?.['signers']) ? source['signers'].filter(isRecord) : [];
      const before = {
        ...newest,
        id: 'before',
        checkedAt: '2026-11-01T00:00:00.000Z',
        sources: [
          { ...source, signers: [{ ...signer, fingerprint: 'A'.repeat(40), userIds: ['Jane Roe <jane@acme.test>'] }] },
        ],
      };
      await route.fulfill({ json: { entries: [newest, before], next: null } });
    });
    expect(await argocd.sync('web-shop')).toBeNull();
    await argocd.page.getByText('Sync OK').waitFor();
    await argocd.openTab('web-shop');
    await argocd.page.getByText('signer changed').waitFor();
    expect(await visible('section[aria-label="History"]')).toMatch(
      /5\.1\.0 deployed Verified Acme Release .* signer changed .* 5\.1\.0 Verified Jane Roe <jane@acme\.test>/,
    );
  });

  test.each([
    ['search', 'storefront', /before the other entries of project\.storefront › helm: the first that matches counts/],
    ['load-test', 'sandbox', /It goes into argocd-source-integrity-cm/],
  ])(
    'learns what would accept the chart of %s: the entry, put where the tab says, does',
    async (name, project, where) => {
      await argocd.openTab(name);
      await argocd.page.getByRole('heading', { name: /^(?:Sync is blocked|Signed by)/ }).waitFor();
      expect(await visible('.si-root')).toMatch(where);
      const text = await argocd.page.getByLabel('policy entry', { exact: true }).first().innerText();
      const proposed: unknown = parse(text);
      const proposal: unknown = isRecord(proposed) ? parse(String(proposed[`project.${project}`])) : null;
      const helm = isRecord(proposal) && isRecord(proposal['helm']) ? proposal['helm'] : {};
      const [entry] = Array.isArray(helm['policies']) ? helm['policies'].filter(isRecord) : [];
      expect(entry).toBeDefined();
      await edit(demo, 'argocd-source-integrity-cm.yaml', (document) => {
        const key = ['data', `project.${project}`];
        const policies = parseDocument(String(document.getIn(key)));
        const list = policies.getIn(['helm', 'policies']);
        if (!isSeq(list)) throw new Error('the fixtures have another form');
        list.items.unshift(policies.createNode(entry));
        document.setIn(key, policies.toString());
      });
      await argocd.openTab(name);
      await argocd.reverify();
      await expect.poll(() => argocd.words(), { timeout: 15_000 }).toEqual(['Verified']);
    },
  );
});
