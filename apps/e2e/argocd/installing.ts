import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { ran, stack } from './proof.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
export const DOCS = join(root, 'docs');
export const DEPLOY = join(root, 'deploy');
export const BIN = join(root, 'packages/server/bin/source-integrity.js');

/** What `source-integrity install` prints. */
export async function printed(...args: readonly string[]): Promise<string> {
  const { code, output } = await ran(process.execPath, [BIN, 'install', ...args]);
  expect(code, output).toBe(0);
  return output;
}

/** A file of the suite's folder with this in it. */
export async function fileOf(name: string, text: string): Promise<string> {
  const file = join(stack.folder, name);
  await writeFile(file, text);
  return file;
}

/** Argo CD's objects that are changed or guarded, without those of the whole cluster, which the suite's own has. */
export async function argocdManifests(): Promise<string> {
  const all = (await readFile(stack.tools.installManifest, 'utf8')).split(/^---$/m);
  return fileOf(
    'argocd.yaml',
    all.filter((text) => /^kind: (?:ConfigMap|Secret|Deployment)$/m.test(text)).join('---\n'),
  );
}

/** Runs what was printed for sh, with the real kubectl as the administrator. */
export async function shell(script: string): Promise<{ code: number; output: string }> {
  const file = await fileOf('script.sh', script);
  const path = `${dirname(stack.tools.kubectl)}:${process.env['PATH'] ?? ''}`;
  return ran('sh', ['-e', file], { PATH: path, HOME: stack.folder, KUBECONFIG: stack.kubernetes.kubeconfig });
}
