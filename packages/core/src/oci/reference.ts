import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { Digest } from '../verdict/verdict.ts';

/** A repository of a registry. */
export interface RepositoryName {
  /** Host in lower case, and port where one is given: `ghcr.io`, `localhost:5000`. */
  readonly registry: string;
  /** Path: `acme/charts/payments`. */
  readonly name: string;
}

interface OciReference {
  readonly repository: RepositoryName;
  readonly tag: string | null;
  /** Counts before the tag. */
  readonly digest: Digest | null;
}

export type RepositoryOutcome = { readonly repository: RepositoryName } | { readonly problem: Problem };
export type ReferenceOutcome = { readonly reference: OciReference } | { readonly problem: Problem };

const MAX_LENGTH = 1024;
const MAX_NAME_LENGTH = 255;
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
const REGISTRY = new RegExp(`^(?:\\[[0-9A-Fa-f:.]+\\]|${LABEL}(?:\\.${LABEL})*)(?::([0-9]{1,5}))?$`);
/** Distribution specification 1.1, "Pulling manifests", spelt so that it cannot be matched in two ways. */
const SEGMENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/**
 * Reads a reference with or without `oci://`: `registry/path[:tag][@digest]`. The registry is never left out, as it
 * may be for Docker: whose registry is meant is not for us to guess.
 */
export function parseReference(text: string): ReferenceOutcome {
  const invalid = (reason: string): { readonly problem: Problem } => ({
    problem: problem('oci-reference-invalid', { reference: quotable(text), reason }),
  });
  if (text.length > MAX_LENGTH) return invalid(`is longer than ${MAX_LENGTH} characters`);
  const plain = text.replace(/^oci:\/\//, '');
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(plain)) return invalid('has another scheme than oci://');
  const [named = '', digestText, ...more] = plain.split('@');
  if (more.length > 0) return invalid('holds more than one "@"');
  const slash = named.indexOf('/');
  if (slash < 0) return invalid('names no registry and repository, as in registry.example.com/charts/payments');
  const [name = '', tag, ...others] = named.slice(slash + 1).split(':');
  if (others.length > 0) return invalid('holds more than one tag');
  const repository = readRepository(named.slice(0, slash), name);
  if (typeof repository === 'string') return invalid(repository);
  if (tag !== undefined && !isTag(tag)) {
    const hint = tag.includes('+') ? ': in registries "_" stands for "+"' : '';
    return invalid(`has a tag that is none${hint}`);
  }
  const digest = digestText === undefined ? null : Digest.safeParse(digestText);
  if (digest?.success === false) return invalid('has a digest that is none, such as sha256: and 64 lower-case digits');
  return { reference: { repository, tag: tag ?? null, digest: digest?.data ?? null } };
}

/** The repository of a plain OCI source, `oci://registry/path`. */
export function ociRepository(repoURL: string): RepositoryOutcome {
  return bareRepository(repoURL);
}

/**
 * The repository of a Helm chart in a registry: the chart, which may carry path segments, below the repository URL
 * (Argo CD 3.6.1, util/helm/cmd.go `PullOCI`). With `enableOCI` the URL may begin with https://, which Argo CD drops
 * when it lists tags.
 */
export function helmChartRepository(repoURL: string, chart: string): RepositoryOutcome {
  return bareRepository(`${repoURL.replace(/^https:\/\//, '')}/${chart}`);
}

function bareRepository(text: string): RepositoryOutcome {
  const read = parseReference(text);
  if ('problem' in read) return read;
  const { repository, tag, digest } = read.reference;
  if (tag === null && digest === null) return { repository };
  const reason = 'has a tag or digest, which belongs into targetRevision';
  return { problem: problem('oci-reference-invalid', { reference: quotable(text), reason }) };
}

/** The reason completes "the reference …". */
function readRepository(registry: string, name: string): RepositoryName | string {
  const host = registry.length > MAX_NAME_LENGTH ? null : REGISTRY.exec(registry);
  if (host === null || Number(host[1] ?? 0) > 65_535 || !URL.canParse(`https://${registry}`)) {
    return 'has no valid registry before its first "/"';
  }
  if (name.length > MAX_NAME_LENGTH) return `names a repository longer than ${MAX_NAME_LENGTH} characters`;
  if (!name.split('/').every((segment) => SEGMENT.test(segment))) {
    return 'names a repository that cannot be: path segments are of a-z, 0-9 and single ".", "_" or "-" between them';
  }
  return { registry: registry.toLowerCase(), name };
}

export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** `registry/path`. */
export function formatRepository({ registry, name }: RepositoryName): string {
  return `${registry}/${name}`;
}

/** `registry/path:tag` or `registry/path@digest`. */
export function formatReference(repository: RepositoryName, tagOrDigest: string): string {
  return `${formatRepository(repository)}${isTag(tagOrDigest) ? ':' : '@'}${tagOrDigest}`;
}

/** Registries allow no `+` in tags; Helm writes `_` for it (4.3.1, pkg/registry/reference.go). */
export function tagOfVersion(version: string): string {
  return version.replaceAll('+', '_');
}
