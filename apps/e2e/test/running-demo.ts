import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Document, parseAllDocuments } from 'yaml';
import { type Demo, type DemoOptions, startDemo } from '../demo/start.ts';

/** A demo of its own, on free ports and in a folder that goes when it ends. */
export async function startOwnDemo(options: Pick<DemoOptions, 'beforeCharts'> = {}): Promise<Demo> {
  const folder = await mkdtemp(join(tmpdir(), 'demo-'));
  const demo = await startDemo({ port: 0, repositoryPort: 0, registryPort: 0, folder, ...options });
  return {
    ...demo,
    async stop() {
      await demo.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Changes a manifest of the working folder, as a person with an editor would: whoever reads it sees all of it, or nothing. */
export async function edit(demo: Demo, file: string, change: (document: Document) => void): Promise<void> {
  const path = join(demo.folder.cluster, file);
  const documents = [...parseAllDocuments(await readFile(path, 'utf8'))];
  for (const document of documents) change(document);
  await writeFile(`${path}.part`, documents.map(String).join(''));
  await rename(`${path}.part`, path);
}

export async function setFreshness(demo: Demo, freshness: string): Promise<void> {
  await edit(demo, 'argocd-source-integrity-cm.yaml', (document) => document.setIn(['data', 'freshness'], freshness));
}
