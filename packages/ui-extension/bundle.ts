import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Builds the one file that Argo CD concatenates into `/extensions.js`. */
export async function bundle(outfile: string): Promise<void> {
  await build({
    entryPoints: [here('./src/index.tsx')],
    outfile,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2018',
    charset: 'ascii',
    jsx: 'transform',
    // The host's React: a bundled one would not share its renderer, and would serve one of the two hosts only.
    alias: { react: here('./src/host/react-global.cjs') },
    // zod keeps its settings in a global, which it would share with other extensions: here it gets one of its own.
    define: { globalThis: 'zodGlobals' },
    legalComments: 'none',
    // Argo CD 3.3 and 3.4 run all extensions as one script: a throw while loading would stop those that follow.
    banner: { js: 'try{const zodGlobals={};' },
    footer: { js: '}catch(e){console.error("Source Integrity could not start",e)};' },
    logLevel: 'warning',
  });
}
