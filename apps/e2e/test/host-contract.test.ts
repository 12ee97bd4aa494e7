import { readFile } from 'node:fs/promises';
import type { Browser, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REACT_VERSIONS, type ReactVersion } from '../demo/argocd-host/bundle.ts';
import type { Demo } from '../demo/start.ts';
import { ArgocdPage } from './argocd-page.ts';
import { CHROMIUM, startBrowser } from './browser.ts';
import { startOwnDemo } from './running-demo.ts';

const BUILT = new URL('../../../packages/ui-extension/dist/extension-source-integrity.js', import.meta.url);

/** What Argo CD 3.3 to 3.6 promises an extension, and what it does not. */
describe.skipIf(CHROMIUM === null)('in every Argo CD', () => {
  let demo: Demo;
  let browser: Browser;
  let extension: string;

  beforeAll(async () => {
    [demo, browser, extension] = await Promise.all([startOwnDemo(), startBrowser(), readFile(BUILT, 'utf8')]);
  });
  afterAll(async () => {
    await browser.close();
    await demo.stop();
  });

  async function onPage<T>(
    react: ReactVersion,
    use: (argocd: ArgocdPage, page: Page) => Promise<T>,
    theme: 'light' | 'dark' = 'light',
  ): Promise<T> {
    const page = await browser.newPage();
    const argocd = new ArgocdPage(page, demo.address, { react, theme });
    try {
      return await use(argocd, page);
    } finally {
      await page.close();
    }
  }

  const askedFor = (request: Request): string | undefined => request.headers()['argocd-application-name'];

  describe.each(REACT_VERSIONS)('with React %s', (react) => {
    test('the tab of the root Application is about it', async () => {
      await onPage(react, async (argocd, page) => {
        const asked = page.waitForRequest(/\/extensions\/.*\/report$/);
        await argocd.openTab('payments');
        expect(askedFor(await asked)).toBe('argocd:payments');
      });
    });

    test('the tab of a child in an app-of-apps is about the child, and not about what deploys it', async () => {
      await onPage(react, async (argocd, page) => {
        const asked: (string | undefined)[] = [];
        page.on('request', (request) => {
          if (/\/api\/v1\/(?:report|history|keys)$/.test(request.url())) asked.push(askedFor(request));
        });
        await argocd.open('/applications/argocd/cluster-addons', {
          node: 'argoproj.io/Application/argocd/load-test/0',
          tab: 'source-integrity',
        });
        await page.getByRole('heading', { name: /^Signed by Acme Release .* No policy requires it\.$/ }).waitFor();
        // The status panel behind it is the parent's.
        expect(new Set(asked)).toEqual(new Set(['argocd:cluster-addons', 'argocd:load-test']));
        expect(asked.filter((name) => name === 'argocd:cluster-addons')).toHaveLength(1);
      });
    });

    test.each([
      ['light', 'rgb(255, 255, 255)', 'rgb(54, 60, 74)'],
      ['dark', 'rgb(48, 50, 55)', 'rgb(239, 243, 245)'],
    ] as const)('the tab takes the %s theme from the page', async (theme, box, ink) => {
      await onPage(
        react,
        async (argocd, page) => {
          await argocd.openTab('payments');
          await argocd.headline.waitFor();
          const colours = await page.evaluate<string[]>(`(() => {
            const of = (selector) => getComputedStyle(document.querySelector(selector));
            return [of('.si-banner').backgroundColor, of('.si-banner__sentence').color];
          })()`);
          expect(colours).toEqual([box, ink]);
        },
        theme,
      );
    });

    test('the file goes on its own feet where no try and catch is put around it', async () => {
      await onPage(react, async (argocd, page) => {
        // Argo CD 3.3 and 3.4 concatenate extensions as they are; one may be there twice.
        const body = `window.before = 1\n;${extension}${extension}window.after = 1;\n`;
        await page.route('**/extensions.js', (route) => route.fulfill({ contentType: 'text/javascript', body }));
        await argocd.openTab('payments');
        await argocd.headline.waitFor();
        expect(await page.evaluate<number>('window.before + window.after')).toBe(2);
        expect(await page.getByRole('button', { name: 'Source Integrity' }).count()).toBe(1);
        expect(argocd.faults).toEqual([]);
      });
    });

    test('an extension that throws before it, in a newer Argo CD, does not keep it from starting', async () => {
      await onPage(react, async (argocd, page) => {
        const body = `try { throw new Error('another one'); } catch (e) {}\ntry {\n${extension}\n} catch (e) {}\n`;
        await page.route('**/extensions.js', (route) => route.fulfill({ contentType: 'text/javascript', body }));
        await argocd.openTab('payments');
        await argocd.headline.waitFor();
      });
    });

    test.each([
      ['Argo CD’s API', { status: 401, json: { error: 'no session information', code: 16 } }],
      ['a proxy for single sign-on', { status: 401, contentType: 'text/html', body: '<!doctype html><p>Log in</p>' }],
    ])(
      'a session that is over, as %s says it, is told with both causes, and goes on after a login',
      async (_, answer) => {
        await onPage(react, async (argocd, page) => {
          await page.route('**/extensions/source-integrity/**', (route) => route.fulfill(answer));
          await argocd.openTab('payments');
          await page.getByRole('heading', { name: 'You may not see this, or your session has expired' }).waitFor();
          await page.getByText('p, <role>, extensions, invoke, source-integrity, allow').waitFor();
          expect(await page.locator('.si-root').innerText()).toMatch(/Log in again/);
          await page.unroute('**/extensions/source-integrity/**');
          await page.getByRole('button', { name: 'Try again' }).click();
          await page.getByRole('heading', { name: /^Verified: chart payments/ }).waitFor();
          expect(argocd.faults).toEqual([]);
        });
      },
    );

    test('a Git source whose check may not be read says so', async () => {
      await onPage(react, async (argocd, page) => {
        await page.route(/\/revisions\/.*\/metadata/, (route) => route.fulfill({ status: 403, json: { code: 7 } }));
        await argocd.openTab('cluster-addons');
        await page.getByRole('heading', { name: /^Could not check: what Argo CD says/ }).waitFor();
        await page.getByText('Your role may not read this Application’s revisions.').waitFor();
      });
    });

    test('a commit that Argo CD refuses is not green', async () => {
      await onPage(react, async (argocd, page) => {
        const Problems = ["Failed verifying revision 1 by 'Jane': unsigned (key_id=)"];
        const sourceIntegrityResult = { Checks: [{ Name: 'GIT/GPG', Problems }] };
        await page.route(/\/revisions\/.*\/metadata/, (route) =>
          route.fulfill({ json: { date: null, sourceIntegrityResult } }),
        );
        await argocd.openTab('cluster-addons');
        await page
          .getByRole('heading', { name: /^Sync is blocked by Argo CD itself: commit .* is not signed$/ })
          .waitFor();
        expect(await argocd.words()).toEqual(['Unsigned']);
      });
    });

    test('nothing is left behind by a tab that was closed', async () => {
      await onPage(react, async (argocd, page) => {
        await page.addInitScript(COUNT_WHAT_LASTS);
        await argocd.open('/applications/argocd/payments');
        await page.locator('.si-panel').waitFor();
        const look = async (): Promise<void> => {
          await page.getByRole('button', { name: 'Details' }).click();
          await page.getByRole('button', { name: 'Source Integrity' }).click();
          await page.getByRole('heading', { name: 'History' }).waitFor();
          await page.keyboard.press('Escape');
          await page.getByRole('dialog').waitFor({ state: 'detached' });
        };
        // While an answer is on its way there is one timer, for its limit, in place of another.
        const underWay = new Set<Request>();
        page.on('request', (request) => {
          if (request.url().includes('/extensions/')) underWay.add(request);
        });
        const answered = (request: Request): void => void underWay.delete(request);
        page.on('requestfinished', answered);
        page.on('requestfailed', answered);
        const quiet = async (): Promise<unknown> => {
          for (let before = ''; ;) {
            await page.waitForTimeout(250);
            const now = JSON.stringify(await page.evaluate('lasting()'));
            if (now === before && underWay.size === 0) return JSON.parse(now);
            before = underWay.size === 0 ? now : '';
          }
        };
        await look();
        await look();
        const once = await quiet();
        for (let times = 0; times < 6; times += 1) await look();
        expect(await quiet()).toEqual(once);
      });
    });

    test('a page with the status panel alone asks once, and never about commits', async () => {
      await onPage(react, async (argocd, page) => {
        const asked: string[] = [];
        page.on('request', (request) => {
          if (/\/extensions\/|\/revisions\//.test(request.url())) asked.push(new URL(request.url()).pathname);
        });
        await argocd.open('/applications/argocd/cluster-addons');
        await page.locator('.si-panel').waitFor();
        await page.waitForTimeout(3_000);
        expect(asked).toEqual(['/extensions/source-integrity/api/v1/report']);
      });
    });
  });
});

/** Counts timers of more than a second, listeners of window and document, style sheets and globals that are there. */
const COUNT_WHAT_LASTS = `(() => {
  const timers = new Map();
  for (const [set, clear] of [['setTimeout', 'clearTimeout'], ['setInterval', 'clearInterval']]) {
    const [start, stop] = [window[set], window[clear]];
    window[set] = (task, ms, ...more) => {
      const id = start(set === 'setTimeout' ? (...args) => { timers.delete(id); task(...args); } : task, ms, ...more);
      if (ms > 1000) timers.set(id, ms);
      return id;
    };
    window[clear] = (id) => { timers.delete(id); stop(id); };
  }
  const listeners = new Map();
  const change = (type, by) => listeners.set(type, (listeners.get(type) ?? 0) + by);
  const add = EventTarget.prototype.addEventListener;
  const remove = EventTarget.prototype.removeEventListener;
  const counted = (target) => target === window || target === document;
  EventTarget.prototype.addEventListener = function (type, ...more) {
    if (counted(this)) change(type, 1);
    return add.call(this, type, ...more);
  };
  EventTarget.prototype.removeEventListener = function (type, ...more) {
    if (counted(this)) change(type, -1);
    return remove.call(this, type, ...more);
  };
  window.lasting = () => ({
    timers: timers.size,
    listeners: [...listeners].filter(([, count]) => count !== 0).sort(),
    styles: document.querySelectorAll('style').length,
    globals: Object.keys(window).length,
    children: document.body.children.length,
  });
})()`;
