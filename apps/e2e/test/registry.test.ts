import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRecord } from '../demo/argocd/application.ts';
import { openCluster } from '../demo/argocd/cluster-folder.ts';
import { createRevisionResolver } from '../demo/argocd/revision.ts';
import { listen } from '../demo/ports.ts';
import { createRegistry } from '../demo/registry.ts';

let folder: string;
let dump: string;
let server: Server;
let host: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'registry-'));
  dump = join(folder, 'registry.json');
  await copyFile(new URL('../demo/registry.json', import.meta.url), dump);
  server = createRegistry(() => dump);
  host = `localhost:${await listen(server, 0)}`;
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await rm(folder, { recursive: true });
});

function get(path: string, method = 'GET'): Promise<Response> {
  return fetch(`http://${host}${path}`, { method });
}

async function content(path: string): Promise<Readonly<Record<string, unknown>>> {
  const value: unknown = await (await get(path)).json();
  return isRecord(value) ? value : {};
}

async function digestOf(path: string): Promise<string> {
  return (await get(path)).headers.get('docker-content-digest') ?? '';
}

describe('the registry', () => {
  test('serves a manifest by tag and by digest, and its blobs, as their digests say', async () => {
    const tagged = await get('/v2/edge/dns-zones/manifests/3.7.0');
    const digest = tagged.headers.get('docker-content-digest') ?? '';
    const bytes = Buffer.from(await tagged.arrayBuffer());
    expect(tagged.headers.get('content-type')).toBe('application/vnd.oci.image.manifest.v1+json');
    expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(digest);
    expect(await (await get(`/v2/edge/dns-zones/manifests/${digest}`)).text()).toBe(bytes.toString());
    const { config } = await content('/v2/edge/dns-zones/manifests/3.7.0');
    const blob = isRecord(config) ? String(config['digest']) : '';
    expect((await get(`/v2/edge/dns-zones/blobs/${blob}`)).status).toBe(200);
  });

  test('lists the signatures of a digest as its referrers, and none for another', async () => {
    const digest = await digestOf('/v2/edge/dns-zones/manifests/3.7.0');
    const { mediaType, manifests } = await content(`/v2/edge/dns-zones/referrers/${digest}`);
    expect(mediaType).toBe('application/vnd.oci.image.index.v1+json');
    expect(manifests).toHaveLength(1);
    const unsigned = await digestOf('/v2/edge/geo-blocks/manifests/2026.11.3');
    expect(await content(`/v2/edge/geo-blocks/referrers/${unsigned}`)).toMatchObject({ manifests: [] });
  });

  test('says what it does not have, and takes nothing', async () => {
    expect((await get('/v2/')).status).toBe(200);
    expect((await get('/v2/edge/nothing/manifests/1')).status).toBe(404);
    expect((await get('/v2/edge/dns-zones/manifests/9.9.9')).status).toBe(404);
    expect((await get(`/v2/edge/dns-zones/blobs/sha256:${'0'.repeat(64)}`)).status).toBe(404);
    expect((await get('/v2/edge/dns-zones/manifests/3.7.0', 'PUT')).status).toBe(405);
  });

  test('serves a changed file at once', async () => {
    const before = await readFile(dump, 'utf8');
    await writeFile(dump, before.replace('"3.7.0"', '"3.7.1-moved"'));
    expect((await get('/v2/edge/dns-zones/manifests/3.7.1-moved')).status).toBe(200);
    expect((await get('/v2/edge/dns-zones/manifests/3.7.0')).status).toBe(404);
    await writeFile(dump, before);
  });
});

describe("the revision that Argo CD's server writes into the operation", () => {
  const resolve = createRevisionResolver(openCluster(tmpdir(), 'argocd'));

  test('of a plain OCI source is the digest of its tag, and a digest stays', async () => {
    const digest = await digestOf('/v2/edge/dns-zones/manifests/3.7.0');
    const source = { repoURL: `oci://${host}/edge/dns-zones`, path: '.' };
    expect(await resolve(source, '3.7.0')).toBe(digest);
    expect(await resolve(source, '^3.0')).toBe(digest);
    expect(await resolve(source, digest)).toBe(digest);
    await expect(resolve(source, '^9')).rejects.toThrow();
  });

  test('of a chart in a registry is a version', async () => {
    const source = { repoURL: `${host}/edge/charts`, chart: 'ingress' };
    expect(await resolve(source, '2.3.1')).toBe('2.3.1');
    expect(await resolve(source, '>=2.0.0')).toBe('2.4.0');
  });
});
