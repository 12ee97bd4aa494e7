import { readFileSync } from 'node:fs';
import { createServer as createPlainServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { closed, listen } from '../demo/ports.ts';

const pem = (name: string): string =>
  readFileSync(new URL(`../../../packages/server/test/fetch/certificates/${name}`, import.meta.url), 'utf8');

/** Certificates of the suites; their keys guard nothing. `serving` is for {@link NAME}. */
export const CERTIFICATES = {
  localhost: { cert: pem('localhost.pem'), key: pem('localhost.key') },
  serving: { cert: pem('server.pem'), key: pem('server.key') },
  client: { cert: pem('client.pem'), key: pem('client.key') },
  authority: pem('authority.pem'),
} as const;

/** A host that no name server knows. */
export const NAME = 'charts.example.test';

export interface Lock {
  /** Who may come in; everybody where there is none. */
  readonly basic?: { readonly username: string; readonly password: string };
  /** The door speaks TLS with this certificate. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** And lets in only who shows a certificate of this authority. */
  readonly clients?: string;
  /** Other answers than those of the repository behind it, by path. */
  readonly answers?: Readonly<Record<string, string>>;
}

export interface Door {
  readonly port: number;
  /** What came in, and what was sent away: `200 GET /charts/index.yaml`. */
  readonly seen: readonly string[];
  close(): Promise<void>;
}

/** A way to the HTTP server at `target` that is locked as private repositories are. */
export async function openDoor(target: string, { basic, tls, clients, answers = {} }: Lock): Promise<Door> {
  const seen: string[] = [];
  const wanted =
    basic === undefined ? undefined : `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`;
  const answer = (incoming: IncomingMessage, response: ServerResponse): void => {
    const { method = '', url = '', headers } = incoming;
    response.once('finish', () => seen.push(`${response.statusCode} ${method} ${url}`));
    if (wanted !== undefined && headers.authorization !== wanted) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="private"' }).end();
      return;
    }
    const own = answers[url];
    if (own !== undefined) {
      response.end(own);
      return;
    }
    const { authorization: _, ...passed } = headers;
    const outgoing = request(new URL(url, target), { method, headers: passed }, (answered) => {
      response.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
  };
  const server =
    tls === undefined
      ? createPlainServer(answer)
      : createTlsServer(
          {
            ...tls,
            ...(clients === undefined ? {} : { ca: clients, requestCert: true, rejectUnauthorized: true }),
          },
          answer,
        );
  const port = await listen(server, 0);
  return { port, seen, close: () => closed(server) };
}

/** A proxy that leads every name to one port of this machine, by CONNECT. */
export async function openProxy(leadsTo: number): Promise<Door> {
  const seen: string[] = [];
  const server = createPlainServer((_, response) => response.writeHead(405).end());
  server.on('connect', ({ url = '' }: IncomingMessage, socket) => {
    seen.push(`CONNECT ${url}`);
    const there = connect(leadsTo, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      there.pipe(socket);
      socket.pipe(there);
    });
    there.on('error', () => socket.destroy());
    socket.on('error', () => there.destroy());
  });
  return { port: await listen(server, 0), seen, close: () => closed(server) };
}
