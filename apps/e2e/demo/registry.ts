import { readFile, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isRecord } from './argocd/application.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';

interface Manifest {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

interface Repository {
  /** Tag → digest. */
  readonly tags: ReadonlyMap<string, string>;
  readonly manifests: ReadonlyMap<string, Manifest>;
}

/** What a registry holds; blobs are shared by its repositories. */
interface Content {
  readonly repositories: ReadonlyMap<string, Repository>;
  readonly blobs: ReadonlyMap<string, Buffer>;
}

interface Answer {
  readonly status?: number;
  readonly type: string;
  readonly body: Buffer;
  readonly digest?: string;
}

/**
 * A registry to read from (OCI distribution specification 1.1, without authentication and pages), which serves the
 * dump at `path()`: read again when that changes. Referrers are those of the fall-back tag `sha256-<hex>`.
 */
export function createRegistry(path: () => string): Server {
  let read: { readonly version: string; readonly content: Content } | null = null;
  const content = async (): Promise<Content> => {
    const { mtimeMs, size } = await stat(path());
    const version = `${mtimeMs} ${size}`;
    if (read?.version !== version) read = { version, content: parseDump(JSON.parse(await readFile(path(), 'utf8'))) };
    return read.content;
  };
  return createServer((request, response) => {
    content()
      .then((held) => send(request, response, answer(held, request)))
      .catch((error: unknown) => send(request, response, refusal(500, 'UNKNOWN', String(error))));
  });
}

function answer({ repositories, blobs }: Content, { method, url = '/' }: IncomingMessage): Answer {
  if (method !== 'GET' && method !== 'HEAD') return refusal(405, 'UNSUPPORTED', 'this registry is read only');
  const path = url.split('?')[0] ?? '';
  if (path === '/v2/' || path === '/v2') return json({});
  const [, name = '', what = '', reference = ''] =
    /^\/v2\/(.+)\/(manifests|blobs|referrers|tags)\/([\w][\w.:-]*)$/.exec(path) ?? [];
  const repository = repositories.get(name);
  if (repository === undefined) return refusal(404, 'NAME_UNKNOWN', 'there is no such repository');
  const { tags, manifests } = repository;
  switch (what) {
    case 'manifests': {
      const digest = tags.get(reference) ?? reference;
      const manifest = manifests.get(digest);
      if (manifest === undefined) return refusal(404, 'MANIFEST_UNKNOWN', 'there is no such manifest');
      return { type: manifest.mediaType, body: manifest.bytes, digest };
    }
    case 'blobs': {
      const body = blobs.get(reference);
      if (body === undefined) return refusal(404, 'BLOB_UNKNOWN', 'there is no such blob');
      return { type: 'application/octet-stream', body, digest: reference };
    }
    case 'referrers': {
      const index = manifests.get(tags.get(reference.replace(':', '-')) ?? '');
      const none = { schemaVersion: 2, mediaType: INDEX, manifests: [] };
      return { type: INDEX, body: index?.bytes ?? Buffer.from(JSON.stringify(none)) };
    }
    default:
      if (reference !== 'list') return refusal(404, 'UNSUPPORTED', 'not a path of the API');
      return json({ name, tags: [...tags.keys()] });
  }
}

function json(value: object): Answer {
  return { type: 'application/json', body: Buffer.from(JSON.stringify(value)) };
}

function refusal(status: number, code: string, message: string): Answer {
  return { ...json({ errors: [{ code, message }] }), status };
}

function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status = 200, type, body, digest }: Answer,
): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': body.length,
    ...(digest === undefined ? {} : { 'docker-content-digest': digest }),
  });
  response.end(method === 'HEAD' ? undefined : body);
}

function parseDump(dump: unknown): Content {
  const repositories = new Map<string, Repository>();
  for (const [name, repository] of entriesOf(dump, 'repositories')) {
    const tags = new Map(entriesOf(repository, 'tags').map(([tag, digest]) => [tag, String(digest)]));
    const manifests = new Map<string, Manifest>();
    for (const [digest, manifest] of entriesOf(repository, 'manifests')) {
      if (!isRecord(manifest)) throw new Error(`${name}: ${digest} is not an object`);
      manifests.set(digest, { mediaType: String(manifest['mediaType']), bytes: fromBase64(manifest['content']) });
    }
    repositories.set(name, { tags, manifests });
  }
  return {
    repositories,
    blobs: new Map(entriesOf(dump, 'blobs').map(([digest, bytes]) => [digest, fromBase64(bytes)])),
  };
}

function entriesOf(value: unknown, field: string): [string, unknown][] {
  const held = isRecord(value) ? value[field] : null;
  if (!isRecord(held)) throw new Error(`a dump of a registry has no ${field}`);
  return Object.entries(held);
}

function fromBase64(text: unknown): Buffer {
  return Buffer.from(String(text), 'base64');
}
