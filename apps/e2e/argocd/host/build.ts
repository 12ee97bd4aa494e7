import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';
import { REACT_VERSIONS, type ReactVersion } from '../../demo/argocd-host/bundle.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Writes `react-<version>.html` into a folder that argocd-server serves: a page with that React, as Argo CD of that
 * time brings it, which loads argocd-server's own `/extensions.js`. The binary under test has no user interface inside.
 */
export async function writePages(folder: string): Promise<void> {
  for (const version of REACT_VERSIONS) {
    await build({
      entryPoints: [at(`mount-react-${version}.ts`)],
      outfile: join(folder, `react-${version}.js`),
      bundle: true,
      format: 'iife',
      jsx: 'transform',
      target: 'es2022',
      alias: { react: join(modules(version), 'react'), 'react-dom': join(modules(version), 'react-dom') },
      define: { 'process.env.NODE_ENV': '"production"' },
      logLevel: 'warning',
    });
    await writeFile(
      join(folder, `react-${version}.html`),
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Argo CD</title><base href="/"><link rel="icon" href="data:,">
<script defer src="/react-${version}.js"></script><script defer src="/extensions.js"></script></head>
<body><div id="app"></div></body></html>
`,
    );
  }
  await stop();
}

function modules(version: ReactVersion): string {
  if (version === '16') return at('../../../host-react-16/node_modules');
  return dirname(dirname(createRequire(import.meta.url).resolve('react/package.json')));
}
