import { shownUrl } from '../helm/provenance-location.ts';
import { discard, isAbsent, problemOfStatus, read } from '../helm/repository-request.ts';
import { FetchFault, type FetchResponse } from '../ports.ts';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { Digest } from '../verdict/verdict.ts';
import { digestLike } from './digest.ts';
import { OCI_LIMITS } from './limits.ts';
import { nextPage } from './link.ts';
import { ACCEPTED_MANIFESTS, bareType, type Descriptor, type Manifest, OCI_INDEX, parseManifest } from './manifest.ts';
import { isTag, type RepositoryName } from './reference.ts';
import { askRegistry, type RegistryAccess } from './registry-request.ts';
import { tagList } from './tag-list.ts';

/** A manifest with the digest that was calculated over its bytes. */
export interface ReceivedManifest {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
  /** Where it came from, for people. */
  readonly url: string;
  /** What the bytes say, or why they say nothing. */
  readonly content: { readonly manifest: Manifest } | { readonly problem: Problem };
}

type Failed = { readonly problem: Problem };
/** A definite "not there": the HTTP status that said so. */
type Absent = { readonly absent: number };

/** The port-less name under which the registry of a name is asked. */
const API_HOSTS: ReadonlyMap<string, string> = new Map([
  ['docker.io', 'registry-1.docker.io'],
  ['index.docker.io', 'registry-1.docker.io'],
]);

/**
 * Statuses by which a registry says that it has no referrers API (distribution specification 1.1, "Backwards
 * Compatibility"; 400 and 406 are those of registries that take the digest or the media type for a mistake).
 */
const NO_REFERRERS_API: ReadonlySet<number> = new Set([400, 404, 405, 406, 501]);

/**
 * One repository of a registry, read-only (OCI distribution specification 1.1). Digests are calculated, never taken
 * from a header; every read has a cap. What fails is a problem; only an aborted signal and bugs are thrown.
 */
export class RegistryRepository {
  readonly repository: RepositoryName;
  readonly #access: RegistryAccess;

  constructor(repository: RepositoryName, access: RegistryAccess) {
    this.repository = repository;
    this.#access = access;
  }

  /** The manifest of a tag or digest. A digest, or a header's digest, that is not that of the bytes is a problem. */
  async manifest(tagOrDigest: string): Promise<{ readonly received: ReceivedManifest } | Absent | Failed> {
    const wanted = Digest.safeParse(tagOrDigest);
    if (!wanted.success && !isTag(tagOrDigest)) throw new TypeError('neither a tag nor a digest');
    const url = this.#url(`manifests/${tagOrDigest}`);
    return this.#read(url, ACCEPTED_MANIFESTS, OCI_LIMITS.manifestBytes, (bytes, response, shown) => {
      const digest = digestLike(wanted.success ? wanted.data : null, bytes);
      if (wanted.success && digest !== wanted.data) {
        return { problem: problem('oci-digest-mismatch', { url: shown, expected: wanted.data, actual: digest }) };
      }
      const wrong = headerMismatch(response, bytes, digest, shown);
      if (wrong !== null) return { problem: wrong };
      return { received: { digest, bytes, url: shown, content: parseManifest(bytes, response.contentType, shown) } };
    });
  }

  /** What a descriptor describes: neither more nor fewer bytes than it says, and of its digest. */
  async blob(
    { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
    limit: number,
  ): Promise<{ readonly bytes: Uint8Array } | Failed> {
    if (size > limit) return { problem: problem('oci-blob-too-large', { digest, bytes: size, limit }) };
    const url = this.#url(`blobs/${digest}`);
    const answer = await this.#read(url, 'application/octet-stream, */*', size, (bytes, _, shown) => {
      if (bytes.length !== size) {
        return { problem: problem('oci-blob-size', { url: shown, expected: size, actual: bytes.length }) };
      }
      const actual = digestLike(digest, bytes);
      return actual === digest
        ? { bytes }
        : { problem: problem('oci-digest-mismatch', { url: shown, expected: digest, actual }) };
    });
    const shown = shownUrl(url.href);
    if ('absent' in answer) return { problem: problem('oci-blob-missing', { url: shown, status: answer.absent }) };
    if ('problem' in answer && answer.problem.code === 'fetch-too-large') {
      return { problem: problem('oci-blob-size', { url: shown, expected: size, actual: null }) };
    }
    return answer;
  }

  /** All tags, as they are. */
  async tags(): Promise<{ readonly tags: readonly string[] } | Absent | Failed> {
    const tags: string[] = [];
    const first = this.#url('tags/list');
    first.searchParams.set('n', '1000');
    const end = await this.#pages(first, 'application/json', OCI_LIMITS.tagPageBytes, (bytes, _, url) => {
      const page = tagList(bytes);
      if ('reason' in page) return problem('oci-list-unreadable', { url, reason: page.reason });
      tags.push(...page.tags.slice(0, OCI_LIMITS.tags + 1));
      return tags.length > OCI_LIMITS.tags ? problem('oci-list-too-long', { url, limit: OCI_LIMITS.tags }) : null;
    });
    return end ?? { tags };
  }

  /** What the referrers API lists; `unavailable` says how the registry let know that it has none. */
  async referrers(
    digest: Digest,
  ): Promise<{ readonly referrers: readonly Descriptor[] } | { readonly unavailable: string } | Failed> {
    const referrers: Descriptor[] = [];
    let otherType: string | null = null;
    const first = this.#url(`referrers/${digest}`);
    const end = await this.#pages(first, OCI_INDEX, OCI_LIMITS.manifestBytes, (bytes, response, url) => {
      const type = bareType(response.contentType);
      if (type !== OCI_INDEX && referrers.length === 0) {
        otherType = quotable(type);
        return null;
      }
      const page = parseManifest(bytes, response.contentType, url);
      if ('problem' in page) return page.problem;
      if (page.manifest.kind !== 'index') return problem('oci-list-unreadable', { url, reason: 'is not an index' });
      referrers.push(...page.manifest.manifests);
      const limit = OCI_LIMITS.indexEntries;
      return referrers.length > limit ? problem('oci-list-too-long', { url, limit }) : null;
    });
    if (end !== null && 'absent' in end) return { unavailable: `HTTP status ${end.absent}` };
    if (end !== null && end.problem.code === 'fetch-status') {
      const { status } = end.problem.params;
      if (typeof status === 'number' && NO_REFERRERS_API.has(status)) return { unavailable: `HTTP status ${status}` };
    }
    if (end !== null) return end;
    return otherType === null ? { referrers } : { unavailable: `an answer of type "${String(otherType)}"` };
  }

  #url(path: string): URL {
    const { registry, name } = this.repository;
    const host = API_HOSTS.get(registry) ?? registry;
    return new URL(`${this.#access.plainHttp ? 'http' : 'https'}://${host}/v2/${name}/${path}`);
  }

  /** Every page of a list; null: the end was reached without a problem. */
  async #pages(
    first: URL,
    accept: string,
    maxBytes: number,
    add: (bytes: Uint8Array, response: FetchResponse, shown: string) => Problem | null,
  ): Promise<Absent | Failed | null> {
    let url = first;
    for (let page = 0; page < OCI_LIMITS.pages; page += 1) {
      const answer = await this.#read(url, accept, maxBytes, (bytes, response, shown) => {
        const wrong = add(bytes, response, shown);
        return { wrong, next: nextPage(response.headers?.get('link') ?? null, url) };
      });
      if ('problem' in answer) return answer;
      if ('absent' in answer) {
        const cut = problem('oci-list-unreadable', { url: shownUrl(url.href), reason: 'has pages that are not there' });
        return page === 0 ? answer : { problem: cut };
      }
      if (answer.wrong !== null) return { problem: answer.wrong };
      if (answer.next === null) return null;
      if (answer.next === 'elsewhere') {
        const reason = 'continues at an address that is not its own';
        return { problem: problem('oci-list-unreadable', { url: shownUrl(url.href), reason }) };
      }
      url = answer.next;
    }
    const reason = `has more than ${OCI_LIMITS.pages} pages`;
    return { problem: problem('oci-list-unreadable', { url: shownUrl(first.href), reason }) };
  }

  async #read<T extends object>(
    url: URL,
    accept: string,
    maxBytes: number,
    use: (bytes: Uint8Array, response: FetchResponse, shown: string) => T,
  ): Promise<T | Absent | Failed> {
    try {
      const question = { url, repository: this.repository.name, accept, maxBytes };
      const answer = await askRegistry(question, this.#access);
      if ('problem' in answer) return answer;
      const { response } = answer;
      const target = { url: url.href, shown: shownUrl(url.href) };
      if (response.status !== 200) {
        await discard(response);
        return isAbsent(response.status)
          ? { absent: response.status }
          : { problem: problemOfStatus(target, response.status) };
      }
      return use(await read(response, target, maxBytes), response, target.shown);
    } catch (error) {
      if (error instanceof FetchFault) return { problem: error.problem };
      throw error;
    }
  }
}

/** Argo CD's client takes this header for the digest of a tag (oras-go 2, `Resolve`), so a wrong one must not pass. */
function headerMismatch(response: FetchResponse, bytes: Uint8Array, digest: Digest, url: string): Problem | null {
  const header = response.headers?.get('docker-content-digest') ?? '';
  if (header === '' || header === digest) return null;
  const stated = Digest.safeParse(header);
  const actual = digestLike(stated.success ? stated.data : null, bytes);
  if (stated.success && actual === stated.data) return null;
  return problem('oci-digest-header-mismatch', { url, expected: quotable(header), actual });
}
