import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDemo } from '../demo/start.ts';
import { ArgocdPage } from '../test/argocd-page.ts';
import { findChromium, launch } from '../test/chromium.ts';
import { isShownIn, readHowTo } from './how-to-page.ts';
import { HowToShell } from './how-to-shell.ts';
import { closeAll } from './started-process.ts';
import { tools } from './tools.ts';
import { type Playground, startPlayground } from './playground.ts';

const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url));
const PAGES = new URL('docs/how-to/', `file://${CHECKOUT}`);

let playground: Playground;
let browser: Browser;
const shared: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'playground-'));
  shared.push({ close: async () => rm(folder, { recursive: true, force: true }) });
  playground = await startPlayground(folder);
  shared.push(playground);
  const chromium = await findChromium();
  if (chromium === null) throw new Error('there is no Chromium that starts');
  browser = await launch(chromium);
  shared.push({ close: async () => browser.close() });
});
afterAll(async () => closeAll(shared));

/** Follows each page of docs/how-to as a reader does: in a shell beside a running demo, with its page in a browser. */
describe.each((await readdir(PAGES)).filter((name) => name.endsWith('.md')))('docs/how-to/%s', (name) => {
  const started: { close(): Promise<void> }[] = [];
  let shell: HowToShell;
  let argocd: ArgocdPage;
  let application = '';

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'how-to-'));
    started.push({ close: async () => rm(folder, { recursive: true, force: true }) });
    const demo = await startDemo({ port: 0, repositoryPort: 0, registryPort: 0, folder: join(folder, 'demo') });
    started.push({ close: async () => demo.stop() });
    argocd = new ArgocdPage(await browser.newPage(), demo.address);

    const home = join(folder, 'home');
    const blocks = join(folder, 'blocks');
    await mkdir(home, { mode: 0o700 });
    await mkdir(blocks);
    const binaries = await tools(['helm', 'cosign']);
    const path = [...binaries.values()].map((binary) => dirname(binary));
    shell = new HowToShell(blocks, CHECKOUT, {
      HOME: home,
      TMPDIR: folder,
      LANG: 'C.UTF-8',
      PATH: [...path, join(CHECKOUT, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(':'),
      CLUSTER: demo.folder.cluster,
      CHARTS: demo.folder.charts,
      REPOSITORY: demo.repository.href.replace(/\/$/, ''),
      ...playground.variables,
    });
    started.push(shell);
  }, 120_000);
  afterAll(async () => closeAll(started));

  const steps = readHowTo(new URL(name, PAGES));

  test('begins unsigned, is verified, and ends refused', () => {
    const words = steps.flatMap((step) => (step.kind === 'tab' ? [step.word] : []));
    expect(words).toContain('Unsigned');
    expect(words).toContain('Verified');
    expect(['Failed', 'Unsigned']).toContain(words.at(-1));
    expect(steps.at(-1)).toMatchObject({ kind: 'sync', refused: true });
  });

  test.each(steps.map((step) => [step.line, step.kind, step] as const))('line %d: %s', async (_, __, step) => {
    switch (step.kind) {
      case 'commands': {
        const { output, failed } = await shell.run(step.text);
        const isRefused = /^(failed|unsigned): /.test(step.output ?? '');
        expect(failed, output).toHaveLength(isRefused ? 1 : 0);
        if (step.output !== null && !isShownIn(step.output, output)) expect(output).toBe(step.output);
        return;
      }
      case 'tab':
        ({ application } = step);
        await argocd.openTab(application);
        await expect.poll(() => argocd.words(), { timeout: 10_000 }).toEqual([step.word]);
        return;
      case 'sync': {
        const refusal = await argocd.sync(application);
        if (step.refused) expect(refusal).toContain('denied the request');
        else expect(refusal).toBeNull();
      }
    }
  });
});
