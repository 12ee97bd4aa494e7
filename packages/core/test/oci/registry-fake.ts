import { createHash } from 'node:crypto';
import { FetchFault, type Fetch, type FetchOutcome, type FetchRequest, type ResponseHeader } from '../../src/ports.ts';
import { AuthorizationCache, type TokenRealm } from '../../src/oci/token.ts';
import type { RegistryAccess } from '../../src/oci/registry-request.ts';
import { problem } from '../../src/verdict/catalogue.ts';
import { Digest } from '../../src/verdict/verdict.ts';

export const REGISTRY = 'registry.example.com';
const NOW = Date.parse('2026-11-01T00:00:00Z');
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

export interface FakeAnswer {
  readonly status?: number;
  readonly body?: Uint8Array | string;
  readonly contentType?: string | null;
  readonly headers?: Readonly<Partial<Record<ResponseHeader, string>>>;
  /** Where redirects ended. */
  readonly url?: string;
}

export interface FakeOptions {
  readonly referrersApi?: boolean;
  /** How it wants to be asked; `anonymous` gives tokens to everybody. */
  readonly authentication?: 'none' | 'basic' | 'token' | 'anonymous token';
  readonly realm?: string;
  readonly pageSize?: number;
  readonly tokenSeconds?: number;
  /** Answers in the registry's place; undefined: the registry answers. */
  readonly instead?: (url: URL, request: FetchRequest, count: number) => FakeAnswer | FetchOutcome | undefined;
}

interface StoredManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

interface StoredRepository {
  readonly tags: Map<string, Digest>;
  readonly manifests: Map<Digest, StoredManifest>;
}

export function digestOf(bytes: Uint8Array | string): Digest {
  return Digest.parse(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
}

/** The credentials of `robot` are right, all others are wrong; nobody has none. */
export const ROBOT = { identity: 'robot' };
export const NOBODY = { identity: 'nobody' };

/** A registry in memory, asked through the port that the network is behind. */
export class FakeRegistry {
  readonly requests: FetchRequest[] = [];
  readonly sleeps: number[] = [];
  /** Milliseconds since 1970. */
  now = NOW;
  readonly #options: FakeOptions;
  readonly #repositories = new Map<string, StoredRepository>();
  readonly #blobs = new Map<string, Uint8Array>();
  readonly #tokens = new Map<string, number>();

  constructor(options: FakeOptions = {}) {
    this.#options = options;
  }

  /** Paths and queries that were asked for, in order. */
  get paths(): string[] {
    return this.requests.map(({ url }) => new URL(url).pathname + new URL(url).search);
  }

  repository(name: string): StoredRepository {
    const known = this.#repositories.get(name) ?? { tags: new Map(), manifests: new Map() };
    this.#repositories.set(name, known);
    return known;
  }

  /** Stores a blob and gives its descriptor. */
  blob(content: Uint8Array | string, mediaType: string, annotations?: Record<string, string>): Descriptor {
    const bytes = Buffer.from(content);
    const digest = digestOf(bytes);
    this.#blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length, ...(annotations === undefined ? {} : { annotations }) };
  }

  /** Stores a manifest, under its digest and a tag. */
  push(name: string, content: object | string, tag?: string, mediaType = OCI_MANIFEST): Descriptor {
    const bytes = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
    const digest = digestOf(bytes);
    const repository = this.repository(name);
    repository.manifests.set(digest, { bytes, mediaType });
    if (tag !== undefined) repository.tags.set(tag, digest);
    return { mediaType, digest, size: bytes.length };
  }

  storeBlob(digest: string, bytes: Uint8Array): void {
    this.#blobs.set(digest, bytes);
  }

  access(
    settings: {
      readonly access?: { readonly identity: string };
      readonly plainHttp?: boolean;
      readonly tokenRealms?: readonly TokenRealm[];
      readonly authorizations?: AuthorizationCache;
      readonly signal?: AbortSignal;
    } = {},
  ): RegistryAccess {
    return {
      fetch: this.fetch,
      access: settings.access ?? NOBODY,
      plainHttp: settings.plainHttp ?? false,
      authorizations: settings.authorizations ?? new AuthorizationCache(),
      tokenRealms: settings.tokenRealms ?? [],
      ...(settings.signal === undefined ? {} : { signal: settings.signal }),
      clock: {
        now: () => this.now,
        sleep: (milliseconds) => {
          this.sleeps.push(milliseconds);
          return Promise.resolve();
        },
      },
    };
  }

  readonly fetch: Fetch = async (request) => {
    await Promise.resolve();
    this.requests.push(request);
    const url = new URL(request.url);
    const instead = this.#options.instead?.(url, request, this.requests.length);
    if (instead !== undefined && ('problem' in instead || 'response' in instead)) return instead;
    const answer = instead ?? this.#answer(url, request);
    const { status = 200, body = '', contentType = 'application/json', headers = {} } = answer;
    const bytes = Buffer.from(status >= 200 && status < 300 ? body : '');
    return {
      response: {
        status,
        url: answer.url ?? request.url,
        contentType,
        headers: new Map(Object.entries(headers).filter(isHeader)),
        body: inPieces(bytes, request),
      },
    };
  };

  #answer(url: URL, request: FetchRequest): FakeAnswer {
    const realm = this.#options.realm ?? `https://${REGISTRY}/token`;
    if (url.href.startsWith(realm)) return this.#token(request);
    if (!this.#mayRead(request)) {
      const bearer = `Bearer realm="${realm}",service="fake",scope="repository:x:pull"`;
      const challenge = this.#options.authentication === 'basic' ? 'Basic realm="fake"' : bearer;
      return { status: 401, headers: { 'www-authenticate': challenge } };
    }
    const [, name = '', kind = '', reference = ''] =
      /^\/v2\/(.+)\/(manifests|blobs|tags|referrers)\/([^/]+)$/.exec(url.pathname) ?? [];
    const repository = this.#repositories.get(name);
    switch (kind) {
      case 'manifests':
        return repository === undefined ? { status: 404 } : manifest(repository, reference);
      case 'blobs': {
        const bytes = this.#blobs.get(reference);
        return bytes === undefined ? { status: 404 } : { body: bytes, contentType: 'application/octet-stream' };
      }
      case 'tags':
        return repository === undefined
          ? { status: 404 }
          : this.#page(url, [...repository.tags.keys()].sort(), tagPage);
      case 'referrers': {
        if (this.#options.referrersApi !== true || repository === undefined) return { status: 404 };
        const index = repository.tags.get(reference.replace(':', '-'));
        const stored = index === undefined ? undefined : repository.manifests.get(index);
        const parsed: unknown = stored === undefined ? null : JSON.parse(Buffer.from(stored.bytes).toString());
        return this.#page(url, manifestsOf(parsed), indexPage);
      }
      default:
        return { status: 404 };
    }
  }

  #mayRead({ headers, credentials, access }: FetchRequest): boolean {
    switch (this.#options.authentication ?? 'none') {
      case 'none':
        return true;
      case 'basic':
        return credentials === 'send' && access.identity === 'robot';
      case 'token':
      case 'anonymous token': {
        const token = headers?.authorization?.replace('Bearer ', '') ?? '';
        return (this.#tokens.get(token) ?? 0) > this.now;
      }
    }
  }

  #token({ credentials, access }: FetchRequest): FakeAnswer {
    const isRobot = credentials === 'send' && access.identity === 'robot';
    if (this.#options.authentication === 'token' && !isRobot) return { status: 401 };
    const token = `token-${this.#tokens.size + 1}`;
    const seconds = this.#options.tokenSeconds ?? 300;
    this.#tokens.set(token, this.now + seconds * 1000);
    return { body: JSON.stringify({ token, expires_in: seconds }) };
  }

  #page<T>(url: URL, all: readonly T[], write: (page: readonly T[]) => FakeAnswer): FakeAnswer {
    const from = Number(url.searchParams.get('from') ?? 0);
    const size = this.#options.pageSize ?? all.length;
    const answer = write(all.slice(from, from + size));
    if (from + size >= all.length) return answer;
    return { ...answer, headers: { link: `<${url.pathname}?from=${from + size}>; rel="next"` } };
  }
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Record<string, string>;
}

/** An image manifest. */
export function image(config: Descriptor, layers: readonly Descriptor[], more: object = {}): object {
  return { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers, ...more };
}

export function index(manifests: readonly Descriptor[]): object {
  return { schemaVersion: 2, mediaType: OCI_INDEX, manifests };
}

function manifest({ tags, manifests }: StoredRepository, reference: string): FakeAnswer {
  const asDigest = Digest.safeParse(reference);
  const digest = asDigest.success ? asDigest.data : tags.get(reference);
  const stored = digest === undefined ? undefined : manifests.get(digest);
  if (digest === undefined || stored === undefined) return { status: 404 };
  return { body: stored.bytes, contentType: stored.mediaType, headers: { 'docker-content-digest': digest } };
}

function tagPage(tags: readonly string[]): FakeAnswer {
  return { body: JSON.stringify({ name: 'x', tags }) };
}

function indexPage(manifests: readonly unknown[]): FakeAnswer {
  return { body: JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }), contentType: OCI_INDEX };
}

function manifestsOf(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null && 'manifests' in value && Array.isArray(value.manifests)
    ? value.manifests
    : [];
}

function isHeader(entry: [string, string | undefined]): entry is [ResponseHeader, string] {
  return entry[1] !== undefined;
}

async function* inPieces(bytes: Uint8Array, { url, maxBytes }: FetchRequest): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) {
    await Promise.resolve();
    if (at + 1000 > maxBytes && bytes.length > maxBytes) {
      throw new FetchFault(problem('fetch-too-large', { url, maxBytes }));
    }
    yield bytes.subarray(at, at + 1000);
  }
}
