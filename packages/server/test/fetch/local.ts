import { createServer, type IncomingMessage, type RequestListener, type Server as HttpServer } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { FetchOutcome, Problem } from '@source-integrity/core';
import { onTestFinished } from 'vitest';
import type { ResolvedAccess } from '../../src/cluster/repository-access.ts';
import { createFetcher, type Fetcher, type FetcherOptions } from '../../src/fetch/fetch.ts';
import { DEFAULT_FETCH_LIMITS, type FetchLimits } from '../../src/fetch/limits.ts';

/** A server on loopback that remembers what it was sent. */
export interface Recorded {
  readonly port: number;
  readonly requests: readonly IncomingMessage[];
}

export async function httpServer(listener: RequestListener): Promise<Recorded> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  return { port: await listen(server), requests };
}

export async function httpsServer(options: ServerOptions, listener: RequestListener): Promise<Recorded> {
  const requests: IncomingMessage[] = [];
  const server = createTlsServer(options, (request, response) => {
    requests.push(request);
    listener(request, response);
  });
  server.on('tlsClientError', () => undefined);
  return { port: await listen(server), requests };
}

/** A server that speaks bytes: for answers that no HTTP library would write. */
export async function tcpServer(onConnection: (socket: Socket) => void): Promise<number> {
  return listen(
    createTcpServer((socket) => {
      socket.on('error', () => undefined);
      onConnection(socket);
    }),
  );
}

/** Listens on a free port of loopback until the test is over. */
export async function listen(server: Server | HttpServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}

/** A fetcher that finds every `*.test` name on loopback. */
export function fetcher(
  options: Partial<Omit<FetcherOptions, 'limits'>> & { readonly limits?: Partial<FetchLimits> } = {},
): Fetcher {
  const made = createFetcher({
    userAgent: 'source-integrity',
    destinations: { privateAddresses: 'allow', allowedHosts: [] },
    resolve: (host) =>
      host.endsWith('.test') || host === 'localhost'
        ? Promise.resolve([{ address: '127.0.0.1', family: 4 }])
        : Promise.reject(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' })),
    ...options,
    limits: { ...DEFAULT_FETCH_LIMITS, ...options.limits },
  });
  onTestFinished(() => made.close());
  return made;
}

export function accessTo(url: string, settings: Partial<ResolvedAccess> = {}): ResolvedAccess {
  return {
    identity: 'test',
    url,
    username: '',
    password: '',
    tls: { ca: null, clientCert: null, clientKey: null, insecure: false },
    enableOCI: false,
    insecureOCIForceHttp: false,
    proxy: '',
    noProxy: '',
    forceHttpBasicAuth: false,
    ...settings,
  };
}

/** Fetches with nothing special about it. */
export function get(
  from: Fetcher,
  url: string,
  settings: Partial<ResolvedAccess> & { readonly maxBytes?: number; readonly withhold?: boolean } = {},
): Promise<FetchOutcome> {
  const { maxBytes = 1_000_000, withhold = false, ...access } = settings;
  return from.fetch({
    url,
    access: accessTo(url, access),
    credentials: withhold ? 'withhold' : 'send',
    maxBytes,
  });
}

export async function textOf(outcome: FetchOutcome): Promise<string> {
  if ('problem' in outcome) throw new Error(`${outcome.problem.code} ${JSON.stringify(outcome.problem.params)}`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of outcome.response.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export function problemOf(outcome: FetchOutcome): Problem {
  if ('response' in outcome) throw new Error(`answered with ${outcome.response.status}`);
  return outcome.problem;
}
