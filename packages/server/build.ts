import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Another folder than `dist`, to compare two builds. */
const folder = process.argv[2] ?? at('dist');

await rm(folder, { recursive: true, force: true });
await build({
  entryPoints: {
    cli: at('src/cli/main.ts'),
    // Threads of their own, found beside the bundle at run time.
    'index-worker': at('../core/src/helm/index-worker.ts'),
    'signature-worker': at('src/verification/signature-worker.ts'),
    // What Argo CD's repo-server calls in Helm's place.
    'helm-guard': at('src/helm-guard/main.ts'),
  },
  outdir: folder,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  legalComments: 'linked',
  logLevel: 'warning',
  // Bundled CommonJS packages call require for Node's own modules.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
});
// What `install` prints, found beside the bundle at run time.
await cp(at('../../deploy/kustomize'), join(folder, 'kustomize'), { recursive: true });
