import { Page, type Row } from './page.ts';

/** One row of `digests list`, as `--output json` has it. */
export interface DigestRow {
  readonly repoURL: string;
  readonly chart: string;
  readonly version: string;
  readonly digest: string;
  /** RFC 3339. */
  readonly firstSeen: string;
  readonly lastSeen: string;
}

const HEADER: Row = ['REPOSITORY', 'CHART', 'VERSION', 'DIGEST', 'FIRST SEEN', 'LAST SEEN'];

export function digestsPage(rows: readonly DigestRow[], limit: number): string {
  const versions = new Map<string, number>();
  for (const { repoURL, chart, version } of rows) {
    const key = JSON.stringify([repoURL, chart, version]);
    versions.set(key, (versions.get(key) ?? 0) + 1);
  }
  const replaced = [...versions.values()].filter((digests) => digests > 1).length;
  const page = new Page().line(
    `${rows.length} digests of ${versions.size} chart versions; ${replaced} versions were seen with more than one digest.`,
  );
  if (rows.length >= limit) page.line(`Only the last ${limit} are shown; narrow them with --repo and --chart.`);
  if (rows.length === 0) return page.text();
  return page
    .line()
    .table([
      HEADER,
      ...rows.map((row) => [row.repoURL, row.chart, row.version, row.digest, row.firstSeen, row.lastSeen]),
    ])
    .text();
}
