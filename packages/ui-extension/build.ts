/** Builds the one file that Argo CD concatenates into `/extensions.js`. `--size` only measures the one that is there. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const LIMIT_BYTES = 60_000;
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const outfile = here('./dist/extension-source-integrity.js');

if (!process.argv.includes('--size')) {
  await build({
    entryPoints: [here('./src/index.tsx')],
    outfile,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2018',
    charset: 'ascii',
    jsx: 'transform',
    alias: { react: here('./src/host/react-global.cjs') },
    legalComments: 'none',
    // Argo CD 3.3 and 3.4 run all extensions as one script: a throw while loading would stop those that follow.
    banner: { js: 'try{' },
    footer: { js: '}catch(e){console.error("Source Integrity could not start",e)};' },
    logLevel: 'warning',
  });
}

const bytes = gzipSync(await readFile(outfile), { level: 9 }).length;
process.stdout.write(`extension-source-integrity.js: ${bytes} of ${LIMIT_BYTES} bytes, gzip\n`);
if (bytes > LIMIT_BYTES) process.exitCode = 1;
