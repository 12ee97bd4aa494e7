import type { Page, Route } from 'playwright-core';
import { edit, startOwnDemo } from '../running-demo.ts';
import { type Host, turnstile, type Visitor } from './host.ts';

/** The demo has one user. What an argocd-server answers others is what the real one was seen to. */
const REFUSALS: Readonly<Record<Exclude<Visitor, 'operator'>, { readonly status: number; readonly body: string }>> = {
  reader: { status: 401, body: 'Unauthorized extension request\n' },
  neighbour: { status: 401, body: 'Unauthorized extension request\n' },
  expired: { status: 401, body: 'Invalid token\n' },
  nobody: { status: 400, body: 'Auth cookie not found\n' },
};
const EXTENSION = '**/extensions/source-integrity/**';

/** A demo of its own, and what ends it. */
export async function hostInTheDemo(): Promise<{ readonly host: Host; readonly stop: () => Promise<void> }> {
  const charts = turnstile();
  const demo = await startOwnDemo({ beforeCharts: charts.passed });
  const host: Host = {
    address: demo.address,
    folder: demo.folder,
    async signIn(page, who) {
      await page.unroute(EXTENSION);
      if (who === 'operator') return;
      await page.route(EXTENSION, (route) => route.fulfill({ contentType: 'text/plain', ...REFUSALS[who] }));
    },
    edit: (manifest, change) => edit(demo, manifest, change),
    holdCharts: charts.hold,
    moveTo: (rootPath, page) => moved(demo.address, rootPath, page),
  };
  return { host, stop: () => demo.stop() };
}

/** As an argocd-server under a root path: everything is below it, and nothing beside it. */
async function moved(address: URL, rootPath: string, page: Page): Promise<URL> {
  const below = async (route: Route): Promise<void> => {
    const url = new URL(route.request().url());
    if (!url.pathname.startsWith(rootPath)) return route.fulfill({ status: 404 });
    url.pathname = url.pathname.slice(rootPath.length - 1);
    const response = await route.fetch({ url: url.href });
    const isPage = response.headers()['content-type']?.startsWith('text/html') === true;
    if (!isPage) return route.fulfill({ response });
    const body = (await response.text()).replace('<base href="/">', `<base href="${rootPath}">`);
    return route.fulfill({ response, body });
  };
  await page.route((url) => url.origin === address.origin, below);
  return new URL(rootPath, address);
}
