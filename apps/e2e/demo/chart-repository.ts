import { createHash, timingSafeEqual } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { isRecord } from './argocd/application.ts';
import { chartMetadata } from './chart-archive.ts';

/** The one repository that asks who is there. */
const PROTECTED = { repository: 'private', username: 'demo', password: 'demo-password' };

/**
 * Serves `folder/<repository>/…` over HTTP, each as a Helm repository. An archive that a repository's `index.yaml`
 * doesn't list is added to the index that is served, as ChartMuseum does; nothing is written.
 *
 * @param before what each request waits for
 */
export function createChartRepository(
  folder: () => string,
  before: () => Promise<void> = () => Promise.resolve(),
): Server {
  return createServer((request, response) => {
    before()
      .then(() => answer(folder(), request, response))
      .catch((error: unknown) => {
        if (!response.headersSent) send(response, 500, 'text/plain', Buffer.from(`${String(error)}\n`));
        else response.destroy();
      });
  });
}

async function answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const notFound = (): void => send(response, 404, 'text/plain', Buffer.from('404 page not found\n'));
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return send(response, 405, 'text/plain', Buffer.from('method not allowed\n'));
  }
  const target = located(request.url ?? '/');
  if (target === null) return notFound();
  const { repository, file } = target;
  if (repository === PROTECTED.repository && !knows(request.headers.authorization)) {
    response.setHeader('www-authenticate', 'Basic realm="charts"');
    return send(response, 401, 'text/plain', Buffer.from('authentication required\n'));
  }
  const content =
    file === 'index.yaml' ? await servedIndex(join(folder, repository)) : await read(join(folder, repository, file));
  if (content === null) return notFound();
  send(response, 200, typeOf(file, content), request.method === 'HEAD' ? null : content, content.length);
}

/** The repository and file of a path: two plain names, so that no spelling leaves the folder. */
function located(url: string): { repository: string; file: string } | null {
  const [, repository, file] = /^\/([^/?#]+)\/([^/?#]+)(?:\?.*)?$/.exec(url) ?? [];
  if (repository === undefined || file === undefined) return null;
  try {
    const names = { repository: decodeURIComponent(repository), file: decodeURIComponent(file) };
    const plain = /^[A-Za-z0-9_][A-Za-z0-9._+-]*$/;
    return plain.test(names.repository) && plain.test(names.file) ? names : null;
  } catch {
    return null;
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function knows(authorization: string | undefined): boolean {
  const expected = `Basic ${Buffer.from(`${PROTECTED.username}:${PROTECTED.password}`).toString('base64')}`;
  return timingSafeEqual(sha256(authorization ?? ''), sha256(expected));
}

/** The `index.yaml` of a repository's folder, with the archives that it doesn't list; null where there is no folder. */
async function servedIndex(folder: string): Promise<Buffer | null> {
  let files: string[];
  try {
    files = await readdir(folder);
  } catch {
    return null;
  }
  const written = await read(join(folder, 'index.yaml'));
  const index = parseDocument(written?.toString('utf8') ?? 'apiVersion: v1\nentries: {}\n');
  const content: unknown = index.errors.length === 0 ? index.toJS() : null;
  if (!isRecord(content)) return written;

  const listed = listedFiles(content);
  let added = 0;
  for (const file of files.filter((name) => name.endsWith('.tgz') && !listed.has(name)).sort()) {
    const archive = await read(join(folder, file));
    const metadata = archive === null ? null : await chartMetadata(archive);
    if (archive === null || metadata === null || typeof metadata['name'] !== 'string') continue;
    const created = (await stat(join(folder, file))).mtime.toISOString();
    const digest = createHash('sha256').update(archive).digest('hex');
    const entry = index.createNode({ ...metadata, created, digest, urls: [file] });
    const path = ['entries', metadata['name']];
    if (index.hasIn(path)) index.addIn(path, entry);
    else index.setIn(path, index.createNode([entry]));
    added += 1;
  }
  return added === 0 && written !== null ? written : Buffer.from(index.toString({ lineWidth: 0 }));
}

function listedFiles(index: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const entries = isRecord(index['entries']) ? Object.values(index['entries']) : [];
  const urls = entries.flat().flatMap((entry) => (isRecord(entry) ? textsOf(entry['urls']) : []));
  return new Set(urls.map((url) => url.split(/[?#]/)[0]?.split('/').at(-1) ?? ''));
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function typeOf(file: string, content: Buffer): string {
  if (/^\s*<(?:!doctype|html)/i.test(content.subarray(0, 200).toString('latin1'))) return 'text/html; charset=utf-8';
  if (file.endsWith('.tgz')) return 'application/gzip';
  if (file.endsWith('.prov')) return 'application/pgp-signature';
  return file.endsWith('.yaml') ? 'application/yaml' : 'application/octet-stream';
}

async function read(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch {
    return null;
  }
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: Buffer | null,
  length = body?.length,
): void {
  response.writeHead(status, { 'content-type': type, 'content-length': length ?? 0 });
  response.end(body ?? undefined);
}
