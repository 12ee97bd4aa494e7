import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type Application, isRecord, type Operation, parseApplication, type Status } from './application.ts';

/** What kube-apiserver would keep of an Application beside what the folder says. */
interface Kept {
  readonly operation?: Operation;
  readonly status?: Status;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** The Applications of a folder of manifests, as kube-apiserver would hold them: files first, then what syncs left. */
export interface Cluster {
  /** Read from the files at each call, so that a new or changed file counts at once. */
  list(): Promise<{ readonly applications: readonly Application[]; readonly faults: readonly string[] }>;
  get(namespace: string, name: string): Promise<Application | null>;
  /** Keeps the operation and status of `application`, in memory; its spec stays the file's. */
  keep(application: Application): void;
  /** Basic credentials of the repository Secret with this URL. */
  credentials(repoURL: string): Promise<Credentials | null>;
}

export function openCluster(folder: string, namespace: string): Cluster {
  const kept = new Map<string, Kept>();

  async function list(): ReturnType<Cluster['list']> {
    const { documents, faults } = await readManifests(folder);
    const applications = new Map<string, Application>();
    for (const { file, content, createdAt } of documents) {
      try {
        const application = parseApplication(content, namespace);
        if (application === null) continue;
        applications.set(keyOf(application), completed(application, createdAt, kept.get(keyOf(application))));
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
    async credentials(repoURL) {
      const { documents } = await readManifests(folder);
      for (const { content } of documents) {
        if (!isRecord(content) || content['kind'] !== 'Secret' || !isRecord(content['stringData'])) continue;
        const { url, username, password } = content['stringData'];
        if (url === repoURL && typeof username === 'string' && typeof password === 'string') {
          return { username, password };
        }
      }
      return null;
    },
  };
}

function keyOf({ metadata }: Application): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** Adds what kube-apiserver and the application controller write. */
function completed(application: Application, createdAt: string, kept: Kept | undefined): Application {
  const { operation: _, status: __, ...written } = application;
  return {
    ...written,
    metadata: { creationTimestamp: createdAt, uid: uidOf(application), ...application.metadata },
    status: {
      sync: { status: 'OutOfSync', comparedTo: comparedTo(application) },
      health: { status: 'Missing' },
    },
    ...kept,
  };
}

export function comparedTo({ spec }: Application): object {
  const { source, sources, destination } = spec;
  return sources === undefined ? { source, destination } : { sources, destination };
}

/** A stable stand-in for the UID that kube-apiserver assigns to an object whose file names none. */
function uidOf(application: Application): string {
  const hex = createHash('sha256').update(keyOf(application)).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

interface Manifest {
  readonly file: string;
  readonly createdAt: string;
  readonly content: unknown;
}

async function readManifests(folder: string): Promise<{ documents: Manifest[]; faults: string[] }> {
  const documents: Manifest[] = [];
  const faults: string[] = [];
  const names = await readdir(folder, { recursive: true });
  for (const file of names.filter((name) => /\.(?:ya?ml|json)$/.test(name)).sort()) {
    try {
      const path = join(folder, file);
      const createdAt = (await stat(path)).mtime.toISOString();
      for (const document of parseAllDocuments(await readFile(path, 'utf8'))) {
        const [error] = document.errors;
        if (error === undefined) documents.push({ file, createdAt, content: document.toJS() });
        else faults.push(`${file}: ${error.message}`);
      }
    } catch (error) {
      faults.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { documents, faults };
}
