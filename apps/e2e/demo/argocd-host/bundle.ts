import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';

/** The versions of React that Argo CD brings: 16.14 in 3.3 and 3.4, 19.2 in 3.5 and later. */
export const REACT_VERSIONS = ['19', '16'] as const;
export type ReactVersion = (typeof REACT_VERSIONS)[number];

/** The page that stands in for Argo CD's, and what it loads. */
export interface HostPage {
  html(search: URLSearchParams): string;
  asset(folder: string, file: string): Promise<{ type: string; body: Buffer } | null>;
  /** Built extensions, in the order in which argocd-server concatenates them. */
  readonly extensions: readonly string[];
}

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const installed = (name: string): string => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));

/** Folders whose files are served as they are. */
const FOLDERS: Readonly<Record<string, string>> = {
  heebo: installed('@fontsource/heebo'),
  'font-awesome': installed('@fortawesome/fontawesome-free'),
};
const STYLES: Readonly<Record<string, string>> = {
  'argocd.css': at('../../../../packages/ui-extension/.storybook/host.css'),
  'page.css': at('page.css'),
};
const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  woff2: 'font/woff2',
  woff: 'font/woff',
};

/** Bundles the page once for each React, in memory. */
export async function buildHostPage(): Promise<HostPage> {
  const bundles = new Map<string, Buffer>();
  for (const version of REACT_VERSIONS) bundles.set(`react-${version}.js`, await bundled(version));
  // Its process has no more to do.
  await stop();

  return {
    extensions: [at('../../../../packages/ui-extension/dist/extension-source-integrity.js')],
    html(search) {
      const script = scriptOf(search.get('react') === '16' ? '16' : '19');
      return html('/', `<script defer src="${script}"></script>`, true);
    },
    async asset(folder, file) {
      const type = TYPES[file.split('.').at(-1) ?? ''];
      const style = folder === 'host' ? STYLES[file] : undefined;
      const bundle = folder === 'host' ? bundles.get(file) : undefined;
      const root = FOLDERS[folder];
      if (type === undefined) return null;
      if (bundle !== undefined) return { type, body: bundle };
      const path = style ?? (root === undefined ? null : join(root, file));
      const body = path === null ? null : await readFile(path).catch(() => null);
      return body === null ? null : { type, body };
    },
  };
}

async function bundled(version: ReactVersion): Promise<Buffer> {
  const modules = version === '16' ? at('../../../host-react-16/node_modules') : dirname(installed('react'));
  const result = await build({
    entryPoints: [at(`mount-react-${version}.ts`)],
    bundle: true,
    write: false,
    format: 'iife',
    jsx: 'transform',
    target: 'es2022',
    alias: { react: join(modules, 'react'), 'react-dom': join(modules, 'react-dom') },
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'warning',
  });
  return Buffer.from(result.outputFiles[0]?.contents ?? []);
}

/**
 * Writes what the page loads into a folder that a real argocd-server serves, beside its own API. Answers the page for
 * an Argo CD under `base`, which ends in a slash: `?react=16` chooses there, too.
 */
export async function writeHostPage(into: string): Promise<(base: string) => string> {
  const file = async (folder: string, name: string): Promise<string> => {
    await mkdir(join(into, 'assets', folder), { recursive: true });
    return join(into, 'assets', folder, name);
  };
  for (const version of REACT_VERSIONS) {
    await writeFile(await file('host', `react-${version}.js`), await bundled(version));
  }
  await stop();
  for (const [name, from] of Object.entries(STYLES)) await cp(from, await file('host', name));
  for (const [folder, from] of Object.entries(FOLDERS)) {
    // Fonts and style sheets; the icons are in it as thousands of pictures, too.
    const wanted = (path: string): boolean =>
      !/^\/(?:js|less|metadata|scss|sprites.*|svgs.*)$/.test(path.slice(from.length));
    await cp(from, await file(folder, ''), { recursive: true, filter: wanted });
  }
  const choice = `<script>
const react = new URLSearchParams(location.search).get('react') === '16' ? '${scriptOf('16')}' : '${scriptOf('19')}';
document.write('<script defer src="' + react + '"><\\/script>');
</script>`;
  return (base) => html(base, choice, false);
}

function scriptOf(react: ReactVersion): string {
  return `assets/host/react-${react}.js`;
}

function html(base: string, script: string, isDemo: boolean): string {
  const fonts = ['400', '500', '600', '700'].map((weight) => `assets/heebo/${weight}.css`);
  const styles = [...fonts, 'assets/font-awesome/css/all.min.css', 'assets/host/argocd.css', 'assets/host/page.css'];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Argo CD</title>
<base href="${base}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
${styles.map((href) => `<link rel="stylesheet" href="${href}">`).join('\n')}
${script}
<script defer src="extensions.js"></script>
</head>
<body><div id="app"${isDemo ? ' data-demo' : ''}></div></body>
</html>
`;
}
