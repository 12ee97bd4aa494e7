/**
 * How long the page stands still while the tab shows a report of 40 sources: in Chromium, as built, on both Reacts.
 * Fails where the median of the rounds has a task of more than 50 ms, what browsers call a long one.
 */
import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright';
import { findChromium } from './chromium.ts';
import { history, keys } from './stories/ledger.ts';
import { fortySources } from './stories/states.ts';

const LIMIT_MS = 50;
const ROUNDS = 9;
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const hosts = { '19': here('./package.json'), '16': here('../../apps/host-react-16/package.json') };

const executablePath = await findChromium();
if (executablePath === null) {
  process.stdout.write('SKIPPED: the tab, for there is no Chromium; install it, or set CHROMIUM_PATH\n');
  process.exit(0);
}
const extension = await readFile(here('./dist/extension-source-integrity.js'), 'utf8');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  for (const [version, from] of Object.entries(hosts)) {
    const react = await hostOf(version, from);
    const rounds: { first: number; again: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await measure(react));
    report(
      `React ${version}, 40 sources, first report`,
      rounds.map(({ first }) => first),
    );
    report(
      `React ${version}, 40 sources, tab opened again`,
      rounds.map(({ again }) => again),
    );
  }
} finally {
  await browser.close();
}

/** The longest task in ms, when the report comes and when the tab is opened a second time. */
async function measure(react: string): Promise<{ first: number; again: number }> {
  const page = await browser.newPage();
  try {
    await page.route('**/*', (route) => {
      const path = new URL(route.request().url()).pathname;
      if (path.endsWith('/report')) return route.fulfill({ json: fortySources });
      if (path.endsWith('/history')) return route.fulfill({ json: history });
      if (path.endsWith('/keys')) return route.fulfill({ json: keys });
      return route.fulfill({ contentType: 'text/html', body: '<!doctype html><body><div id="tab"></div></body>' });
    });
    await page.goto('http://argocd.test/');
    await page.addScriptTag({ content: react });
    await page.addScriptTag({ content: extension });
    const first = await longest(page, 'mount()');
    await page.evaluate('unmount()');
    return { first, again: await longest(page, 'mount()') };
  } finally {
    await page.close();
  }
}

async function longest(page: Page, action: string): Promise<number> {
  await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
  await page.evaluate(action);
  await page.waitForFunction(
    "document.querySelectorAll('.si-source').length === 40 && document.querySelector('table')",
  );
  await page.waitForTimeout(200);
  const trace: unknown = JSON.parse((await browser.stopTracing()).toString());
  return Math.max(0, ...eventsOf(trace).map(taskMs));
}

function eventsOf(trace: unknown): readonly object[] {
  const events: unknown = typeof trace === 'object' && trace !== null ? Reflect.get(trace, 'traceEvents') : null;
  const list: readonly unknown[] = Array.isArray(events) ? events : [];
  const records = list.filter((each) => typeof each === 'object' && each !== null);
  const main = records.find((each) => {
    const args: unknown = Reflect.get(each, 'args');
    return (
      Reflect.get(each, 'name') === 'thread_name' &&
      typeof args === 'object' &&
      args !== null &&
      Reflect.get(args, 'name') === 'CrRendererMain'
    );
  });
  return main === undefined ? [] : records.filter((each) => Reflect.get(each, 'tid') === Reflect.get(main, 'tid'));
}

/** The processor's time, which other programs on the machine do not prolong as they do a clock's. */
function taskMs(event: object): number {
  const time: unknown = Reflect.get(event, 'tdur');
  return String(Reflect.get(event, 'name')).endsWith('RunTask') && typeof time === 'number' ? time / 1000 : 0;
}

/** Argo CD's React, and the way in which it shows a tab. */
async function hostOf(version: string, from: string): Promise<string> {
  const require = createRequire(from);
  const at = (name: string): string => dirname(require.resolve(`${name}/package.json`));
  const render =
    version === '16'
      ? `window.mount = () => ReactDOM.render(tab(), place()); window.unmount = () => ReactDOM.unmountComponentAtNode(place());`
      : `import { createRoot } from 'react-dom/client';
         let root; window.mount = () => { root = createRoot(place()); root.render(tab()); }; window.unmount = () => root.unmount();`;
  const { outputFiles } = await build({
    stdin: {
      contents: `import * as React from 'react'; import * as ReactDOM from 'react-dom';
        window.React = React;
        window.extensionsAPI = { registerResourceExtension: (component) => { window.component = component; } };
        const application = { metadata: { name: 'payments', namespace: 'argocd' }, spec: { project: 'payments' } };
        const place = () => document.getElementById('tab');
        const tab = () => React.createElement(window.component, { application, resource: application });
        ${render}`,
      resolveDir: here('.'),
    },
    alias: { react: at('react'), 'react-dom': at('react-dom') },
    bundle: true,
    write: false,
    format: 'iife',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return outputFiles[0]?.text ?? '';
}

function report(name: string, longestTasks: readonly number[]): void {
  const ordered = longestTasks.toSorted((a, b) => a - b);
  const median = ordered[Math.floor(ordered.length / 2)] ?? Number.NaN;
  const said = (ms: number): string => (ms === 0 ? `none over ${LIMIT_MS}` : ms.toFixed(0));
  process.stdout.write(
    `${name.padEnd(44)} longest task, ms: median ${said(median)}, worst ${said(ordered.at(-1) ?? 0)}\n`,
  );
  if (!(median <= LIMIT_MS)) process.exitCode = 1;
}
