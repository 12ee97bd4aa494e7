import type { Candidate, SignaturePlace } from '../cosign/candidate.ts';
import { LIMITS } from '../cosign/limits.ts';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { type Digest, isNonEmpty, type Location, type NonEmpty } from '../verdict/verdict.ts';
import { OCI_LIMITS } from './limits.ts';
import type { Descriptor, ImageManifest } from './manifest.ts';
import { formatReference, formatRepository, isTag } from './reference.ts';
import type { ReceivedManifest, RegistryRepository } from './registry.ts';

/** What lies beside an artifact, and every place that was looked at. */
export interface Discovered {
  /** A place that could not be looked at counts as a candidate that cannot be read: it may hold the good one. */
  readonly candidates: readonly Candidate[];
  readonly searched: NonEmpty<Location>;
}

const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';
const BUNDLE = 'application/vnd.dev.sigstore.bundle';
const SIGNATURE = 'dev.cosignproject.cosign/signature';
/** What a legacy signature is as a referrer, which cosign writes and reads where it is told to by an experimental option. */
const LEGACY_REFERRER = 'application/vnd.dev.cosign.artifact.sig.v1+json';
const ENVELOPE = 'application/vnd.dsse.envelope.v1+json';

/** How many requests are under way at once. */
const CONCURRENCY = 4;

interface Found {
  readonly location: Location;
  readonly candidates: readonly Candidate[];
}

/**
 * Looks for signatures of a digest: the referrers API, its fall-back tag, and cosign's `.sig` and `.att` tags, in each
 * of the repositories (the artifact's own, and the policy's `signatureRepository`). All of them, since each tool writes
 * to another place and cosign itself stops at the wrong one. Every referrer is opened: what their descriptors say of
 * their type is not so at some registries.
 */
export async function discoverSignatures(
  digest: Digest,
  repositories: NonEmpty<RegistryRepository>,
): Promise<Discovered> {
  const found = await Promise.all(repositories.map(async (repository) => new Search(digest, repository).everywhere()));
  const places = found.flat();
  const searched = places.map(({ location }) => location);
  if (!isNonEmpty(searched)) throw new Error('there is always a place to look at');
  return { candidates: places.flatMap(({ candidates }) => candidates), searched };
}

const SIGNATURE_FORMATS: ReadonlySet<Candidate['format']> = new Set(['bundle', 'legacy', 'unreadable']);

/** One repository, and what may still be read of it. */
class Search {
  readonly #digest: Digest;
  readonly #repository: RegistryRepository;
  /** Manifests that were opened already, here or there. */
  readonly #seen = new Set<Digest>();
  #opened = 0;
  /** One more than are looked at, so that it shows. */
  #layersLeft: number = LIMITS.candidates + 1;
  #bytesLeft: number = OCI_LIMITS.signatureBytes;

  constructor(digest: Digest, repository: RegistryRepository) {
    this.#digest = digest;
    this.#repository = repository;
  }

  async everywhere(): Promise<Found[]> {
    const tag = fallbackTag(this.#digest);
    const cosignTag = this.#digest.replace(':', '-');
    const [listed, fallback, signatures, attestations] = await Promise.all([
      this.#repository.referrers(this.#digest),
      this.#repository.manifest(tag),
      this.#tag(`${cosignTag}.sig`),
      this.#tag(`${cosignTag}.att`),
    ]);
    const name = formatRepository(this.#repository.repository);
    const api: SignaturePlace = { kind: 'referrers', location: `${name}, referrers of ${this.#digest}` };
    const places = [
      'referrers' in listed
        ? await this.#referrers(api, listed.referrers)
        : 'unavailable' in listed
          ? nothing(api, `no referrers API (${listed.unavailable})`)
          : unknown(api, listed.problem),
      await this.#at({ kind: 'fallback-tag', location: this.#shown(tag) }, fallback, async (place, received) =>
        this.#fallback(place, received),
      ),
    ];
    const look = async (suffix: string, answer: typeof signatures): Promise<Found> =>
      this.#at({ kind: 'signature-tag', location: this.#shown(cosignTag + suffix) }, answer, async (place, received) =>
        this.#tagged(place, received),
      );
    places.push(await look('.sig', signatures));
    const { location, candidates } = await look('.att', attestations);
    // No signature is ever there, so that one is not missed where it cannot be looked at, and none counts.
    return [...places, { location, candidates: candidates.filter(({ format }) => !SIGNATURE_FORMATS.has(format)) }];
  }

  /** No registry has a tag that is too long for one, as those of SHA-512 are. */
  async #tag(tag: string): ReturnType<RegistryRepository['manifest']> {
    return isTag(tag) ? this.#repository.manifest(tag) : { absent: 404 };
  }

  #shown(tagOrDigest: string): string {
    return formatReference(this.#repository.repository, tagOrDigest);
  }

  async #at(
    place: SignaturePlace,
    answer: Awaited<ReturnType<RegistryRepository['manifest']>>,
    look: (place: SignaturePlace, received: ReceivedManifest) => Promise<Found>,
  ): Promise<Found> {
    if ('problem' in answer) return unknown(place, answer.problem);
    if ('absent' in answer) return nothing(place, `not there (HTTP status ${answer.absent})`);
    return look(place, answer.received);
  }

  async #fallback(place: SignaturePlace, { content, url }: ReceivedManifest): Promise<Found> {
    if ('problem' in content) return unknown(place, content.problem);
    if (content.manifest.kind === 'index') return this.#referrers(place, content.manifest.manifests);
    return unknown(place, problem('oci-manifest-unreadable', { url, reason: 'is not an index' }));
  }

  async #tagged(place: SignaturePlace, { content, digest }: ReceivedManifest): Promise<Found> {
    if ('problem' in content) return unknown(place, content.problem);
    const { manifest } = content;
    if (manifest.kind !== 'image') {
      return { location: located(place, 'another form of manifest'), candidates: [other(place, manifest.mediaType)] };
    }
    if (this.#seen.has(digest)) return nothing(place, 'the same manifest as elsewhere');
    this.#seen.add(digest);
    const candidates = await this.#layers({ ...place, location: this.#shown(digest) }, manifest);
    return { location: located(place, counted(candidates.length, 'layer')), candidates };
  }

  /** Bundles first, so that what is beyond the cap is what is least likely a signature. */
  async #referrers(place: SignaturePlace, descriptors: readonly Descriptor[]): Promise<Found> {
    const unseen = [...new Map(descriptors.map((each) => [each.digest, each])).values()]
      .filter(({ digest }) => !this.#seen.has(digest))
      .toSorted((one, another) => likelihood(another) - likelihood(one));
    const opened = unseen.slice(0, Math.max(OCI_LIMITS.openedReferrers - this.#opened, 0));
    this.#opened += opened.length;
    for (const { digest } of opened) this.#seen.add(digest);
    const candidates: Candidate[] = [];
    for (let at = 0; at < opened.length; at += CONCURRENCY) {
      const some = opened.slice(at, at + CONCURRENCY).map(async (each) => this.#referrer(place, each));
      candidates.push(...(await Promise.all(some)).flat());
    }
    if (opened.length < unseen.length) {
      const repository = formatRepository(this.#repository.repository);
      const limit = OCI_LIMITS.openedReferrers;
      candidates.push(
        unreadable(place, problem('oci-referrers-too-many', { repository, count: unseen.length, limit })),
      );
    }
    return { location: located(place, counted(descriptors.length, 'referrer')), candidates };
  }

  async #referrer({ kind }: SignaturePlace, { digest, artifactType }: Descriptor): Promise<readonly Candidate[]> {
    const place: SignaturePlace = { kind, location: this.#shown(digest) };
    if (this.#bytesLeft <= 0) return [this.#tooLarge(place)];
    const answer = await this.#repository.manifest(digest);
    if ('problem' in answer) return [unreadable(place, answer.problem)];
    if ('absent' in answer) {
      const reference = this.#shown(digest);
      return [unreadable(place, problem('oci-artifact-missing', { reference, status: answer.absent }))];
    }
    const { content, bytes } = answer.received;
    this.#bytesLeft -= bytes.length;
    if ('problem' in content) return [unreadable(place, content.problem)];
    const { manifest } = content;
    return manifest.kind === 'image'
      ? this.#layers(place, manifest)
      : [other(place, artifactType ?? manifest.mediaType)];
  }

  /** By the types of the layers: each may hold a signature, whatever the manifest calls itself. */
  async #layers(place: SignaturePlace, { artifactType, layers }: ImageManifest): Promise<readonly Candidate[]> {
    const isKnown = layers.some(
      ({ mediaType, annotations }) => candidateForm(mediaType) !== 'unknown' || Object.hasOwn(annotations, SIGNATURE),
    );
    // A manifest of another form (an SBOM, a Notation signature) is one candidate, by its own type.
    if (!isKnown) return [other(place, artifactType === '' ? 'of no type' : artifactType)];
    const candidates: Candidate[] = [];
    const opened = layers.slice(0, this.#layersLeft);
    this.#layersLeft -= opened.length;
    for (let at = 0; at < opened.length; at += CONCURRENCY) {
      const some = opened
        .slice(at, at + CONCURRENCY)
        .map(async (layer) => this.#layer(place, layer, { artifactType, count: layers.length }));
      candidates.push(...(await Promise.all(some)));
    }
    return candidates;
  }

  async #layer(
    place: SignaturePlace,
    layer: Descriptor,
    { artifactType, count }: { readonly artifactType: string; readonly count: number },
  ): Promise<Candidate> {
    const form = candidateForm(layer.mediaType);
    if (form === 'bundle' && (place.kind === 'signature-tag' || count > 1)) {
      // cosign reads bundles from referrers alone, and each from a manifest of its own.
      const reason = count > 1 ? 'shares its manifest with other layers' : 'is no referrer of the artifact';
      return unreadable(place, problem('bundle-unreadable', { reason }));
    }
    if (form === 'legacy' && place.kind !== 'signature-tag' && artifactType !== LEGACY_REFERRER) {
      return unreadable(place, problem('legacy-unreadable', { reason: 'is in a manifest of another type' }));
    }
    switch (form) {
      case 'unknown':
        // cosign takes any layer with this annotation for a signature: it is one that we cannot read, not none.
        return Object.hasOwn(layer.annotations, SIGNATURE)
          ? unreadable(place, problem('legacy-unreadable', { reason: 'is of another media type' }))
          : other(place, layer.mediaType);
      case 'attestation':
        return { format: 'attestation', place, predicateType: layer.annotations['predicateType'] ?? null };
      case 'bundle':
      case 'legacy': {
        const limit = form === 'bundle' ? LIMITS.bundleBytes : LIMITS.payloadBytes;
        if (layer.size <= limit && layer.size > this.#bytesLeft) return this.#tooLarge(place);
        this.#bytesLeft -= layer.size <= limit ? layer.size : 0;
        const own: SignaturePlace = { kind: place.kind, location: this.#shown(layer.digest) };
        const blob = await this.#repository.blob(layer, limit);
        if ('problem' in blob) return unreadable(place, blob.problem);
        return form === 'bundle'
          ? { format: 'bundle', place, content: blob.bytes }
          : { format: 'legacy', place: own, content: blob.bytes, annotations: layer.annotations };
      }
    }
  }

  #tooLarge(place: SignaturePlace): Candidate {
    const repository = formatRepository(this.#repository.repository);
    return unreadable(place, problem('oci-signatures-too-large', { repository, limit: OCI_LIMITS.signatureBytes }));
  }
}

/** Distribution specification 1.1, "Referrers Tag Schema": the digest, cut so that it fits into a tag. */
function fallbackTag(digest: Digest): string {
  const [algorithm = '', hex = ''] = digest.split(':');
  return `${algorithm.slice(0, 32)}-${hex.slice(0, 64)}`;
}

function candidateForm(mediaType: string): 'bundle' | 'legacy' | 'attestation' | 'unknown' {
  if (mediaType.startsWith(BUNDLE)) return 'bundle';
  if (mediaType === SIMPLE_SIGNING) return 'legacy';
  return mediaType === ENVELOPE ? 'attestation' : 'unknown';
}

/** By what the descriptor says, which is only good for an order. */
function likelihood({ artifactType }: Descriptor): number {
  if (artifactType?.startsWith(BUNDLE) === true) return 2;
  return artifactType === null || artifactType === 'application/vnd.oci.empty.v1+json' ? 1 : 0;
}

function other(place: SignaturePlace, artifactType: string): Candidate {
  return { format: 'unknown', place, artifactType: quotable(artifactType) };
}

function unreadable(place: SignaturePlace, because: Problem): Candidate {
  return { format: 'unreadable', place, problem: because };
}

function unknown(place: SignaturePlace, because: Problem): Found {
  return {
    location: located(place, `could not be looked at (${because.code})`),
    candidates: [unreadable(place, because)],
  };
}

function nothing(place: SignaturePlace, found: string): Found {
  return { location: located(place, found), candidates: [] };
}

function located({ kind, location }: SignaturePlace, found: string): Location {
  return { kind, location, found };
}

function counted(count: number, what: string): string {
  return count === 0 ? 'nothing' : `${count} ${what}${count === 1 ? '' : 's'}`;
}
