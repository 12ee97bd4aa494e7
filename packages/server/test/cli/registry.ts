import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { httpServer, type Recorded } from '../fetch/local.ts';

const VECTORS = new URL('../../../core/test/vectors/cosign/', import.meta.url);
const INDEX = 'application/vnd.oci.image.index.v1+json';
export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** A file of the cosign vectors. */
export function cosignVector(name: string): string {
  return fileURLToPath(new URL(name, VECTORS));
}

interface StoredRepository {
  readonly tags: Map<string, string>;
  readonly manifests: Map<string, { readonly mediaType: string; readonly bytes: Buffer }>;
}

export interface ContentDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface RegistryOptions {
  readonly referrersApi?: boolean;
  /** `user:password`, without which nothing is to be had. */
  readonly login?: string;
}

/** What a registry holds, to be served on loopback. */
export class RegistryContent {
  readonly #repositories = new Map<string, StoredRepository>();
  readonly #blobs = new Map<string, Buffer>();

  blob(content: Uint8Array | string, mediaType: string): ContentDescriptor {
    const bytes = Buffer.from(content);
    const digest = digestOf(bytes);
    this.#blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  }

  /** Whatever its digest is said to be. */
  storeBlob(digest: string, bytes: Buffer): void {
    this.#blobs.set(digest, bytes);
  }

  push(name: string, content: object | Buffer, tag?: string, mediaType = MANIFEST): ContentDescriptor {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
    const digest = digestOf(bytes);
    const repository = this.#repository(name);
    repository.manifests.set(digest, { mediaType, bytes });
    if (tag !== undefined) repository.tags.set(tag, digest);
    return { mediaType, digest, size: bytes.length };
  }

  tag(name: string, tag: string, digest: string): void {
    this.#repository(name).tags.set(tag, digest);
  }

  /** Serves it over plain HTTP until the test is over; answers `127.0.0.1:<port>`. */
  async serve(options: RegistryOptions = {}): Promise<Recorded & { readonly host: string }> {
    const recorded = await httpServer(this.listener(options));
    return { ...recorded, host: `127.0.0.1:${recorded.port}` };
  }

  listener({ referrersApi = false, login }: RegistryOptions = {}): (
    request: IncomingMessage,
    response: ServerResponse,
  ) => void {
    const wanted = login === undefined ? undefined : `Basic ${Buffer.from(login).toString('base64')}`;
    return (request, response) => {
      if (wanted !== undefined && request.headers.authorization !== wanted) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="registry"' }).end();
        return;
      }
      const answer = this.#answer(request.url ?? '', referrersApi);
      if (answer === null) response.writeHead(404).end();
      else response.writeHead(200, { 'content-type': answer.mediaType }).end(answer.bytes);
    };
  }

  #answer(path: string, referrersApi: boolean): { readonly mediaType: string; readonly bytes: Buffer } | null {
    const [, name = '', kind = '', reference = ''] =
      /^\/v2\/(.+)\/(manifests|blobs|referrers)\/([^/?]+)$/.exec(path) ?? [];
    if (kind === 'blobs') {
      const bytes = this.#blobs.get(reference);
      return bytes === undefined ? null : { mediaType: 'application/octet-stream', bytes };
    }
    const repository = this.#repositories.get(name);
    if (kind === 'manifests') return repository === undefined ? null : manifestOf(repository, reference);
    if (kind !== 'referrers' || !referrersApi) return null;
    const fallback = repository === undefined ? null : manifestOf(repository, reference.replace(':', '-'));
    return { mediaType: INDEX, bytes: fallback?.bytes ?? Buffer.from('{"schemaVersion":2,"manifests":[]}') };
  }

  #repository(name: string): StoredRepository {
    const known = this.#repositories.get(name) ?? { tags: new Map(), manifests: new Map() };
    this.#repositories.set(name, known);
    return known;
  }
}

function manifestOf({ tags, manifests }: StoredRepository, reference: string) {
  return manifests.get(tags.get(reference) ?? reference) ?? null;
}

function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

const Dump = z.object({
  repositories: z.record(
    z.string(),
    z.object({
      tags: z.record(z.string(), z.string()),
      manifests: z.record(z.string(), z.object({ mediaType: z.string(), content: z.base64() })),
    }),
  ),
  blobs: z.record(z.string(), z.base64()),
});

/** What the vectors' registry held. */
export function vectorContent(): RegistryContent {
  const dump = Dump.parse(JSON.parse(readFileSync(cosignVector('registry.json'), 'utf8')));
  const content = new RegistryContent();
  for (const [name, { tags, manifests }] of Object.entries(dump.repositories)) {
    for (const { mediaType, content: base64 } of Object.values(manifests)) {
      content.push(name, Buffer.from(base64, 'base64'), undefined, mediaType);
    }
    for (const [tag, digest] of Object.entries(tags)) content.tag(name, tag, digest);
  }
  for (const [digest, base64] of Object.entries(dump.blobs)) content.storeBlob(digest, Buffer.from(base64, 'base64'));
  return content;
}

export interface VectorRow {
  readonly name: string;
  readonly reference: string;
  /** cosign's own, as words. */
  readonly flags: readonly string[];
  readonly ours: string;
}

export function vectorRows(): VectorRow[] {
  const [, ...lines] = readFileSync(cosignVector('cases.tsv'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [name = '', reference = '', flags = '', , ours = ''] = line.split('\t');
    return { name, reference, flags: flags.split(' '), ours };
  });
}
