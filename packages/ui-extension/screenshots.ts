/** Takes the pictures of the documentation anew: `docs/images/tab-*.png`, from the stories' fixtures. */
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

await mkdir(images, { recursive: true });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  for (const name of ['blocked', 'verified', 'unsigned', 'not-required']) {
    for (const theme of ['light', 'dark']) await take(`${name}-${theme}`);
  }
} finally {
  await browser.close();
}

async function take(picture: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1152, height: 900 }, locale: 'en-GB', timezoneId: 'UTC' });
  await page.setContent(`<!doctype html><title>${picture}</title><style>${textOf('.css')}</style><body></body>`);
  await page.addScriptTag({ content: textOf('.js') });
  await page.getByRole('table').waitFor();
  await page.evaluate('document.fonts.ready');
  const image = withPalette(await page.screenshot({ fullPage: true, animations: 'disabled' }));
  await page.close();
  await writeFile(`${images}tab-${picture}.png`, image);
  process.stdout.write(`tab-${picture}.png: ${image.length} of ${LIMIT_BYTES} bytes\n`);
  if (image.length > LIMIT_BYTES) process.exitCode = 1;
}
