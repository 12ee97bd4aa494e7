/**
 * Takes the pictures of the documentation anew, or those whose names hold one of the arguments: `docs/images/tab-*.png` and `docs/images/tab/`, from the stories'
 * fixtures.
 */
import { build } from 'esbuild';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { findChromium } from './chromium.ts';
import { withPalette } from './png-palette.ts';

const LIMIT_BYTES = 150_000;
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const images = here('../../docs/images/');

const executablePath = await findChromium();
if (executablePath === null) throw new Error('there is no Chromium; install it, or set CHROMIUM_PATH');

const { outputFiles } = await build({
  stdin: {
    contents: [
      ...['400', '500', '600'].map((weight) => `@fontsource/heebo/${weight}.css`),
      '@fortawesome/fontawesome-free/css/all.css',
      './.storybook/host.css',
      './stories/pictures.tsx',
    ]
      .map((path) => `import ${JSON.stringify(path)};`)
      .join('\n'),
    resolveDir: here('.'),
  },
  outdir: here('./dist'),
  bundle: true,
  write: false,
  format: 'iife',
  jsx: 'transform',
  define: { 'process.env.NODE_ENV': '"production"' },
  loader: { '.woff2': 'dataurl', '.woff': 'empty', '.ttf': 'empty' },
  logLevel: 'warning',
});
const textOf = (ending: string): string => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';

/** The eight states that an Application can be in, and two more that people ask about. */
const STATES = [
  'verified',
  'blocked',
  'unsigned',
  'not-required',
  'partially-verified',
  'unsupported',
  'could-not-check',
  'checking',
  'stale',
  'git',
];
/** The panel alone, whole; and what is seen of it in a wide and in a narrow window. */
const WINDOWS = {
  wide: { width: 1440, height: 900 },
  narrow: { width: 360, height: 740 },
};

await mkdir(`${images}tab`, { recursive: true });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  for (const theme of ['light', 'dark']) {
    for (const state of ['blocked', 'verified', 'unsigned', 'not-required']) {
      await take(`${state}-${theme}`, `tab-${state}-${theme}`, { width: 1152, height: 900 }, true);
    }
    for (const state of STATES) {
      for (const [name, size] of Object.entries(WINDOWS)) {
        await take(`${state}-${theme}`, `tab/${state}-${theme}-${name}`, size, false);
      }
    }
  }
} finally {
  await browser.close();
}

async function take(
  picture: string,
  file: string,
  viewport: { readonly width: number; readonly height: number },
  fullPage: boolean,
): Promise<void> {
  const wanted = process.argv.slice(2);
  if (wanted.length > 0 && !wanted.some((each) => file.includes(each))) return;
  const page = await browser.newPage({ viewport, locale: 'en-GB', timezoneId: 'UTC' });
  // Taken again, a picture differs only where the tab does.
  await page.clock.setFixedTime('2026-11-23T09:00:00Z');
  await page.setContent(`<!doctype html><title>${picture}</title><style>${textOf('.css')}</style><body></body>`);
  await page.addScriptTag({ content: textOf('.js') });
  await page.getByRole('heading', { name: 'History' }).waitFor();
  if (picture.startsWith('stale')) await page.getByText('Stale').waitFor();
  if (picture.startsWith('git')) await page.getByRole('heading', { name: /by Argo CD itself/ }).waitFor();
  await page.evaluate('document.fonts.ready');
  await page.waitForTimeout(100);
  const image = withPalette(await page.screenshot({ fullPage, animations: 'disabled' }));
  await page.close();
  await writeFile(`${images}${file}.png`, image);
  process.stdout.write(`${file}.png: ${image.length} of ${LIMIT_BYTES} bytes\n`);
  if (image.length > LIMIT_BYTES) process.exitCode = 1;
}
