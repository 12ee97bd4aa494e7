import { type Problem, problem, quotable } from '@source-integrity/core';
import { parse } from 'yaml';
import * as z from 'zod';
import type { AskedChart } from './concern.ts';

/** A dependency that Helm has put into `charts/`. */
export type Dependency =
  | { readonly kind: 'pulled'; readonly chart: AskedChart; readonly digest: string }
  | { readonly kind: 'problem'; readonly problem: Problem };

const text = z.string().max(2048).catch('');
const Lock = z.object({
  dependencies: z.array(z.object({ name: text, repository: text, version: text })).max(1000),
});
type Locked = z.infer<typeof Lock>['dependencies'][number];

/** A call with more of them would keep the server busy for one chart. Real ones have a few dozen. */
const MAX_ARCHIVES = 100;

/**
 * Where each downloaded archive came from, by the lock file that Helm wrote or followed (`pkg/downloader/manager.go`).
 * Dependencies with a repository that is a folder were not downloaded; those without one are no archives.
 *
 * It is the index of a repository that names the file, not the lock. A hostile index may give it the name of another
 * dependency, of which less is required: then its own is missing, since Helm removes archives that it has not brought.
 * So nothing counts unless each downloaded dependency has a file of its own. `unchanged` are the archives that lie
 * there as before.
 */
export function lockedDependencies(
  lock: string | null,
  archives: readonly { readonly file: string; readonly digest: string }[],
  unchanged: readonly string[] = [],
): readonly Dependency[] {
  if (archives.length > MAX_ARCHIVES) return [tooMany(`${archives.length} archives`, String(MAX_ARCHIVES))];
  if (lock !== null && lock.length > MAX_LOCK_LENGTH) {
    return [tooMany(`a lock file of ${lock.length} characters`, `${MAX_LOCK_LENGTH}`)];
  }
  const locked = readLock(lock).filter(({ repository }) => repository !== '');
  const present = new Set([...unchanged, ...archives.map(({ file }) => file)]);
  const astray = locked.filter((each) => isRemote(each) && !isAlone(each, locked, present));
  return [
    ...astray.map((each) => notLocked(fileOf(each))),
    ...archives.flatMap(({ file, digest }) => {
      const found = locked.find((each) => file === fileOf(each));
      if (found === undefined) return [notLocked(file)];
      return isRemote(found) ? [downloaded(found, digest)] : [];
    }),
  ];
}

function fileOf({ name, version }: Locked): string {
  return `${name}-${version}.tgz`;
}

function isRemote({ repository }: Locked): boolean {
  return !repository.startsWith('file://');
}

/** Whether its file is there, and nobody else's. */
function isAlone(asked: Locked, locked: readonly Locked[], present: ReadonlySet<string>): boolean {
  const file = fileOf(asked);
  return present.has(file) && locked.every((each) => fileOf(each) !== file || each.repository === asked.repository);
}

function tooMany(found: string, limit: string): Dependency {
  return { kind: 'problem', problem: problem('dependencies-too-many', { found, limit }) };
}

function notLocked(file: string): Dependency {
  return { kind: 'problem', problem: problem('dependency-not-locked', { file: quotable(file) }) };
}

function downloaded({ name, repository, version }: Locked, digest: string): Dependency {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(repository)) {
    const params = { repository: quotable(repository) };
    return { kind: 'problem', problem: problem('dependency-repository-alias', params) };
  }
  const registry = repository.startsWith('oci://');
  const place = registry ? repository.slice('oci://'.length).replace(/\/+$/, '') : repository;
  const chart = { repository: place, registry, chart: name, version, passCredentials: false };
  return { kind: 'pulled', chart, digest };
}

/** A lock is some hundred bytes for a dependency. What reads it takes long for large ones. */
const MAX_LOCK_LENGTH = 32 * 1024;

/** What cannot be read names nothing, so that every archive is one that the lock does not name. */
function readLock(lock: string | null): z.infer<typeof Lock>['dependencies'] {
  if (lock === null) return [];
  try {
    // Comparing each key with all before it is quadratic; Helm, too, takes the last of several.
    const read = Lock.safeParse(parse(lock, { maxAliasCount: 0, uniqueKeys: false }));
    return read.success ? read.data.dependencies : [];
  } catch {
    return [];
  }
}
