import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { Digest } from '../../src/verdict/verdict.ts';
import type { FakeRegistry } from './registry-fake.ts';

const Content = z.object({
  repositories: z.record(
    z.string(),
    z.object({
      tags: z.record(z.string(), z.string()),
      manifests: z.record(z.string(), z.object({ mediaType: z.string(), content: z.string() })),
    }),
  ),
  blobs: z.record(z.string(), z.string()),
});

const Layer = z.object({
  mediaType: z.string(),
  digest: z.string(),
  annotations: z.optional(z.record(z.string(), z.string())),
});
export type Layer = z.infer<typeof Layer>;
const Manifest = z.object({
  manifests: z.optional(z.array(z.object({ digest: z.string() }))),
  layers: z.optional(z.array(Layer)),
});

/** Everything that a real registry held, as it was written into a file. */
export class RegistryContent {
  readonly #content: z.infer<typeof Content>;

  constructor(file: URL) {
    this.#content = Content.parse(JSON.parse(readFileSync(file, 'utf8')));
  }

  /** Puts all of it into `registry`, under the same tags and digests, and the same names unless `place` gives others. */
  serve(registry: FakeRegistry, place = (name: string): string => name): void {
    const { repositories, blobs } = this.#content;
    for (const [held, { tags, manifests }] of Object.entries(repositories)) {
      const name = place(held);
      for (const { content, mediaType } of Object.values(manifests)) {
        registry.push(name, Buffer.from(content, 'base64').toString(), undefined, mediaType);
      }
      for (const [tag, digest] of Object.entries(tags)) {
        registry.repository(name).tags.set(tag, Digest.parse(digest));
      }
    }
    for (const [digest, bytes] of Object.entries(blobs)) registry.storeBlob(digest, Buffer.from(bytes, 'base64'));
  }

  get names(): string[] {
    return Object.keys(this.#content.repositories);
  }

  digest(name: string, tag: string): Digest {
    return Digest.parse(this.#content.repositories[name]?.tags[tag]);
  }

  /** The manifest at a tag or digest; null: there is none. */
  manifest(name: string, reference: string): z.infer<typeof Manifest> | null {
    const text = this.manifestText(name, reference);
    return text === null ? null : Manifest.parse(JSON.parse(text));
  }

  manifestText(name: string, reference: string): string | null {
    const { tags = {}, manifests = {} } = this.#content.repositories[name] ?? {};
    const content = manifests[tags[reference] ?? reference]?.content;
    return content === undefined ? null : Buffer.from(content, 'base64').toString();
  }

  blob(digest: string): Buffer {
    return Buffer.from(this.#content.blobs[digest] ?? '', 'base64');
  }
}
