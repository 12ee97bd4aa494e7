import {
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
  miscasedName,
  parseStrictJson,
} from '../cosign/strict-json.ts';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { Digest } from '../verdict/verdict.ts';
import { OCI_LIMITS } from './limits.ts';

/** Image specification 1.1, "OCI Content Descriptors". Nothing in it has been compared with what it describes. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly artifactType: string | null;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface ImageManifest {
  readonly kind: 'image';
  readonly mediaType: string;
  /** Its own, or the type of its configuration, as the specification has it for manifests that say nothing. */
  readonly artifactType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject: Descriptor | null;
}

interface IndexManifest {
  readonly kind: 'index';
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
}

export type Manifest = ImageManifest | IndexManifest | { readonly kind: 'other'; readonly mediaType: string };

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const IMAGES: ReadonlySet<string> = new Set([OCI_MANIFEST, DOCKER_MANIFEST]);
const INDEXES: ReadonlySet<string> = new Set([OCI_INDEX, DOCKER_LIST]);

/** What is asked for; Docker's own forms in order to say what they are. */
export const ACCEPTED_MANIFESTS = [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST].join(', ');

const MANIFEST_NAMES = ['schemaVersion', 'mediaType', 'artifactType', 'config', 'layers', 'manifests', 'subject'];
const DESCRIPTOR_NAMES = ['mediaType', 'digest', 'size', 'annotations', 'artifactType', 'urls', 'data', 'platform'];

export type ManifestOutcome = { readonly manifest: Manifest } | { readonly problem: Problem };

/** Completes "it …"; thrown and caught within this file. */
class ManifestFault extends Error {}

/**
 * Reads a manifest or an index. Stricter than Go's JSON, which takes the last of two names and names in any case:
 * Argo CD and Helm must not read another manifest than we do. A document that is a manifest and an index at once, or
 * that its header calls otherwise than itself, is refused (CVE-2021-41190).
 */
export function parseManifest(bytes: Uint8Array, contentType: string | null, url: string): ManifestOutcome {
  const json = parseStrictJson(bytes);
  if ('fault' in json) return { problem: problem('oci-manifest-unreadable', { url, reason: json.fault }) };
  try {
    const manifest = readManifest(json.value, bareType(contentType));
    if (manifest.kind === 'image' && manifest.layers.length > OCI_LIMITS.layers) {
      const layers = manifest.layers.length;
      return { problem: problem('oci-too-many-layers', { layers, limit: OCI_LIMITS.layers }) };
    }
    if (manifest.kind === 'index' && manifest.manifests.length > OCI_LIMITS.indexEntries) {
      return { problem: problem('oci-list-too-long', { url, limit: OCI_LIMITS.indexEntries }) };
    }
    return { manifest };
  } catch (error) {
    if (!(error instanceof ManifestFault)) throw error;
    return { problem: problem('oci-manifest-unreadable', { url, reason: error.message }) };
  }
}

/** The one manifest that Argo CD and Helm deploy from: neither an index nor one of Docker's. */
export function deployable(
  content: ManifestOutcome,
): { readonly image: ImageManifest } | { readonly problem: Problem } {
  if ('problem' in content) return content;
  const { manifest } = content;
  switch (manifest.kind) {
    case 'index':
      return { problem: problem('oci-index', { manifests: manifest.manifests.length }) };
    case 'other':
      return { problem: problem('oci-manifest-unsupported', { mediaType: manifest.mediaType }) };
    case 'image':
      return manifest.mediaType === OCI_MANIFEST
        ? { image: manifest }
        : { problem: problem('oci-manifest-unsupported', { mediaType: manifest.mediaType }) };
  }
}

/** A media type without its parameters, in lower case; empty where there is none. */
export function bareType(contentType: string | null): string {
  return (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

function readManifest(value: JsonValue, headerType: string): Manifest {
  const object = readObject(value, MANIFEST_NAMES, 'is not a JSON object');
  const stated = textOf(object, 'mediaType');
  if (stated !== null && isKnown(stated) && isKnown(headerType) && stated !== headerType) {
    throw new ManifestFault(`is called ${headerType} by the registry and ${stated} by itself`);
  }
  const isIndex = present(object, 'manifests');
  if (isIndex && (present(object, 'layers') || present(object, 'config'))) {
    throw new ManifestFault('is a manifest and an index at once');
  }
  const mediaType = stated ?? (isKnown(headerType) ? headerType : isIndex ? OCI_INDEX : OCI_MANIFEST);
  if (mediaType.length > 255) throw new ManifestFault('has a media type of more than 255 characters');
  if (!isKnown(mediaType) || object['schemaVersion'] !== 2) return { kind: 'other', mediaType: quotable(mediaType) };
  if (INDEXES.has(mediaType)) return { kind: 'index', mediaType, manifests: descriptors(object, 'manifests') };
  const config = readDescriptor(object['config'] ?? null, 'config');
  return {
    kind: 'image',
    mediaType,
    artifactType: textOf(object, 'artifactType') ?? config.mediaType,
    config,
    layers: descriptors(object, 'layers'),
    subject: present(object, 'subject') ? readDescriptor(object['subject'] ?? null, 'subject') : null,
  };
}

function isKnown(mediaType: string): boolean {
  return IMAGES.has(mediaType) || INDEXES.has(mediaType);
}

function descriptors(object: JsonObject, name: string): Descriptor[] {
  const list = object[name] ?? [];
  if (!isArray(list)) throw new ManifestFault(`has "${name}" that is not a list`);
  return list.map((item, index) => readDescriptor(item, `${name}[${index}]`));
}

function readDescriptor(value: JsonValue, where: string): Descriptor {
  const object = readObject(value, DESCRIPTOR_NAMES, `has no descriptor at "${where}"`);
  const mediaType = textOf(object, 'mediaType') ?? '';
  const digest = Digest.safeParse(object['digest']);
  const size = object['size'];
  if (mediaType.length > 255) throw new ManifestFault(`has a media type of more than 255 characters at "${where}"`);
  if (!digest.success) throw new ManifestFault(`has no digest at "${where}" that can be calculated here`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw new ManifestFault(`has no size at "${where}"`);
  }
  const annotations = annotationsOf(object['annotations'] ?? null, where);
  return { mediaType, digest: digest.data, size, artifactType: textOf(object, 'artifactType'), annotations };
}

function annotationsOf(value: JsonValue, where: string): Readonly<Record<string, string>> {
  if (value === null) return {};
  const object = isObject(value) ? value : null;
  const entries = Object.entries(object ?? {});
  const texts = entries.flatMap(([name, text]) => (typeof text === 'string' ? [[name, text] as const] : []));
  if (object === null || texts.length < entries.length) {
    throw new ManifestFault(`has annotations at "${where}" that are not texts`);
  }
  return Object.fromEntries(texts);
}

function readObject(value: JsonValue, names: readonly string[], otherwise: string): JsonObject {
  if (!isObject(value)) throw new ManifestFault(otherwise);
  const miscased = miscasedName(value, names);
  if (miscased !== null) throw new ManifestFault(`has "${quotable(miscased)}", a name in the wrong case`);
  return value;
}

/** Go writes null for an empty list. */
function present(object: JsonObject, name: string): boolean {
  return (object[name] ?? null) !== null;
}

/** Null: not there, or empty. */
function textOf(object: JsonObject, name: string): string | null {
  const value = object[name] ?? null;
  if (value !== null && typeof value !== 'string') throw new ManifestFault(`has "${name}" that is not text`);
  return value === '' ? null : value;
}
