import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { type Application, isRecord, sourcesOf } from './argocd/application.ts';
import type { Cluster } from './argocd/cluster-folder.ts';
import { commitMetadata } from './argocd/commit-metadata.ts';
import { type ExtensionBackend, proxyToExtension } from './argocd/extension-proxy.ts';
import { parseSyncRequest } from './argocd/operation.ts';
import { ApiError, type Syncs } from './argocd/sync.ts';
import type { HostPage } from './argocd-host/bundle.ts';
import type { Tampering } from './tampering.ts';
import type { WorkingFolder } from './working-folder.ts';

const MAX_BODY_BYTES = 64 * 1024;

export interface ArgocdServer {
  readonly cluster: Cluster;
  readonly syncs: Syncs;
  readonly backend: ExtensionBackend;
  readonly tampering: Tampering;
  readonly page: HostPage;
  readonly folder: WorkingFolder;
}

interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly body: Buffer | string | object;
}

/** What argocd-server does for the page: its API, the extension proxy, `/extensions.js`, and the page itself. */
export function createArgocdServer(parts: ArgocdServer): Server {
  return createServer((request, response) => {
    handle(parts, request, response).catch((error: unknown) => {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const message = error instanceof Error ? error.message : String(error);
      const { status, code } = error instanceof ApiError ? error : { status: 500, code: 13 };
      send(response, { status, body: { error: message, code, message } });
    });
  });
}

async function handle(parts: ArgocdServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // Another site's page may not reach the demo by a name of its own that points here.
  if (!/^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/.test(request.headers.host ?? '')) {
    return send(response, { status: 403, type: 'text/plain', body: 'This demo answers on loopback only.\n' });
  }
  const url = new URL(request.url ?? '/', 'http://argocd');
  if (url.pathname.startsWith('/extensions/')) {
    return proxyToExtension(request, response, parts.cluster, parts.backend);
  }
  const route = `${request.method ?? 'GET'} ${url.pathname}`;
  const [, name, action] = /^\/api\/v1\/applications\/([a-z0-9.-]+)(\/sync|\/operation)?$/.exec(url.pathname) ?? [];
  if (name !== undefined) return send(response, await application(parts, request, url, name, action ?? ''));
  const [, ofCommit, revision] = COMMIT_METADATA.exec(route) ?? [];
  if (ofCommit !== undefined && revision !== undefined) {
    return send(response, { body: await metadata(parts, url, ofCommit, revision) });
  }
  if (route === 'GET /api/v1/applications') {
    const { applications } = await parts.cluster.list();
    return send(response, { body: { metadata: {}, items: applications } });
  }
  if (url.pathname.startsWith('/demo/')) return send(response, await demo(parts, route, url));
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new ApiError(405, 12, 'Method Not Allowed');
  return send(response, (await asset(parts.page, url)) ?? { status: 404, type: 'text/plain', body: 'not found\n' });
}

async function application(
  parts: ArgocdServer,
  request: IncomingMessage,
  url: URL,
  name: string,
  action: string,
): Promise<Answer> {
  const body = request.method === 'POST' ? await bodyOf(request) : {};
  const inBody = isRecord(body) && typeof body['appNamespace'] === 'string' ? body['appNamespace'] : null;
  const found = await named(parts, inBody ?? url.searchParams.get('appNamespace'), name);
  switch (`${request.method ?? 'GET'} ${action}`) {
    case 'GET ':
      return { body: url.searchParams.has('refresh') ? await parts.syncs.refresh(found) : found };
    case 'POST /sync':
      return { body: await parts.syncs.sync(found, parseSyncRequest(body)) };
    case 'DELETE /operation':
      await parts.syncs.terminate(found);
      return { body: {} };
    default:
      throw new ApiError(405, 12, 'Method Not Allowed');
  }
}

const COMMIT_METADATA = /^GET \/api\/v1\/applications\/([a-z0-9.-]+)\/revisions\/([^/]+)\/metadata$/;

/** Upstream: server/application/application.go, RevisionMetadata. */
async function metadata(parts: ArgocdServer, url: URL, name: string, revision: string): Promise<object> {
  const { spec, status, ...application } = await named(parts, url.searchParams.get('appNamespace'), name);
  const version = url.searchParams.get('versionId');
  const deployment = version === null ? null : status?.history?.find(({ id }) => id === Number(version));
  if (deployment === undefined) throw new ApiError(500, 2, `revision history not found for version ID ${version}`);
  const { source, sources } = deployment ?? {};
  const all =
    deployment === null ? sourcesOf({ ...application, spec }) : (sources ?? (source === undefined ? [] : [source]));
  const found = all[Number(url.searchParams.get('sourceIndex') ?? 0)];
  if (found === undefined) throw new ApiError(500, 2, 'source index not found');
  if (!/^[0-9a-f]{7,40}$/.test(revision)) throw new ApiError(500, 2, `revision ${revision} must be resolved`);
  return commitMetadata(await parts.cluster.project(spec.project), found.repoURL, revision);
}

/** What only the demo has: nothing of it is in Argo CD. */
async function demo(parts: ArgocdServer, route: string, url: URL): Promise<Answer> {
  const name = url.searchParams.get('name');
  const found = name === null ? null : await named(parts, url.searchParams.get('namespace'), name).catch(() => null);
  const archive = found === null ? null : await parts.tampering.find(found);
  switch (route) {
    case 'GET /demo/state': {
      const { faults } = await parts.cluster.list();
      return {
        body: {
          folders: { cluster: parts.folder.cluster, charts: parts.folder.charts },
          faults,
          archive: archive === null ? null : { name: archive.name, tampered: archive.tampered },
          warnings: found === null ? [] : parts.syncs.warnings(found),
        },
      };
    }
    case 'POST /demo/tamper':
      if (archive === null) throw new ApiError(404, 5, 'no chart of this Application is served here');
      await parts.tampering.tamper(archive);
      return { body: {} };
    case 'POST /demo/restore':
      if (archive?.tampered !== true) throw new ApiError(404, 5, 'nothing to restore');
      await parts.tampering.restore(archive);
      return { body: {} };
    default:
      return { status: 404, type: 'text/plain', body: 'not found\n' };
  }
}

async function asset(page: HostPage, { pathname, searchParams }: URL): Promise<Answer | null> {
  if (pathname === '/') return { type: 'text/html; charset=utf-8', body: page.html(searchParams) };
  if (pathname === '/extensions.js') {
    return { type: 'text/javascript; charset=utf-8', body: await concatenated(page.extensions) };
  }
  const [, folder, file] = /^\/assets\/([a-z0-9-]+)\/((?:[\w-]+\/)?[\w.-]+)$/.exec(pathname) ?? [];
  if (folder !== undefined && file !== undefined) return page.asset(folder, file);
  return /^\/(?:applications(?:\/[a-z0-9.-]+\/[a-z0-9.-]+)?)?$/.test(pathname)
    ? { type: 'text/html; charset=utf-8', body: page.html(searchParams) }
    : null;
}

/** As argocd-server 3.5 and later concatenate `extension*.js`: one that throws does not stop the next. */
async function concatenated(files: readonly string[]): Promise<string> {
  const wrapped: string[] = [];
  for (const file of files) {
    const name = JSON.stringify(file.split('/').at(-1));
    wrapped.push(`try {\n${await readFile(file, 'utf8')}\n} catch (e) { console.error('extension', ${name}, e); }\n`);
  }
  return wrapped.join('');
}

async function named({ cluster }: ArgocdServer, namespace: string | null, name: string): Promise<Application> {
  const found = await cluster.get(namespace ?? 'argocd', name);
  if (found === null) throw new ApiError(404, 5, `applications.argoproj.io "${name}" not found`);
  return found;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  // A form or another site's page can't send this type without being asked first.
  if (request.headers['content-type']?.split(';')[0] !== 'application/json') {
    throw new ApiError(415, 3, 'Invalid content type: application/json is wanted');
  }
  if (Number(request.headers['content-length'] ?? Infinity) > MAX_BODY_BYTES) {
    throw new ApiError(413, 8, 'request body too large');
  }
  try {
    return await json(request);
  } catch {
    throw new ApiError(400, 3, 'the body is not JSON');
  }
}

function send(response: ServerResponse, { status = 200, type, body }: Answer): void {
  const bytes = typeof body === 'string' || Buffer.isBuffer(body);
  response.writeHead(status, {
    'content-type': type ?? 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(bytes ? body : JSON.stringify(body));
}
