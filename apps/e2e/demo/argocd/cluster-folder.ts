import { createHash } from 'node:crypto';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type Application, isRecord, parseApplication, type Source, sourcesOf } from './application.ts';
import { commitOf } from './commit.ts';

interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** The Applications of a folder of manifests, as kube-apiserver would hold them. */
export interface Cluster {
  /** Read from the files at each call, so that a new or changed file counts at once. */
  list(): Promise<{ readonly applications: readonly Application[]; readonly faults: readonly string[] }>;
  get(namespace: string, name: string): Promise<Application | null>;
  /** Keeps the operation and status of `application` while the demo runs; its spec stays the file's. */
  keep(application: Application): void;
  /** Writes the status of `application` into its manifest, where all who read the folder see it. */
  publish(application: Application): Promise<void>;
  /** The AppProject of this name as its file has it; null: there is none. */
  project(name: string): Promise<unknown>;
  /** Basic credentials of the repository Secret with this URL. */
  credentials(repoURL: string): Promise<Credentials | null>;
}

export function openCluster(folder: string, namespace: string): Cluster {
  const kept = new Map<string, Pick<Application, 'operation' | 'status'>>();
  const firstSeen = new Map<string, string>();
  let publishing: Promise<void> = Promise.resolve();

  async function publish(application: Application): Promise<void> {
    const { documents } = await readManifests(folder);
    const own = documents.find(({ content }) => isManifestOf(content, application, namespace));
    if (own === undefined) return;
    const path = join(folder, own.file);
    const stream = parseAllDocuments(await readFile(path, 'utf8'));
    for (const document of stream) {
      if (!isManifestOf(document.toJS(), application, namespace)) continue;
      document.set('status', document.createNode(application.status, { aliasDuplicateObjects: false }));
    }
    await writeFile(`${path}.part`, [...stream].map((document) => document.toString({ lineWidth: 0 })).join(''));
    await rename(`${path}.part`, path);
  }

  async function list(): ReturnType<Cluster['list']> {
    const { documents, faults } = await readManifests(folder);
    const applications = new Map<string, Application>();
    for (const { file, content } of documents) {
      try {
        const application = parseApplication(content, namespace);
        if (application === null) continue;
        const key = keyOf(application);
        const createdAt = firstSeen.get(key) ?? new Date().toISOString();
        firstSeen.set(key, createdAt);
        applications.set(key, completed(application, createdAt, kept.get(key)));
      } catch (error) {
        faults.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    const sorted = [...applications.values()].sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
    return { applications: sorted, faults };
  }

  return {
    list,
    async get(namespace, name) {
      const { applications } = await list();
      return applications.find((each) => each.metadata.namespace === namespace && each.metadata.name === name) ?? null;
    },
    keep(application) {
      const { operation, status } = application;
      kept.set(keyOf(application), {
        ...(operation === undefined ? {} : { operation }),
        ...(status === undefined ? {} : { status }),
      });
    },
    publish(application) {
      // One after the other: two that change the same file would each take the other's change back.
      publishing = publishing.catch(() => undefined).then(() => publish(application));
      return publishing;
    },
    async project(name) {
      const { documents } = await readManifests(folder);
      const found = documents.find(
        ({ content }) =>
          isRecord(content) &&
          content['kind'] === 'AppProject' &&
          isRecord(content['metadata']) &&
          content['metadata']['name'] === name,
      );
      return found?.content ?? null;
    },
    async credentials(repoURL) {
      const { documents } = await readManifests(folder);
      for (const { content } of documents) {
        if (!isRecord(content) || content['kind'] !== 'Secret') continue;
        const { url, username, password } = secretTexts(content);
        if (url === repoURL && username !== undefined && password !== undefined) return { username, password };
      }
      return null;
    },
  };
}

function keyOf({ metadata }: Application): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function isManifestOf(content: unknown, application: Application, namespace: string): boolean {
  try {
    const parsed = parseApplication(content, namespace);
    return parsed !== null && keyOf(parsed) === keyOf(application);
  } catch {
    return false;
  }
}

/** Adds what kube-apiserver and the application controller write. */
function completed(
  application: Application,
  createdAt: string,
  kept: Pick<Application, 'operation' | 'status'> | undefined,
): Application {
  const { operation: _, ...written } = application;
  return {
    ...written,
    metadata: { creationTimestamp: createdAt, uid: uidOf(application), ...application.metadata },
    status: {
      sync: { status: 'OutOfSync', comparedTo: comparedTo(application), ...revisionsAtFirst(application) },
      health: { status: 'Missing' },
      ...application.status,
    },
    ...kept,
  };
}

/**
 * Argo CD compares an Application as soon as it is there. Of those with a Git source its outcome is said here too, for
 * a page may want to know of the commit; a version that is a range stays as it is written.
 */
function revisionsAtFirst(application: Application): object {
  const sources = sourcesOf(application);
  if (!sources.some(isGitSource)) return {};
  const revisions = sources.map((source) =>
    isGitSource(source) ? commitOf(source, source.targetRevision ?? '') : (source.targetRevision ?? ''),
  );
  return application.spec.sources === undefined ? { revision: revisions[0] } : { revisions };
}

function isGitSource({ chart, repoURL }: Source): boolean {
  return chart === undefined && !repoURL.startsWith('oci://');
}

export function comparedTo({ spec }: Application): object {
  const { source, sources, destination } = spec;
  return sources === undefined ? { source, destination } : { sources, destination };
}

function secretTexts({ data, stringData }: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const encoded = Object.entries(isRecord(data) ? data : {});
  return Object.fromEntries([
    ...encoded.map(([key, value]) => [key, Buffer.from(String(value), 'base64').toString('utf8')] as const),
    ...Object.entries(isRecord(stringData) ? stringData : {}).map(([key, value]) => [key, String(value)] as const),
  ]);
}

/** The UID of an object whose file names none: the one that the server's reader gives it. */
function uidOf(application: Application): string {
  const digest = createHash('sha256')
    .update(`Application/${keyOf(application)}`)
    .digest('hex');
  return digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-5$3-8$4-$5');
}

interface Manifest {
  readonly file: string;
  readonly content: unknown;
}

async function readManifests(folder: string): Promise<{ documents: Manifest[]; faults: string[] }> {
  const documents: Manifest[] = [];
  const faults: string[] = [];
  const names = await readdir(folder, { recursive: true });
  for (const file of names.filter((name) => /\.(?:ya?ml|json)$/.test(name)).sort()) {
    try {
      const path = join(folder, file);
      for (const document of parseAllDocuments(await readFile(path, 'utf8'))) {
        const [error] = document.errors;
        if (error === undefined) documents.push({ file, content: document.toJS() });
        else faults.push(`${file}: ${error.message}`);
      }
    } catch (error) {
      faults.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { documents, faults };
}
