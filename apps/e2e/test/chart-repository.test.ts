import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isRecord } from '../demo/argocd/application.ts';
import { chartMetadata, tampered } from '../demo/chart-archive.ts';
import { createChartRepository } from '../demo/chart-repository.ts';
import { listen } from '../demo/ports.ts';

const fixtures = new URL('../demo/charts/', import.meta.url).pathname;
const newcomer = new URL('newcomer/hashtest-1.2.3.tgz', import.meta.url).pathname;

let folder: string;
let server: Server;
let base: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'charts-'));
  await cp(fixtures, folder, { recursive: true });
  server = createChartRepository(() => folder);
  base = `http://127.0.0.1:${await listen(server, 0)}`;
});

afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

test('an index that lists every archive is served byte for byte', async () => {
  const served = await (await fetch(`${base}/storefront/index.yaml`)).text();
  expect(served).toBe(await readFile(join(fixtures, 'storefront/index.yaml'), 'utf8'));
});

test('an archive that the index does not list is added, the others stay as they are', async () => {
  await cp(newcomer, join(folder, 'labs/hashtest-1.2.3.tgz'));
  const index: unknown = parse(await (await fetch(`${base}/labs/index.yaml`)).text());
  const before: unknown = parse(await readFile(join(fixtures, 'labs/index.yaml'), 'utf8'));
  const digest = createHash('sha256')
    .update(await readFile(newcomer))
    .digest('hex');
  expect(entriesOf(index)).toMatchObject({
    ...entriesOf(before),
    hashtest: [{ name: 'hashtest', version: '1.2.3', digest, urls: ['hashtest-1.2.3.tgz'] }],
  });
});

test('each file has the type of what it is', async () => {
  expect(await typeOf('storefront/payments-1.4.2.tgz')).toBe('application/gzip');
  expect(await typeOf('storefront/payments-1.4.2.tgz.prov')).toBe('application/pgp-signature');
  expect(await typeOf('platform/node-tuning-1.1.5.tgz.prov')).toMatch(/^text\/html/);
  expect(await typeOf('storefront/index.yaml')).toBe('application/yaml');
});

test('the private repository asks for its password', async () => {
  const url = `${base}/private/index.yaml`;
  expect((await fetch(url)).status).toBe(401);
  expect((await fetch(url, authorization('demo:wrong'))).status).toBe(401);
  expect((await fetch(url, authorization('demo:demo-password'))).status).toBe(200);
});

test.each([
  '/storefront/../../../../etc/passwd',
  '/storefront/%2e%2e%2fprivate%2findex.yaml',
  '/../charts/storefront/index.yaml',
  '/storefront/..',
  '/%2e%2e/passwd',
  '/storefront/index.yaml/',
  '/storefront/%00',
  '/storefront/%',
])('%s leads nowhere', async (path) => {
  expect(await statusOf(path)).toBe(404);
});

test('a tampered archive is still a chart, with another content', async () => {
  const original = await readFile(join(fixtures, 'storefront/payments-1.4.2.tgz'));
  const changed = await tampered(original);
  expect(changed.equals(original)).toBe(false);
  expect(await chartMetadata(changed)).toEqual(await chartMetadata(original));
});

test('bytes that are no archive have no metadata', async () => {
  expect(await chartMetadata(Buffer.from('not an archive'))).toBeNull();
});

async function typeOf(path: string): Promise<string | null> {
  return (await fetch(`${base}/${path}`)).headers.get('content-type');
}

function authorization(pair: string): RequestInit {
  return { headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } };
}

function entriesOf(index: unknown): object {
  return isRecord(index) && isRecord(index['entries']) ? index['entries'] : {};
}

/** The path is sent as it is; `fetch` would resolve the dots. */
function statusOf(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base);
    const asked = request({ hostname, port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject).end();
  });
}
