import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { at, isObject, type JsonObject, textAt } from './json.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const CONFIG = 'application/vnd.oci.image.config.v1+json';

/** Writes to a registry, by the distribution API. */
export class Registry {
  readonly #url: string;

  /** @param url with scheme, without a path */
  constructor(url: string) {
    this.#url = url;
  }

  async putBlob(repository: string, bytes: Buffer): Promise<string> {
    const digest = digestOf(bytes);
    const opened = await fetch(`${this.#url}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
    const location = new URL(opened.headers.get('location') ?? '', this.#url);
    location.searchParams.set('digest', digest);
    await done(await fetch(location, { method: 'PUT', body: new Uint8Array(bytes) }));
    return digest;
  }

  async putManifest(repository: string, reference: string, bytes: Buffer, mediaType = MANIFEST): Promise<string> {
    const url = `${this.#url}/v2/${repository}/manifests/${reference}`;
    await done(
      await fetch(url, { method: 'PUT', body: new Uint8Array(bytes), headers: { 'content-type': mediaType } }),
    );
    return digestOf(bytes);
  }

  async manifest(repository: string, reference: string): Promise<{ bytes: Buffer; mediaType: string }> {
    const response = await done(
      await fetch(`${this.#url}/v2/${repository}/manifests/${reference}`, {
        headers: { accept: `${MANIFEST}, ${INDEX}` },
      }),
    );
    return {
      bytes: Buffer.from(await response.arrayBuffer()),
      mediaType: response.headers.get('content-type') ?? MANIFEST,
    };
  }

  async digest(repository: string, tag: string): Promise<string> {
    return digestOf((await this.manifest(repository, tag)).bytes);
  }

  /** Lets `tag` name what `reference` names. */
  async tag(repository: string, reference: string, tag: string): Promise<string> {
    const { bytes, mediaType } = await this.manifest(repository, reference);
    return this.putManifest(repository, tag, bytes, mediaType);
  }

  /** An artifact of those Kubernetes objects, as Argo CD deploys it from a plain `oci://` source. Answers its digest. */
  async push(repository: string, tag: string, objects: readonly JsonObject[]): Promise<string> {
    const layer = await folderLayer(objects);
    const config = Buffer.from(JSON.stringify({ architecture: '', os: '', rootfs: { type: 'layers', diff_ids: [] } }));
    const manifest = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: CONFIG, size: config.length, digest: await this.putBlob(repository, config) },
      layers: [{ mediaType: LAYER, size: layer.length, digest: await this.putBlob(repository, layer) }],
    };
    return this.putManifest(repository, tag, Buffer.from(JSON.stringify(manifest)));
  }

  /** Puts the signatures of one artifact beside another: as somebody would who has no key. */
  async moveSignatures(repository: string, from: string, to: string): Promise<void> {
    await this.tag(repository, from.replace(':', '-'), to.replace(':', '-'));
  }

  /** A repository of a dump (see the demo's `oci-fixtures/dump.ts`), under another name and with other tags. */
  async restore(dump: Dump, from: string, to: string, tags: Readonly<Record<string, string>> = {}): Promise<void> {
    const repository = at(dump, 'repositories', from);
    const blobs = new Set(JSON.stringify(manifestsOf(repository)).match(/sha256:[0-9a-f]{64}/g));
    for (const digest of blobs) {
      const blob = textAt(dump, 'blobs', digest);
      if (blob !== '') await this.putBlob(to, Buffer.from(blob, 'base64'));
    }
    const manifests = Object.entries(objectAt(repository, 'manifests')).map(([digest, manifest]) => ({
      digest,
      bytes: Buffer.from(textAt(manifest, 'content'), 'base64'),
      mediaType: textAt(manifest, 'mediaType'),
    }));
    // What an index lists has to be there before it.
    const isIndex = ({ mediaType }: { readonly mediaType: string }): number => (mediaType === INDEX ? 1 : 0);
    for (const { digest, bytes, mediaType } of manifests.toSorted((a, b) => isIndex(a) - isIndex(b))) {
      await this.putManifest(to, digest, bytes, mediaType);
    }
    for (const [tag, digest] of Object.entries(objectAt(repository, 'tags'))) {
      await this.tag(to, String(digest), tags[tag] ?? tag);
    }
  }
}

export type Dump = { readonly [field: string]: unknown };

export async function readDump(file: string | URL): Promise<Dump> {
  const dump: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (!isObject(dump)) throw new Error('a dump of a registry is an object');
  return dump;
}

function manifestsOf(repository: unknown): string[] {
  return Object.values(objectAt(repository, 'manifests')).map((manifest) =>
    Buffer.from(textAt(manifest, 'content'), 'base64').toString('utf8'),
  );
}

function objectAt(value: unknown, field: string): object {
  const found = at(value, field);
  return isObject(found) ? found : {};
}

async function folderLayer(objects: readonly JsonObject[]): Promise<Buffer> {
  const archive = pack();
  const chunks: Buffer[] = [];
  for (const [index, object] of objects.entries()) {
    archive.entry({ name: `${index}.yaml`, mtime: new Date(0) }, JSON.stringify(object));
  }
  archive.finalize();
  archive.pipe(
    new Writable({
      write(chunk: Buffer, _encoding, written) {
        chunks.push(chunk);
        written();
      },
    }),
  );
  await once(archive, 'end');
  return promisify(gzip)(Buffer.concat(chunks));
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

async function done(response: Response): Promise<Response> {
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
  return response;
}
