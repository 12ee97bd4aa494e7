import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface FakeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly resourceVersion?: string;
    readonly [more: string]: unknown;
  };
  readonly [more: string]: unknown;
}

interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly plural: string;
  readonly version: number;
  readonly object: FakeObject;
}

interface Watch {
  readonly path: Path;
  readonly response: ServerResponse;
}

/** `/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/payments?watch=true` */
interface Path {
  readonly namespace: string | null;
  readonly plural: string;
  readonly name: string | null;
  readonly query: URLSearchParams;
}

/** As much of kube-apiserver as lists, watches and writes objects, with its faults at the test's command. */
export interface FakeApiServer {
  readonly url: string;
  readonly tokenFile: string;
  /** Method and URL of each request. */
  readonly requests: readonly string[];
  /** The token that is accepted; the file is the test's business. */
  token: string;
  /** Answers the request itself if it returns true. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Resources that are answered 403. */
  readonly forbidden: Set<string>;
  readonly put: (plural: string, ...objects: readonly FakeObject[]) => void;
  readonly remove: (plural: string, namespace: string, name: string) => void;
  /** Every watch hears of the present version. */
  readonly bookmark: () => void;
  /** Sends these bytes to every watch of a resource. */
  readonly send: (plural: string, bytes: string) => void;
  /** Versions until now can no longer be watched from. */
  readonly compact: () => void;
  /** Connections break off. */
  readonly drop: () => void;
  /** Connections stay, and nothing comes over them any more. */
  readonly freeze: () => void;
  /** Watches end as they do at their time. */
  readonly endWatches: () => void;
  readonly objects: (plural: string) => readonly FakeObject[];
  readonly watches: (plural: string) => number;
  readonly writeToken: (token: string) => void;
  readonly close: () => void;
}

export async function startApiServer(tls?: { readonly cert: Buffer; readonly key: Buffer }): Promise<FakeApiServer> {
  const folder = mkdtempSync(join(tmpdir(), 'source-integrity-token-'));
  const tokenFile = join(folder, 'token');
  const objects = new Map<string, FakeObject>();
  const changes: Change[] = [];
  const watches = new Set<Watch>();
  const timers = new Set<NodeJS.Timeout>();
  const requests: string[] = [];
  const forbidden = new Set<string>();
  let version = 1;
  let oldest = 0;

  const write = (plural: string, type: Change['type'], object: FakeObject): FakeObject => {
    version += 1;
    const written = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    const key = keyOf(plural, object.metadata.namespace ?? '', object.metadata.name);
    if (type === 'DELETED') objects.delete(key);
    else objects.set(key, written);
    const change = { type, plural, version, object: written };
    changes.push(change);
    for (const watch of watches) tell(watch, change);
    return written;
  };
  const list = (path: Path): FakeObject[] =>
    [...objects]
      .filter(([key, object]) => key.startsWith(`${path.plural}/`) && isSelected(path, object))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (fake.intercept(request, response)) return;
    const path = readPath(request.url ?? '');
    if (request.headers.authorization !== `Bearer ${fake.token}`) {
      status(response, 401, 'Unauthorized');
    } else if (forbidden.has(path.plural)) {
      status(response, 403, `${path.plural} is forbidden`);
    } else if (request.method !== 'GET') {
      void readJson(request).then((body) => {
        answerWrite(request, response, path, body);
      });
    } else if (path.name !== null) {
      const object = objects.get(keyOf(path.plural, path.namespace ?? '', path.name));
      if (object === undefined) status(response, 404, `${path.plural} "${path.name}" not found`);
      else json(response, 200, object);
    } else if (path.query.get('watch') === 'true') startWatch(path, response);
    else answerList(path, response);
  };
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);

  function answerList(path: Path, response: ServerResponse): void {
    const [at = '', from = '0'] = (path.query.get('continue') ?? '').split('/');
    if (at !== '' && Number(at) < oldest) {
      status(response, 410, 'The provided continue parameter is too old');
      return;
    }
    const all = list(path);
    const limit = Number(path.query.get('limit') ?? all.length);
    const end = Number(from) + limit;
    const more = end < all.length ? { continue: `${version}/${end}` } : {};
    const items = all.slice(Number(from), end);
    json(response, 200, { kind: 'List', metadata: { resourceVersion: String(version), ...more }, items });
  }

  function startWatch(path: Path, response: ServerResponse): void {
    const from = Number(path.query.get('resourceVersion'));
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    if (from < oldest) {
      const gone = { kind: 'Status', code: 410, message: 'too old resource version' };
      response.end(`${JSON.stringify({ type: 'ERROR', object: gone })}\n`);
      return;
    }
    const watch = { path, response };
    watches.add(watch);
    response.on('close', () => watches.delete(watch));
    for (const change of changes) if (change.version > from) tell(watch, change);
    const seconds = Number(path.query.get('timeoutSeconds') ?? '3600');
    const timer: NodeJS.Timeout = setTimeout(() => {
      timers.delete(timer);
      watches.delete(watch);
      response.end();
    }, seconds * 1000);
    timers.add(timer);
    response.on('close', () => {
      timers.delete(timer);
      clearTimeout(timer);
    });
  }

  function answerWrite(request: IncomingMessage, response: ServerResponse, path: Path, body: unknown): void {
    const sent = asObject(body);
    const name = path.name ?? sent?.metadata.name ?? '';
    const known = objects.get(keyOf(path.plural, path.namespace ?? '', name));
    if (request.method === 'POST') {
      if (known !== undefined) status(response, 409, `${path.plural} "${name}" already exists`);
      else if (sent !== null) json(response, 201, write(path.plural, 'ADDED', sent));
    } else if (known === undefined) status(response, 404, 'not found');
    else if (request.method === 'PUT') {
      const isCurrent = sent?.metadata.resourceVersion === known.metadata.resourceVersion;
      if (sent === null || !isCurrent) status(response, 409, 'the object has been modified');
      else json(response, 200, write(path.plural, 'MODIFIED', sent));
    } else json(response, 200, { ...known, patched: body, contentType: request.headers['content-type'] });
  }

  await new Promise<void>((resolve) => {
    server.listen(0, 'localhost', resolve);
  });
  const fake: FakeApiServer = {
    url: `${tls === undefined ? 'http' : 'https'}://localhost:${addressOf(server.address()).port}`,
    tokenFile,
    requests,
    token: 'the-token',
    intercept: () => false,
    forbidden,
    put(plural, ...puts) {
      for (const object of puts) {
        const isKnown = objects.has(keyOf(plural, object.metadata.namespace ?? '', object.metadata.name));
        write(plural, isKnown ? 'MODIFIED' : 'ADDED', object);
      }
    },
    remove(plural, namespace, name) {
      const object = objects.get(keyOf(plural, namespace, name));
      if (object !== undefined) write(plural, 'DELETED', object);
    },
    bookmark() {
      const event = { type: 'BOOKMARK', object: { metadata: { resourceVersion: String(version) } } };
      for (const { response } of watches) response.write(`${JSON.stringify(event)}\n`);
    },
    send(plural, bytes) {
      for (const { path, response } of watches) if (path.plural === plural) response.write(bytes);
    },
    compact() {
      version += 1;
      oldest = version;
    },
    drop() {
      for (const watch of watches) {
        watches.delete(watch);
        watch.response.destroy();
      }
      server.closeAllConnections();
    },
    freeze() {
      watches.clear();
      for (const timer of timers) clearTimeout(timer);
      fake.intercept = () => true;
    },
    endWatches() {
      for (const watch of watches) {
        watches.delete(watch);
        watch.response.end();
      }
    },
    objects: (plural) => list({ plural, namespace: null, name: null, query: new URLSearchParams() }),
    watches: (plural) => [...watches].filter(({ path }) => path.plural === plural).length,
    writeToken(token) {
      writeFileSync(tokenFile, `${token}\n`);
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  fake.writeToken(fake.token);
  onTestFinished(() => {
    fake.close();
    rmSync(folder, { recursive: true });
  });
  return fake;
}

function tell({ path, response }: Watch, { type, plural, object }: Change): void {
  if (plural === path.plural && isSelected(path, object)) response.write(`${JSON.stringify({ type, object })}\n`);
}

function isSelected({ namespace, query }: Path, { metadata }: FakeObject): boolean {
  const name = /^metadata\.name=(.+)$/.exec(query.get('fieldSelector') ?? '')?.[1];
  const [, label = '', values = ''] = /^(\S+) in \((.*)\)$/.exec(query.get('labelSelector') ?? '') ?? [];
  return (
    (namespace === null || metadata.namespace === namespace) &&
    (name === undefined || metadata.name === name) &&
    (label === '' || values.split(',').includes(metadata.labels?.[label] ?? ''))
  );
}

function readPath(url: string): Path {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const parts = pathname.split('/').slice(pathname.startsWith('/api/') ? 3 : 4);
  const [namespace, rest] = parts[0] === 'namespaces' ? [parts[1] ?? null, parts.slice(2)] : [null, parts];
  return { namespace, plural: rest[0] ?? '', name: rest[1] ?? null, query: searchParams };
}

function keyOf(plural: string, namespace: string, name: string): string {
  return `${plural}/${namespace}/${name}`;
}

function status(response: ServerResponse, code: number, message: string): void {
  json(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message });
}

function json(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function asObject(body: unknown): FakeObject | null {
  return isObject(body) ? body : null;
}

function isObject(body: unknown): body is FakeObject {
  return typeof body === 'object' && body !== null && 'metadata' in body;
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('no address');
  return address;
}
