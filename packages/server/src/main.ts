import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificates } from './admission/certificates/certificates.ts';
import { createApps } from './app.ts';
import type { Config } from './config/config.ts';
import type { ListenAddress } from './config/setting.ts';
import { createContext, type ServerContext } from './context.ts';
import type { Logger } from './logger.ts';

export interface RunningServer {
  /** Where it really listens; a port 0 has become a number. */
  readonly addresses: { readonly api: string; readonly admission: string; readonly operations: string };
  /** Ends listeners, jobs and connections; what is under way gets a few seconds. */
  readonly close: () => Promise<void>;
}

/** Larger headers are no client of ours. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Longer than the slowest answer, which waits for a repository. */
const REQUEST_TIMEOUT_MS = 60_000;
const CLOSE_GRACE_MS = 5000;

/**
 * Starts the three listeners. Throws, with nothing left running, where one of them cannot. `now` is the clock that
 * everything is judged by.
 */
export async function startServer(config: Config, logger: Logger, now?: () => Date): Promise<RunningServer> {
  const context = createContext(config, logger, now);
  const servers: Server[] = [];
  try {
    const { api, admission, operations } = createApps(context);
    const start = async (app: RequestListener, at: ListenAddress, tls: Certificates | null): Promise<string> => {
      const server = tls === null ? createServer(LISTENER, app) : await createTlsListener(app, tls, context);
      servers.push(server);
      return listen(server, at, tls !== null, logger);
    };
    const addresses = {
      api: await start(api, config.listen.api, null),
      admission: await start(admission, config.listen.admission, context.certificates),
      operations: await start(operations, config.listen.operations, null),
    };
    await context.publicGood.start();
    logger.info({ addresses }, 'listening');
    return { addresses, close: () => close(servers, context) };
  } catch (error) {
    await close(servers, context);
    throw error;
  }
}

const LISTENER = { maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: 10_000 };

/** A new certificate counts for connections from then on; those that are open stay. */
async function createTlsListener(
  app: RequestListener,
  certificates: Certificates,
  { receipts }: ServerContext,
): Promise<Server> {
  const secure = { minVersion: 'TLSv1.2' } as const;
  const pair = await certificates.start((next) => {
    server.setSecureContext({ ...secure, ...next });
    receipts.use(next);
  });
  receipts.use(pair);
  const server = createTlsServer({ ...LISTENER, ...secure, ...pair }, app);
  return server;
}

function listen(server: Server, { host, port }: ListenAddress, tls: boolean, logger: Logger): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      // Such as too many open files: told, and survived.
      server.on('error', (error) => {
        logger.error({ err: error }, 'listener failed');
      });
      resolve(`${tls ? 'https' : 'http'}://${hostAndPort(server.address())}`);
    });
  });
}

function hostAndPort(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') return String(address);
  return address.family === 'IPv6' ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`;
}

async function close(servers: readonly Server[], context: ServerContext): Promise<void> {
  const closed = servers.map(
    (server) =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeIdleConnections();
      }),
  );
  const impatient = setTimeout(() => {
    for (const server of servers) server.closeAllConnections();
  }, CLOSE_GRACE_MS);
  await Promise.all(closed);
  clearTimeout(impatient);
  await context.close();
}
