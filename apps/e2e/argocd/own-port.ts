import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';

/** Below this the kernel picks no port for those who connect. */
const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '32768');
const END = Math.max(Number.parseInt(range, 10), 20_000);
const FIRST = 10_000;
const given = new Set<number>();

/**
 * A free port of this machine, which stays free for the program that is given it while that is started again: nobody
 * is given it twice, and no connection takes it meanwhile, as one from the kernel's own range might be taken.
 */
export async function ownPort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (END - FIRST));
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
