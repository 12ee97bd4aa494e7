import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { containing } from '../cli/command-line.ts';
import { KUSTOMIZE, manifest, manifestsIn } from './manifest-files.ts';

const dockerfile = readFileSync(new URL('../Dockerfile', KUSTOMIZE), 'utf8');
const root = fileURLToPath(new URL('../../', KUSTOMIZE));
const dist = join(root, 'packages/server/dist');

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'source-integrity-image-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const Server = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        initContainers: z.tuple([
          z.looseObject({ name: z.string(), command: z.optional(z.tuple([z.string(), z.literal('-e'), z.string()])) }),
        ]),
        containers: z.array(z.looseObject({ name: z.string() })),
      }),
    }),
  }),
});
const server = Server.parse(manifest(manifestsIn('components/extension-image'), 'Deployment'));
const [node, , script] = server.spec.template.spec.initContainers[0].command ?? ['', '-e', ''];

describe('the image', () => {
  it('has what the manifests expect in it', () => {
    expect(dockerfile).toContain(`ENTRYPOINT ["${node}", "/app/bin/source-integrity.js"]`);
    expect(dockerfile).toContain('WORKDIR /app\n');
    expect(dockerfile).toContain('COPY --from=build /extension extension\n');
    expect(dockerfile).toContain('USER 65532:65532\n');
    expect(script).toContain("cpSync('/app/extension', '/tmp/extensions',");
  });

  it('is copied from paths that the build has', () => {
    const copied = [...dockerfile.matchAll(/^COPY --from=build \/src\/(\S+)/gm)].map(([, path = '']) => path);
    expect(copied.length).toBeGreaterThan(2);
    expect(copied.filter((path) => !path.endsWith('/dist') && !existsSync(join(root, path)))).toEqual([]);
  });

  /** `npm test` builds first; vitest alone may find nothing built. */
  it.skipIf(!existsSync(dist))('runs with nothing around it', () => {
    const app = temporary();
    for (const part of ['package.json', 'bin'])
      cpSync(join(root, 'packages/server', part), join(app, part), { recursive: true });
    cpSync(dist, join(app, 'dist'), { recursive: true });
    const bin = join(app, 'bin/source-integrity.js');
    const run = (...args: string[]): ReturnType<typeof spawnSync> =>
      spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', cwd: app, env: {} });
    expect(run('--version')).toMatchObject({ status: 0, stderr: '' });
    expect(run('install', '--print-registration')).toMatchObject({ status: 0, stderr: '' });
    expect(run('serve')).toMatchObject({ status: 64 });
  });
});

describe('the init container with the tab', () => {
  const copy = (app: string, extensions: string): ReturnType<typeof spawnSync> => {
    const here = script.replace('/app/extension', app).replace('/tmp/extensions', extensions);
    return spawnSync(process.execPath, ['-e', here], { encoding: 'utf8' });
  };

  it('copies it to where argocd-server looks', () => {
    const [app, extensions] = [temporary(), temporary()];
    mkdirSync(join(app, 'resources/extension-x.js'), { recursive: true });
    writeFileSync(join(app, 'resources/extension-x.js/extension-x.js'), 'x;');
    expect(copy(app, extensions)).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(join(extensions, 'resources/extension-x.js'))).toEqual(['extension-x.js']);
  });

  it('ends well where it cannot, and says why: argocd-server starts all the same', () => {
    expect(copy('/nowhere', temporary())).toMatchObject({ status: 0, stderr: containing('ENOENT') });
  });
});

it('both ways to bring the tab mount the folder where others mount it, too', () => {
  for (const component of ['extension-image', 'extension-installer']) {
    const { containers } = Server.parse(manifest(manifestsIn(`components/${component}`), 'Deployment')).spec.template
      .spec;
    expect(containers).toEqual([
      { name: 'argocd-server', volumeMounts: [{ name: 'extensions', mountPath: '/tmp/extensions/' }] },
    ]);
  }
});
