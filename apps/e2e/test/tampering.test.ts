import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REACT_VERSIONS } from '../demo/argocd-host/bundle.ts';
import type { Demo } from '../demo/start.ts';
import { ArgocdPage } from './argocd-page.ts';
import { CHROMIUM, startBrowser } from './browser.ts';
import { setFreshness, startOwnDemo } from './running-demo.ts';

const BIN = new URL('../../../packages/server/bin/source-integrity.js', import.meta.url).pathname;

describe.skipIf(CHROMIUM === null).each(REACT_VERSIONS)(
  'a chart that is tampered with while the demo runs (React %s)',
  (react) => {
    let demo: Demo;
    let browser: Browser;
    let argocd: ArgocdPage;

    beforeAll(async () => {
      [demo, browser] = await Promise.all([startOwnDemo(), startBrowser()]);
      argocd = new ArgocdPage(await browser.newPage(), demo.address, { react });
    });
    afterAll(async () => {
      await browser.close();
      await demo.stop();
    });

    test('is refused by Sync without Re-verify, once freshness is over', async () => {
      await setFreshness(demo, '1s');
      expect(await argocd.sync('payments')).toBeNull();
      // Another sync is not taken before.
      await argocd.page.getByText('Sync OK').waitFor();
      await argocd.tamper('payments');
      await sleep(1_100);
      expect(await argocd.sync('payments')).toMatch(/Chart payments 1\.4\.2 .*SHA-256/);
    });

    test('turns green when it is restored, while Sync says that Argo CD may still hold the other bytes', async () => {
      await argocd.restore('payments');
      await argocd.reverify();
      expect(await argocd.words()).toEqual(['Verified']);
      const toast = await argocd.sync('payments');
      expect(toast).toMatch(/payments 1\.4\.2 .*Argo CD may still hold/);
      expect(toast).toMatch(/digests forget/);
      expect(argocd.faults).toEqual([]);
    });

    test('is let through once an administrator says that the caches were cleared', async () => {
      const repository = new URL('/storefront', demo.repository).href;
      const forget = ['digests', 'forget', '--repo', repository, '--chart', 'payments', '--data-dir', demo.folder.data];
      await promisify(execFile)(process.execPath, [BIN, ...forget]);
      expect(await argocd.sync('payments')).toBeNull();
    });
  },
);
