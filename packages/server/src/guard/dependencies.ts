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

/**
 * Where each downloaded archive came from, by the lock file that Helm wrote or followed (`pkg/downloader/manager.go`).
 * Dependencies without a repository, or with one that is a folder, were not downloaded.
 */
export function lockedDependencies(
  lock: string | null,
  archives: readonly { readonly file: string; readonly digest: string }[],
): readonly Dependency[] {
  const locked = readLock(lock);
  return archives.flatMap(({ file, digest }): readonly Dependency[] => {
    const found = locked.find(({ name, version }) => file === `${name}-${version}.tgz`);
    if (found === undefined) {
      return [{ kind: 'problem', problem: problem('dependency-not-locked', { file: quotable(file) }) }];
    }
    const { name, repository, version } = found;
    if (repository === '' || repository.startsWith('file://')) return [];
    if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(repository)) {
      const params = { repository: quotable(repository) };
      return [{ kind: 'problem', problem: problem('dependency-repository-alias', params) }];
    }
    const registry = repository.startsWith('oci://');
    const place = registry ? repository.slice('oci://'.length).replace(/\/+$/, '') : repository;
    const chart = { repository: place, registry, chart: name, version, passCredentials: false };
    return [{ kind: 'pulled', chart, digest }];
  });
}

/** What cannot be read names nothing, so that every archive is one that the lock does not name. */
function readLock(lock: string | null): z.infer<typeof Lock>['dependencies'] {
  try {
    const read = Lock.safeParse(parse(lock ?? '', { maxAliasCount: 0 }));
    return read.success ? read.data.dependencies : [];
  } catch {
    return [];
  }
}
