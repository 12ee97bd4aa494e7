import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { dependenciesOf, type ChartDependency, type ChartMetadata } from './chart-metadata.ts';
import { readLaxYaml } from './lax-yaml.ts';

/** A chart that another one brings along or needs. */
export interface ArchiveDependency {
  readonly name: string;
  /** Of a vendored chart its own version; else what is locked, or the range that is asked for. */
  readonly version: string;
  readonly repository: string;
  /** Whether it lies in the archive, and so under its signature. */
  readonly vendored: boolean;
}

/**
 * Puts together what a chart needs and what lies in its `charts/` folder. Dependencies are declared in Chart.yaml, in
 * charts of API version v1 in requirements.yaml; a lock names the versions. A vendored chart that nobody declares is
 * listed too: Helm renders it all the same.
 *
 * @param files texts of the files in the top folder
 * @param vendored what lies in `charts/`
 */
export function chartDependencies(
  chart: ChartMetadata,
  files: ReadonlyMap<string, string>,
  vendored: ReadonlyMap<string, ChartMetadata>,
): { readonly dependencies: readonly ArchiveDependency[] } | { readonly problem: Problem } {
  const requirements = readList(files, 'requirements.yaml');
  if ('problem' in requirements) return requirements;
  const lock = readList(files, files.has('Chart.lock') ? 'Chart.lock' : 'requirements.lock');
  if ('problem' in lock) return lock;
  const declared = requirements.dependencies.length > 0 ? requirements.dependencies : chart.dependencies;
  const remaining = new Set(vendored.values());
  const dependencies = declared.map(({ name, version, repository }): ArchiveDependency => {
    const own = [...remaining, ...vendored.values()].find((each) => each.name === name);
    if (own !== undefined) {
      remaining.delete(own);
      return { name, version: own.version, repository, vendored: true };
    }
    const locked = lock.dependencies.find((each) => each.name === name && each.repository === repository);
    return { name, version: locked?.version ?? version, repository, vendored: false };
  });
  const undeclared = [...remaining].map(({ name, version }): ArchiveDependency => ({
    name,
    version,
    repository: '',
    vendored: true,
  }));
  return { dependencies: [...dependencies, ...undeclared] };
}

function readList(
  files: ReadonlyMap<string, string>,
  path: string,
): { readonly dependencies: readonly ChartDependency[] } | { readonly problem: Problem } {
  const text = files.get(path);
  if (text === undefined) return { dependencies: [] };
  const read = readLaxYaml(text);
  const dependencies = 'fault' in read ? null : dependenciesOf(read.value);
  if (dependencies !== null) return { dependencies };
  return { problem: problem('archive-file-unreadable', { path, detail: 'it is not a list of dependencies' }) };
}
