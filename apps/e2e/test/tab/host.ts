import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Document } from 'yaml';
import type { ReactVersion } from '../../demo/argocd-host/bundle.ts';
import type { WorkingFolder } from '../../demo/working-folder.ts';
import { ArgocdPage, PATIENCE_MS } from '../argocd-page.ts';

/**
 * Who looks: somebody who may do everything; who may see Applications but not invoke the extension; who may invoke it,
 * but not see these Applications; whose session is over; who never had one.
 */
export type Visitor = 'operator' | 'reader' | 'neighbour' | 'expired' | 'nobody';

/** An Argo CD that has the demo's projects, Applications, repositories, keys and policies, and a page with the tab. */
export interface Host {
  /** Argo CD's address; ends in a slash. */
  readonly address: URL;
  /** What it was set up from, and what its chart repositories serve. */
  readonly folder: WorkingFolder;
  /** Who the user of a page is from now on. */
  signIn(page: Page, who: Visitor): Promise<void>;
  /** Changes what Kubernetes has of a manifest of the folder. */
  edit(manifest: string, change: (document: Document) => void): Promise<void>;
  /** From now on the chart repositories answer nobody, until what is returned is called. */
  holdCharts(): () => void;
  /** Puts Argo CD under another root path, for this page at least. Answers its address there. */
  moveTo(rootPath: string, page: Page): Promise<URL>;
}

/** Lets everybody pass at once, or nobody between `hold` and the call of what it returns. */
export function turnstile(): { readonly passed: () => Promise<void>; readonly hold: () => () => void } {
  let held: Promise<void> = Promise.resolve();
  return {
    passed: () => held,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return () => {
        held = Promise.resolve();
        resolve();
      };
    },
  };
}

/** What is looked at. */
interface Shown {
  readonly argocd: ArgocdPage;
  readonly page: Page;
}

interface Visited extends Shown {
  readonly react: ReactVersion;
  readonly host: Host;
}

/** Opens a page of its own for an operator, and holds it to having met no fault in the end. */
export type Visit = (use: (visited: Visited) => Promise<void>) => Promise<void>;

export function visitsTo(to: () => { readonly host: Host; readonly browser: Browser }, react: ReactVersion): Visit {
  return async (use) => {
    const { host, browser } = to();
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    try {
      const page = await context.newPage();
      await host.signIn(page, 'operator');
      const argocd = new ArgocdPage(page, host.address, { react });
      await use({ argocd, page, host, react });
      expect(argocd.faults).toEqual([]);
    } finally {
      // What is still on its way through a handler ends with the page, and is nobody's fault.
      for (const page of context.pages()) await page.unrouteAll({ behavior: 'ignoreErrors' });
      await context.close();
    }
  };
}

/** The text of an element as it is on the screen: without what only screen readers get. */
export async function visible({ argocd, page }: Shown, selector: string): Promise<string> {
  // The shape that stands there while the answer is on the way says nothing.
  await argocd.headline.waitFor();
  await page.locator(selector).first().waitFor();
  await page.addStyleTag({ content: '.si-unseen { display: none !important; }' });
  const text = await page.locator(selector).first().innerText();
  return text.replaceAll(/\s+/g, ' ');
}

/** Until an element's text on the screen is like that: what other things depend on comes later. */
export async function expectVisible(shown: Shown, selector: string, like: RegExp): Promise<void> {
  await expect.poll(() => visible(shown, selector), { timeout: PATIENCE_MS }).toMatch(like);
}

/** What the clipboard holds. */
export async function copied(page: Page): Promise<string> {
  return page.evaluate<string>('navigator.clipboard.readText()');
}
