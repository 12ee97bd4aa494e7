import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { chartDependencies, type ArchiveDependency } from './archive-dependencies.ts';
import { ARCHIVE_LIMITS, ArchiveFault, unpack, type ArchiveLimits } from './archive-unpack.ts';
import { parseChartMetadata, type ChartMetadata } from './chart-metadata.ts';

/** What is in a chart archive. */
export interface ChartArchive {
  readonly metadata: ChartMetadata;
  readonly dependencies: readonly ArchiveDependency[];
  /** Files, directories not counted. */
  readonly fileCount: number;
  /** Bytes of the unpacked tar. */
  readonly unpackedBytes: number;
}

/** Vendored archives within archives that are looked into for their name and version. */
const MAX_VENDORED = 200;
/** What is read of a tar: the files that say what a chart is made of. */
const READ =
  /^(?:Chart\.yaml|Chart\.lock|requirements\.yaml|requirements\.lock|charts\/[^/._][^/]*(?:\/Chart\.yaml|\.tgz))$/;

/**
 * Reads a chart archive (`.tgz`) without unpacking it anywhere: its Chart.yaml, and what it brings along in `charts/`.
 * Stricter than Helm (4.3.1, pkg/chart/loader/archive/archive.go), which takes links for empty files, several top
 * folders for one and the last of two files with one path; Argo CD unpacks with other code, so each of these would let
 * the two see different charts. `helm package` writes none of them.
 */
export async function readArchive(
  bytes: Uint8Array,
  limits: ArchiveLimits = ARCHIVE_LIMITS,
): Promise<{ readonly archive: ChartArchive } | { readonly problem: Problem }> {
  try {
    const { files, fileCount, unpackedBytes } = await unpack(bytes, limits, READ);
    const chartYaml = files.get('Chart.yaml');
    if (chartYaml === undefined) {
      return { problem: problem(fileCount === 0 ? 'archive-empty' : 'archive-no-chart-yaml', {}) };
    }
    const chart = parseChartMetadata(textOf('Chart.yaml', chartYaml));
    if ('problem' in chart) return chart;
    const vendored = await readVendored(files, limits);
    const dependencies = chartDependencies(chart.metadata, textFiles(files), vendored);
    if ('problem' in dependencies) return dependencies;
    return { archive: { metadata: chart.metadata, ...dependencies, fileCount, unpackedBytes } };
  } catch (error) {
    if (error instanceof ArchiveFault) return { problem: error.problem };
    throw error;
  }
}

/** Name and version of what lies in `charts/`, by the path it lies at. */
async function readVendored(
  files: ReadonlyMap<string, Buffer>,
  limits: ArchiveLimits,
): Promise<ReadonlyMap<string, ChartMetadata>> {
  const vendored = new Map<string, ChartMetadata>();
  for (const [path, bytes] of files) {
    if (!path.startsWith('charts/')) continue;
    if (vendored.size >= MAX_VENDORED) {
      throw new ArchiveFault(problem('archive-too-many-files', { limit: MAX_VENDORED }));
    }
    const chartYaml = path.endsWith('.tgz') ? await vendoredChartYaml(path, bytes, limits) : bytes;
    const chart = parseChartMetadata(textOf(path, chartYaml));
    if ('problem' in chart) throw unreadable(path, "its Chart.yaml can't be read");
    vendored.set(path, chart.metadata);
  }
  return vendored;
}

async function vendoredChartYaml(path: string, bytes: Buffer, limits: ArchiveLimits): Promise<Buffer> {
  try {
    const { files } = await unpack(bytes, limits, /^Chart\.yaml$/);
    const chartYaml = files.get('Chart.yaml');
    if (chartYaml === undefined) throw unreadable(path, 'it has no Chart.yaml');
    return chartYaml;
  } catch (error) {
    if (error instanceof ArchiveFault && error.problem.code !== 'archive-file-unreadable') {
      throw unreadable(path, error.problem.code);
    }
    throw error;
  }
}

function textFiles(files: ReadonlyMap<string, Buffer>): ReadonlyMap<string, string> {
  return new Map(
    [...files].filter(([path]) => !path.startsWith('charts/')).map(([path, bytes]) => [path, textOf(path, bytes)]),
  );
}

function textOf(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(path, 'it is not UTF-8');
  }
}

function unreadable(path: string, detail: string): ArchiveFault {
  return new ArchiveFault(problem('archive-file-unreadable', { path: quotable(path), detail }));
}
