/**
 * Writes everything that a registry holds into one file, for `registry.ts`:
 *
 *   node dump.ts http://127.0.0.1:5001 registry.json
 *
 * Whatever has a tag, and whatever an index with a tag lists.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { isRecord } from '../argocd/application.ts';

const ACCEPT = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

const [registry = '', file = ''] = process.argv.slice(2);
const blobs = new Map<string, string>();
const repositories = new Map<string, object>();

for (const name of texts(parse((await get('/v2/_catalog')).bytes), 'repositories')) {
  const tags = new Map<string, string>();
  const manifests = new Map<string, { readonly mediaType: string; readonly content: string }>();
  for (const tag of texts(parse((await get(`/v2/${name}/tags/list`)).bytes), 'tags')) {
    tags.set(tag, await keep(name, tag, manifests));
  }
  repositories.set(name, { tags: sorted(tags), manifests: sorted(manifests) });
}
const dump = { repositories: sorted(repositories), blobs: sorted(blobs) };
await writeFile(file, `${JSON.stringify(dump, null, 2)}\n`);

/** Keeps a manifest with all that it refers to. Answers its digest. */
async function keep(
  name: string,
  reference: string,
  manifests: Map<string, { readonly mediaType: string; readonly content: string }>,
): Promise<string> {
  const { bytes, mediaType } = await get(`/v2/${name}/manifests/${reference}`);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const manifest = parse(bytes);
  manifests.set(digest, { mediaType, content: bytes.toString('base64') });
  for (const { digest: listed } of descriptors(manifest['manifests'])) await keep(name, listed, manifests);
  for (const { digest: blob } of [...descriptors([manifest['config']]), ...descriptors(manifest['layers'])]) {
    if (!blobs.has(blob)) blobs.set(blob, (await get(`/v2/${name}/blobs/${blob}`)).bytes.toString('base64'));
  }
  return digest;
}

async function get(path: string): Promise<{ readonly bytes: Buffer; readonly mediaType: string }> {
  const response = await fetch(new URL(path, registry), { headers: { accept: ACCEPT } });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  const mediaType = response.headers.get('content-type') ?? 'application/octet-stream';
  return { bytes: Buffer.from(await response.arrayBuffer()), mediaType };
}

function parse(bytes: Buffer): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  if (!isRecord(value)) throw new Error('not an object');
  return value;
}

function texts(value: Readonly<Record<string, unknown>>, field: string): string[] {
  const list = value[field];
  return Array.isArray(list) ? list.map(String) : [];
}

function descriptors(value: unknown): { readonly digest: string }[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.flatMap((each) => (isRecord(each) ? [{ digest: String(each['digest']) }] : []));
}

function sorted<Value>(map: ReadonlyMap<string, Value>): Record<string, Value> {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}
