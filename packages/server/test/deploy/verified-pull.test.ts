import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { guardSettings } from '../../src/helm-guard/settings.ts';
import { KUSTOMIZE, manifest, manifestsIn } from './manifest-files.ts';

const server = fileURLToPath(new URL('../../packages/server/', KUSTOMIZE));
const dist = join(server, 'dist');

const Named = z.looseObject({ name: z.string() });
const Mount = z.object({ name: z.string(), mountPath: z.string(), readOnly: z.optional(z.boolean()) });
const Pod = z.object({
  initContainers: z.tuple([
    z.looseObject({
      command: z.tuple([z.string(), z.literal('-e'), z.string()]),
      volumeMounts: z.array(Mount),
    }),
  ]),
  containers: z.tuple([
    z.object({
      name: z.string(),
      env: z.array(z.object({ name: z.string(), value: z.string() })),
      volumeMounts: z.array(Mount),
    }),
  ]),
  volumes: z.array(Named),
});
const RepoServer = z.object({ spec: z.object({ template: z.looseObject({ spec: Pod }) }) });
const pod = RepoServer.parse(manifest(manifestsIn('components/verified-pull'), 'Deployment')).spec.template.spec;
const [container] = pod.containers;
const environment = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));

describe('the component verified-pull', () => {
  it('gives the guard settings that it takes, and paths that are mounted', () => {
    const read = guardSettings(environment);
    if ('faults' in read) throw new Error(read.faults.join());
    const mounted = (path: string): boolean =>
      container.volumeMounts.some(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`));
    const { tokenFile, caFile, stateFolder } = read.settings;
    expect([tokenFile, caFile, stateFolder].filter((path) => !mounted(path))).toEqual([]);
    expect(environment['PATH']?.split(':')[0]).toBe('/guard');
  });

  it('mounts each of its volumes, and lets the guard write only what it keeps', () => {
    const mounts = [...container.volumeMounts, ...pod.initContainers[0].volumeMounts];
    const mounted = new Set(mounts.map(({ name }) => name));
    expect(pod.volumes.filter(({ name }) => !mounted.has(name))).toEqual([]);
    expect(container.volumeMounts.filter(({ readOnly }) => readOnly !== true).map(({ name }) => name)).toEqual([
      'helm-guard-state',
    ]);
  });

  it('asks for a token and for the rights of the account that the server answers', () => {
    expect(JSON.stringify(pod.volumes)).toContain('"audience":"source-integrity"');
    const role = manifest(manifestsIn('components/verified-pull'), 'ClusterRole');
    expect(role['rules']).toEqual([
      { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
    ]);
  });

  /** `npm test` builds first; vitest alone may find nothing built. */
  it.skipIf(!existsSync(dist))('brings all that the guard needs: it runs from what was copied alone', () => {
    const [app, guard] = [temporary(), temporary()];
    for (const part of ['package.json', 'bin', 'dist'])
      cpSync(join(server, part), join(app, part), { recursive: true });
    mkdirSync(join(app, 'nodejs/bin'), { recursive: true });
    writeFileSync(join(app, 'nodejs/bin/node'), `#!/bin/sh\nexec ${process.execPath} "$@"\n`);
    chmodSync(join(app, 'nodejs/bin/node'), 0o755);
    const [, , script] = pod.initContainers[0].command;
    const here = script
      .replaceAll("'/app/", `'${app}/`)
      .replaceAll("'/nodejs/", `'${app}/nodejs/`)
      .replaceAll("'/guard/", `'${guard}/`);
    expect(spawnSync(process.execPath, ['-e', here], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    rmSync(app, { recursive: true });
    expect(readdirSync(guard).toSorted()).toEqual(['dist', 'helm', 'node', 'package.json']);

    const helm = join(guard, 'real-helm');
    writeFileSync(helm, '#!/bin/sh\necho "real $*"\n');
    chmodSync(helm, 0o755);
    const run = (...args: string[]): ReturnType<typeof spawnSync> =>
      spawnSync(join(guard, 'helm'), args, {
        encoding: 'utf8',
        cwd: guard,
        env: { PATH: '/usr/bin:/bin', ...environment, SOURCE_INTEGRITY_GUARD_HELM: helm },
      });
    expect(run('version', '--short')).toMatchObject({ status: 0, stdout: 'real version --short\n', stderr: '' });
    // By way of Node.
    expect(run('repo', 'list')).toMatchObject({ status: 0, stdout: 'real repo list\n', stderr: '' });
  });

  it('keeps the pod from starting where the guard cannot be copied', () => {
    const [, , script] = pod.initContainers[0].command;
    expect(spawnSync(process.execPath, ['-e', script.replaceAll("'/app/", "'/nowhere/")]).status).not.toBe(0);
  });
});

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'source-integrity-verified-pull-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
