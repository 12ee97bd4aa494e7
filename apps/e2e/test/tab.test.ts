import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REACT_VERSIONS } from '../demo/argocd-host/bundle.ts';
import { CHROMIUM, startBrowser } from './browser.ts';
import { DEMO_CASES } from './demo-cases.ts';
import { type Host, visitsTo } from './tab/host.ts';
import { hostInTheDemo } from './tab/in-the-demo.ts';
import { answersQuestions } from './tab/questions.ts';
import { standsUnderAnyRootPath } from './tab/root-path.ts';
import { speaksOfSessions } from './tab/session.ts';
import { saysVerdicts } from './tab/verdicts.ts';
import { letsPeopleWork } from './tab/work.ts';

/** The same is asked of a real argocd-server: see `argocd/proofs/11-extension-in-a-browser.test.ts`. */
describe.skipIf(CHROMIUM === null).each(REACT_VERSIONS)('the tab in the demo, with React %s', (react) => {
  let host: Host;
  let stop: () => Promise<void>;
  let browser: Browser;
  const visit = visitsTo(() => ({ host, browser }), react);

  beforeAll(async () => {
    [{ host, stop }, browser] = await Promise.all([hostInTheDemo(), startBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await stop();
  });

  test('the page runs on that React', () =>
    visit(async ({ argocd, page }) => {
      await argocd.open('/applications');
      expect(await page.evaluate<string>('window.React.version')).toMatch(react === '16' ? /^16\.14/ : /^19\.2/);
    }));
  saysVerdicts(visit, DEMO_CASES, DEMO_CASES);
  letsPeopleWork(visit);
  speaksOfSessions(visit);
  answersQuestions(visit);
  standsUnderAnyRootPath(visit);
});
