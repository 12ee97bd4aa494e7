import { request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../../src/logger.ts';
import { startServer } from '../../src/main.ts';
import { startWorld } from './fixture.ts';

it('ends every listener, and answers nobody after that', async () => {
  const { server } = await startWorld();
  await fetch(`${server.addresses.operations}/healthz`);
  await server.close();
  for (const address of Object.values(server.addresses)) await expect(fetch(address)).rejects.toThrow('fetch failed');
});

it('ends twice without harm', async () => {
  const { server } = await startWorld();
  await server.close();
  await server.close();
});

it('does not start where a port is in use, and leaves nothing running', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => {
    taken.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void taken.close());
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const free = createServer();
  await new Promise<void>((resolve) => {
    free.listen(0, '127.0.0.1', resolve);
  });
  const freeAddress = free.address();
  const freePort = typeof freeAddress === 'object' && freeAddress !== null ? freeAddress.port : 0;
  await new Promise((resolve) => {
    free.close(resolve);
  });
  const { config } = await startWorld();
  const host = '127.0.0.1';
  const listen = { api: { host, port: freePort }, admission: { host, port: 0 }, operations: { host, port } };
  await expect(startServer({ ...config, listen }, createLogger('silent'))).rejects.toThrow('EADDRINUSE');
  await expect(fetch(`http://127.0.0.1:${freePort}/`)).rejects.toThrow('fetch failed');
});

it('is ready though the policy has an error, and says so', async () => {
  const world = await startWorld();
  const ready = async (): Promise<[number, string]> => {
    const response = await fetch(`${world.server.addresses.operations}/readyz`);
    return [response.status, await response.text()];
  };
  const guard = '{"pulls":0,"refused":0,"mismatches":0,"versions":{}}';
  const whole = `{"status":"ready","cluster":"ready","store":"ready","guard":${guard},"notes":[]}`;
  expect(await ready()).toEqual([200, whole]);
  world.cluster.remove('policy');
  const [status, text] = await ready();
  expect(status).toBe(200);
  expect(text).toContain('argocd-source-integrity-cm');
});

it('answers kube-apiserver over TLS with the certificate that it was given', async () => {
  const certificates = join(import.meta.dirname, '../fetch/certificates');
  const [certFile, keyFile] = [join(certificates, 'server.pem'), join(certificates, 'server.key')];
  const world = await startWorld({ flags: { 'admission-tls-cert': certFile, 'admission-tls-key': keyFile } });
  expect(world.server.addresses.admission).toMatch(/^https:/);
  const status = (rejectUnauthorized: boolean): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const asking = request(
        `${world.server.addresses.admission}/admission/gate`,
        { method: 'POST', rejectUnauthorized },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      asking.on('error', reject);
      asking.end('{}');
    });
  expect(await status(false)).toBe(400);
  await expect(status(true)).rejects.toThrow(/certificate/);
});
