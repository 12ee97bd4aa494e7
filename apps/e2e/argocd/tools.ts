import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { goBinary } from '../reference/tools/build.ts';
import { cacheFolder, kept } from '../reference/tools/cache.ts';
import { tools } from '../reference/tools.ts';
import { textAt } from './json.ts';

const run = promisify(execFile);

/** The Argo CD whose binaries and manifests are used: as `reference/tools/argocd/go.mod` pins it. */
const ARGOCD_VERSION = '3.6.1';

export interface Tools {
  readonly argocd: string;
  readonly helm: string;
  readonly crane: string;
  readonly kubectl: string;
  readonly kubeApiserver: string;
  /** Debian's. */
  readonly etcd: string;
  readonly redis: string;
  /** A folder with what argocd-repo-server calls besides Git: helm, and Argo CD's own wrapper of `git verify-commit`. */
  readonly repoServerPath: string;
  /** Argo CD's own `install.yaml`. */
  readonly installManifest: string;
}

const SAY = (line: string): void => void process.stderr.write(`${line}\n`);

/** All that the suite runs, from the cache outside the tree; what is missing there is built. */
export async function suiteTools(folder: string): Promise<Tools> {
  const built = await tools(['argocd', 'helm', 'crane', 'kubectl', 'kube-apiserver']);
  const path = (name: Parameters<typeof built.get>[0]): string => built.get(name) ?? '';
  const repoServerPath = join(folder, 'bin');
  const files = await argocdFiles();
  await mkdir(repoServerPath, { recursive: true });
  await symlink(path('helm'), join(repoServerPath, 'helm'));
  await symlink(join(files, 'git-verify-wrapper.sh'), join(repoServerPath, 'git-verify-wrapper.sh'));
  return {
    argocd: path('argocd'),
    helm: path('helm'),
    crane: path('crane'),
    kubectl: path('kubectl'),
    kubeApiserver: path('kube-apiserver'),
    etcd: await installed('etcd', 'etcd-server'),
    redis: await installed('redis-server', 'redis-server'),
    repoServerPath,
    installManifest: join(files, 'install.yaml'),
  };
}

async function installed(program: string, debianPackage: string): Promise<string> {
  try {
    return (await run('which', [program])).stdout.trim();
  } catch (error) {
    throw new Error(`There is no ${program}: on Debian it is in the package ${debianPackage}.`, { cause: error });
  }
}

/** From the Go module that the binary was built from, checked against the committed `go.sum`. */
async function argocdFiles(): Promise<string> {
  return kept(join(cacheFolder(), `argocd-files-${ARGOCD_VERSION}`), async (into) => {
    const go = await goBinary(SAY);
    const module = fileURLToPath(new URL('../reference/tools/argocd', import.meta.url));
    const { stdout } = await run(go, ['mod', 'download', '-json', 'github.com/argoproj/argo-cd/v3'], {
      cwd: module,
      env: { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly', GOWORK: 'off' },
    });
    const downloaded: unknown = JSON.parse(stdout);
    if (textAt(downloaded, 'Version') !== `v${ARGOCD_VERSION}`) throw new Error(`not the Argo CD wanted: ${stdout}`);
    for (const file of ['manifests/install.yaml', 'hack/git-verify-wrapper.sh']) {
      await copyFile(join(textAt(downloaded, 'Dir'), file), join(into, basename(file)));
    }
    await chmod(join(into, 'git-verify-wrapper.sh'), 0o755);
  });
}
