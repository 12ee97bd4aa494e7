import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions, type Plugin } from 'esbuild';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Another folder than `dist`, to compare two builds. */
const folder = process.argv[2] ?? at('dist');

await rm(folder, { recursive: true, force: true });
const options = {
  outdir: folder,
  bundle: true,
  platform: 'node',
  target: 'node24',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  legalComments: 'linked',
  logLevel: 'warning',
} as const satisfies BuildOptions;

await build({
  ...options,
  entryPoints: {
    cli: at('src/cli/main.ts'),
    // Threads of their own, found beside the bundle at run time.
    'index-worker': at('../core/src/helm/index-worker.ts'),
    'signature-worker': at('src/verification/signature-worker.ts'),
    // What the guard needs only while the server is away.
    'without-server': at('src/helm-guard/without-server.ts'),
  },
  splitting: true,
  format: 'esm',
  // Bundled CommonJS packages call require for Node's own modules.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
});

/** What is imported as it is needed stays a file of its own, and is read only then. */
const laterFiles: Plugin = {
  name: 'later-files',
  setup(bundle) {
    const files = new Map([
      ['./decide.ts', './decide.cjs'],
      ['./without-server.ts', './without-server.js'],
    ]);
    bundle.onResolve({ filter: /^\.\// }, ({ path, kind }) => {
      const file = kind === 'dynamic-import' ? files.get(path) : undefined;
      return file === undefined ? undefined : { path: file, external: true };
    });
  },
};

// What Argo CD's repo-server calls in Helm's place. Every call of Helm waits for it to start: few and small files, in
// the form of modules that Node starts with fastest.
await build({
  ...options,
  entryPoints: { 'helm-guard': at('src/helm-guard/main.ts'), decide: at('src/helm-guard/decide.ts') },
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  supported: { 'dynamic-import': false },
  plugins: [laterFiles],
});
// What `install` prints, found beside the bundle at run time.
await cp(at('../../deploy/kustomize'), join(folder, 'kustomize'), { recursive: true });
