import type { PushedRepository } from '../pushed-repository.ts';
import { BUNDLE, type LegacySignature } from './signatures.ts';

const ACCEPT = 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json';

/** The bundles that a tool has put beside a digest. */
export async function pulledBundles(repository: PushedRepository, digest: string): Promise<Buffer[]> {
  const listed =
    (await manifest(repository, `referrers/${digest}`)) ??
    (await manifest(repository, `manifests/${digest.replace(':', '-')}`));
  const bundles: Buffer[] = [];
  for (const { digest: referrer } of listed?.manifests ?? []) {
    const { layers = [] } = (await manifest(repository, `manifests/${referrer}`)) ?? {};
    for (const layer of layers) {
      if (layer.mediaType === BUNDLE) bundles.push(await blob(repository, layer.digest));
    }
  }
  return bundles;
}

/** The legacy signatures that a tool has put beside a digest. */
export async function pulledLegacy(repository: PushedRepository, digest: string): Promise<LegacySignature[]> {
  const { layers = [] } = (await manifest(repository, `manifests/${digest.replace(':', '-')}.sig`)) ?? {};
  const signatures: LegacySignature[] = [];
  for (const { digest: layer, annotations = {} } of layers) {
    signatures.push({ payload: await blob(repository, layer), annotations });
  }
  return signatures;
}

interface PulledDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface PulledManifest {
  readonly manifests?: readonly PulledDescriptor[];
  readonly layers?: readonly PulledDescriptor[];
}

/** Null: not there. */
async function manifest({ path }: PushedRepository, what: string): Promise<PulledManifest | null> {
  const response = await fetch(url(path, what), { headers: { accept: ACCEPT } });
  if (!response.ok) return null;
  const value: unknown = await response.json();
  if (!isManifest(value)) throw new TypeError(`${path}: ${what} is no manifest`);
  return value;
}

/** What the real tools wrote a moment ago, into a registry of our own. */
function isManifest(value: unknown): value is PulledManifest {
  return typeof value === 'object' && value !== null;
}

async function blob({ path }: PushedRepository, digest: string): Promise<Buffer> {
  const response = await fetch(url(path, `blobs/${digest}`));
  return Buffer.from(await response.arrayBuffer());
}

function url(path: string, what: string): string {
  return `http://${path.replace('/', '/v2/')}/${what}`;
}
