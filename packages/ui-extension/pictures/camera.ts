import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright';

/** What the host's styles take from the machine: code is set in it. Everything else brings its own font. */
const MONOSPACE = 'Liberation Mono';

/** An upper bound, for machines that are busy. */
const PATIENCE_MS = 120_000;

export interface Shot {
  /** `<state>-<theme>`. */
  readonly picture: string;
  readonly window: { readonly width: number; readonly height: number };
  /** All of the page, and not what is seen of it. */
  readonly fullPage?: boolean;
  /** Styles that are not the tab's, to see what comes of them. */
  readonly style?: string;
}

/** Takes pictures of the stories' fixtures in a page like Argo CD's, at a time, in a zone and a language that are fixed. */
export class Camera {
  readonly #browser: Browser;
  readonly #script: string;
  readonly #style: string;

  private constructor(browser: Browser, script: string, style: string) {
    this.#browser = browser;
    this.#script = script;
    this.#style = style;
  }

  /** Says what is missing where the pictures of this machine would not be those of another. */
  static async open(executablePath: string, args: readonly string[] = []): Promise<Camera> {
    const { script, style } = await bundled();
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', ...args] });
    const camera = new Camera(browser, script, style);
    const missing = await camera.#isMissing(MONOSPACE);
    if (!missing) return camera;
    await browser.close();
    throw new Error(`There is no font ${MONOSPACE} here: install the Debian package fonts-liberation.`);
  }

  close(): Promise<void> {
    return this.#browser.close();
  }

  /** A PNG. */
  async take({ picture, window, fullPage = false, style = '' }: Shot): Promise<Buffer> {
    const page = await this.#browser.newPage({
      viewport: window,
      locale: 'en-GB',
      timezoneId: 'UTC',
      reducedMotion: 'reduce',
    });
    page.setDefaultTimeout(PATIENCE_MS);
    try {
      await page.clock.setFixedTime('2026-11-23T09:00:00Z');
      const styles = `<style>${this.#style}</style><style>${style}</style>`;
      await page.setContent(`<!doctype html><title>${picture}</title>${styles}<body></body>`);
      await page.addScriptTag({ content: this.#script });
      await page.getByRole('heading', { name: 'History' }).waitFor();
      await page.locator('.si-bone').first().waitFor({ state: 'detached' });
      if (picture.startsWith('stale')) await page.getByText('Stale').waitFor();
      if (picture.startsWith('git')) await page.getByRole('heading', { name: /by Argo CD itself/ }).waitFor();
      await page.evaluate('Promise.all([...document.fonts].map((font) => font.load()))');
      return await settled(page, fullPage);
    } finally {
      await page.close();
    }
  }

  /** A font that is there has another width than one of the two that stand in for it. */
  async #isMissing(font: string): Promise<boolean> {
    const page = await this.#browser.newPage();
    const widths: unknown = await page.evaluate(`(() => {
      const context = document.createElement('canvas').getContext('2d');
      const width = (family) => { context.font = '40px ' + family; return context.measureText('mmmiiilll').width; };
      return ['serif', 'sans-serif'].map((other) => width('"${font}", ' + other) - width(other));
    })()`);
    await page.close();
    return !Array.isArray(widths) || widths.includes(0);
  }
}

/** Two pictures in a row that are the same: whatever was still on its way has come. */
async function settled(page: Page, fullPage: boolean): Promise<Buffer> {
  const shoot = (): Promise<Buffer> => page.screenshot({ fullPage, animations: 'disabled', caret: 'hide' });
  let before = await shoot();
  for (;;) {
    // Two frames lie between them at least, and with them all that was to be drawn.
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    const now = await shoot();
    if (now.equals(before)) return now;
    before = now;
  }
}

async function bundled(): Promise<{ readonly script: string; readonly style: string }> {
  const here = fileURLToPath(new URL('../', import.meta.url));
  const { outputFiles } = await build({
    stdin: {
      contents: [
        ...['400', '500', '600'].map((weight) => `@fontsource/heebo/${weight}.css`),
        '@fortawesome/fontawesome-free/css/all.css',
        './.storybook/host.css',
        './pictures/page.tsx',
      ]
        .map((path) => `import ${JSON.stringify(path)};`)
        .join('\n'),
      resolveDir: here,
    },
    outdir: `${here}dist`,
    bundle: true,
    write: false,
    format: 'iife',
    jsx: 'transform',
    define: { 'process.env.NODE_ENV': '"production"' },
    loader: { '.woff2': 'dataurl', '.woff': 'empty', '.ttf': 'empty' },
    logLevel: 'warning',
  });
  const textOf = (ending: string): string => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
  return { script: textOf('.js'), style: textOf('.css') };
}
