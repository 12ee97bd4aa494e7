import { fileURLToPath } from 'node:url';
import { readFile } from 'node:fs/promises';
import { build, type Plugin, transform } from 'esbuild';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The style sheet is text to a bundler: its indentation and comments are taken out here. */
const styles: Plugin = {
  name: 'styles',
  setup: (bundler) => {
    bundler.onLoad({ filter: /\/src\/style\/(?:tokens|layout|parts)\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const [, before = '', css = ''] = /^([^`]*)`([^`$\\]*)`;\n$/.exec(source) ?? [];
      if (css === '') throw new Error(`${path} is not one template without values`);
      const { code } = await transform(css, { loader: 'css', minify: true });
      return { loader: 'ts', contents: `${before}${JSON.stringify(code.trim())};` };
    });
  },
};

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
    // Of the problem catalogue's entries, of which there are many; none of these names is in what the server answers.
    mangleProps: /^(?:consequence|responsible|compares|sentence|remedy|brief)$/,
    jsx: 'transform',
    // The host's React: a bundled one would not share its renderer, and would serve one of the two hosts only.
    alias: { react: here('./src/host/react-global.mjs') },
    // zod keeps its settings in a global, which it would share with other extensions: here it gets one of its own.
    define: { globalThis: 'zodGlobals' },
    legalComments: 'none',
    plugins: [styles],
    // Argo CD 3.3 and 3.4 run all extensions as one script: a throw while loading would stop those that follow.
    banner: { js: 'try{const zodGlobals={};' },
    footer: { js: '}catch(e){console.error("Source Integrity could not start",e)};' },
    logLevel: 'warning',
  });
}
