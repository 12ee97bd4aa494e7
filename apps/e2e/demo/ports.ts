import { randomInt } from 'node:crypto';
import type { Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';

/** Listens on loopback at `preferred`, or at the next port that is free (0: at any). Answers the port. */
export async function listen(server: Server, preferred: number): Promise<number> {
  for (let port = preferred; ; port += 1) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, host: '127.0.0.1' }, () => {
          server.removeListener('error', reject);
          resolve();
        });
      });
      return portOf(server.address());
    } catch (error) {
      if (!isInUse(error) || port >= 65_535 || port >= preferred + 100) throw error;
    }
  }
}

/** Ends a server, and whatever is still being said to it. */
export function closed(server: Pick<HttpServer, 'close' | 'closeAllConnections'>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/**
 * A port on loopback that nothing listened at a moment ago. It is below those that a system gives to whoever connects or
 * asks for any (from 32768 on Linux): one of them might have it in the next moment.
 */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, randomInt(12_000, 32_000));
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES');
}
