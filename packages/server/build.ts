import { cp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

await rm(at('dist'), { recursive: true, force: true });
await build({
  entryPoints: {
    cli: at('src/cli/main.ts'),
    // Threads of their own, found beside the bundle at run time.
    'index-worker': at('../core/src/helm/index-worker.ts'),
    'signature-worker': at('src/verification/signature-worker.ts'),
    // What Argo CD's repo-server calls in Helm's place.
    'helm-guard': at('src/helm-guard/main.ts'),
  },
  outdir: at('dist'),
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
await cp(at('../../deploy/kustomize'), at('dist/kustomize'), { recursive: true });
