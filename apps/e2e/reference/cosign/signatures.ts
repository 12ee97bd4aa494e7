import { gzipSync } from 'node:zlib';
import type { Descriptor, Layer, Manifest, PushedRepository } from '../pushed-repository.ts';

export const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
export const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';

/** A legacy signature: a layer of the manifest under the tag `.sig`. */
export interface LegacySignature {
  readonly payload: Uint8Array;
  readonly annotations: Readonly<Record<string, string>>;
  readonly mediaType?: string;
}

/** What lies beside an artifact. */
export interface Signatures {
  readonly bundles?: readonly Uint8Array[];
  readonly legacy?: readonly LegacySignature[];
  readonly others?: readonly Manifest[];
  /** Manifests by tags of their own. */
  readonly tagged?: readonly (Manifest & { readonly tag: string })[];
}

/** An artifact as Argo CD deploys it: one layer with a configuration. */
export async function pushArtifact(repository: PushedRepository, content: string, tag: string): Promise<Descriptor> {
  return repository.pushManifest(
    {
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', content: Buffer.from('{}') },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', content: gzipSync(content) }],
    },
    tag,
  );
}

/** Puts signatures where cosign puts them. */
export async function pushSignatures(
  repository: PushedRepository,
  subject: Descriptor,
  { bundles = [], legacy = [], others = [], tagged = [] }: Signatures,
): Promise<void> {
  for (const { tag, ...manifest } of tagged) await repository.pushManifest(manifest, tag);
  for (const manifest of others) await repository.attach({ ...manifest, subject });
  for (const content of bundles) {
    await repository.attach({
      artifactType: BUNDLE,
      subject,
      layers: [{ mediaType: BUNDLE, content }],
      annotations: {
        'dev.sigstore.bundle.content': 'dsse-envelope',
        'dev.sigstore.bundle.predicateType': 'https://sigstore.dev/cosign/sign/v1',
      },
    });
  }
  if (legacy.length === 0) return;
  const layers = legacy.map(({ payload, annotations, mediaType = SIMPLE_SIGNING }): Layer => ({
    mediaType,
    content: payload,
    annotations,
  }));
  const config: Layer = { mediaType: 'application/vnd.oci.image.config.v1+json', content: Buffer.from('{}') };
  await repository.pushManifest({ config, layers }, `${subject.digest.replace(':', '-')}.sig`);
}
