import { createHash } from 'node:crypto';
import type { Registry } from './registries.ts';

const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const EMPTY = 'application/vnd.oci.empty.v1+json';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
}

export interface Layer {
  readonly mediaType: string;
  readonly content: Uint8Array;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Manifest {
  readonly config?: Layer;
  readonly layers: readonly Layer[];
  readonly artifactType?: string;
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A repository of a registry, written to by the distribution API and nothing else. */
export class PushedRepository {
  readonly registry: Registry;
  readonly name: string;
  readonly #referrers = new Map<string, Descriptor[]>();

  constructor(registry: Registry, name: string) {
    this.registry = registry;
    this.name = name;
  }

  /** `127.0.0.1:5000/acme/config` */
  get path(): string {
    return `${this.registry.host}/${this.name}`;
  }

  async pushManifest(manifest: Manifest, tag?: string): Promise<Descriptor> {
    const config = await this.#pushLayer(manifest.config ?? { mediaType: EMPTY, content: Buffer.from('{}') });
    const layers: Descriptor[] = [];
    for (const layer of manifest.layers) layers.push(await this.#pushLayer(layer));
    const { artifactType, subject, annotations } = manifest;
    return this.push(
      IMAGE,
      { schemaVersion: 2, mediaType: IMAGE, artifactType, config, layers, subject, annotations },
      tag,
    );
  }

  /** A manifest that refers to another: found by the referrers API, or by the tag that stands in for it. */
  async attach(manifest: Manifest & { readonly subject: Descriptor }): Promise<Descriptor> {
    const pushed = await this.pushManifest(manifest);
    if (this.registry.hasReferrersAPI) return pushed;
    const { digest } = manifest.subject;
    const { artifactType = manifest.config?.mediaType ?? EMPTY, annotations = {} } = manifest;
    const listed = [...(this.#referrers.get(digest) ?? []), { ...pushed, artifactType, annotations }];
    this.#referrers.set(digest, listed);
    await this.pushIndex(listed, digest.replace(':', '-'));
    return pushed;
  }

  async pushIndex(manifests: readonly Descriptor[], tag?: string): Promise<Descriptor> {
    return this.push(INDEX, { schemaVersion: 2, mediaType: INDEX, manifests }, tag);
  }

  async push(mediaType: string, manifest: object, tag?: string): Promise<Descriptor> {
    const content = Buffer.from(JSON.stringify(manifest));
    const digest = digestOf(content);
    const headers = { 'content-type': mediaType };
    for (const reference of tag === undefined ? [digest] : [digest, tag]) {
      await this.#send(`manifests/${reference}`, { method: 'PUT', body: content, headers });
    }
    return { mediaType, digest, size: content.length };
  }

  async #pushLayer({ mediaType, content, annotations }: Layer): Promise<Descriptor> {
    const digest = digestOf(content);
    const begun = await this.#send('blobs/uploads/', { method: 'POST' });
    const location = new URL(begun.headers.get('location') ?? '', `http://${this.registry.host}`);
    location.searchParams.set('digest', digest);
    const headers = { 'content-type': 'application/octet-stream' };
    await expectOk(await fetch(location, { method: 'PUT', body: Buffer.from(content), headers }), location.href);
    return { mediaType, digest, size: content.length, ...(annotations === undefined ? {} : { annotations }) };
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const url = `http://${this.registry.host}/v2/${this.name}/${path}`;
    return expectOk(await fetch(url, init), url);
  }
}

async function expectOk(response: Response, url: string): Promise<Response> {
  if (response.ok) return response;
  throw new Error(`${url}: ${response.status} ${await response.text()}`);
}

function digestOf(content: Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
