import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { sortLikeHelm } from '../revision/deployed-by-helm.ts';
import { MAX_VERSIONS } from '../revision/resolve-revision.ts';
import {
  faultOfFields,
  fieldsOf,
  readEntry,
  type FieldKind,
  type IndexEntry,
  type IndexFault,
  type Strictness,
} from './index-entry.ts';

/** What an index says of one chart. */
export interface IndexLookup {
  /** What Helm keeps, highest version first. */
  readonly entries: readonly IndexEntry[];
  /** Every version text in the order of the index, also of entries that Helm skips: Argo CD resolves among these. */
  readonly versions: readonly string[];
}

/** Why an index has no answer. */
export interface IndexRefusal {
  readonly problem: Problem;
}

/** More entries in all than this are not read. */
export const MAX_ENTRIES = 500_000;

const DOCUMENT_FIELDS: ReadonlyMap<string, FieldKind> = new Map<string, FieldKind>([
  ['annotations', 'text map'],
  ['apiVersion', 'decisive text'],
  ['entries', 'map'],
  ['generated', 'time'],
  ['publicKeys', 'texts'],
  ['serverInfo', 'map'],
]);

/**
 * Finds a chart in a parsed index. The whole document is checked by Helm's rules (4.3.1, pkg/repo/v1/index.go
 * `loadIndex`), since one wrong field anywhere makes Helm reject all of it. Stricter than Helm where field names differ
 * in case only, or a number stands where text belongs.
 *
 * @param value Maps or objects, arrays, strings, null, `NotText` and, in JSON, numbers and booleans
 * @param lineOf the line of a field, asked only for a problem
 */
export function findInIndex(
  value: unknown,
  chart: string,
  strictness: Strictness,
  lineOf: (path: readonly (string | number)[]) => number | null,
): IndexLookup | IndexRefusal {
  const document = fieldsOf(value);
  if (document === null) return refuse({ path: [], detail: 'not a map of fields', kind: 'invalid' }, lineOf);
  const fault = faultOfFields(document, DOCUMENT_FIELDS, strictness);
  if (fault !== null) return refuse(fault, lineOf);
  const found = findEntries(document.get('entries') ?? null, chart, strictness, lineOf);
  if ('problem' in found) return found;
  if ((document.get('apiVersion') ?? '') === '') {
    return refuse({ path: ['apiVersion'], detail: 'missing', kind: 'invalid' }, lineOf);
  }
  return found;
}

/** Builds the answer from what was read of a chart's entries, in the order of the index. */
export function lookupOf(
  read: readonly (IndexEntry | { readonly skippedVersion: string })[],
): IndexLookup | IndexRefusal {
  if (read.length > MAX_VERSIONS) return { problem: problem('index-too-many-entries', { limit: MAX_VERSIONS }) };
  return {
    entries: sortLikeHelm(read.filter((entry) => 'urls' in entry)),
    versions: read.map((entry) => ('urls' in entry ? entry.version : entry.skippedVersion)),
  };
}

/** The refusal of a chart that an index does not have, with the names that look most like it. */
export function chartNotInIndex(chart: string, names: Iterable<string>): IndexRefusal {
  const similar = [...names]
    .map((name) => ({ name, likeness: likeness(name, chart) }))
    .filter(({ likeness }) => likeness > 0)
    .sort((a, b) => b.likeness - a.likeness || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => quotable(name));
  return { problem: problem('chart-not-in-index', { chart: quotable(chart), similar }) };
}

function findEntries(
  value: unknown,
  chart: string,
  strictness: Strictness,
  lineOf: (path: readonly (string | number)[]) => number | null,
): IndexLookup | IndexRefusal {
  const charts = fieldsOf(value) ?? new Map<string, unknown>();
  const found: (IndexEntry | { readonly skippedVersion: string })[] = [];
  let count = 0;
  for (const [name, list] of charts) {
    if (list === null) continue;
    if (!Array.isArray(list)) return refuse({ path: ['entries', name], detail: 'not a list', kind: 'invalid' }, lineOf);
    count += list.length;
    if (count > MAX_ENTRIES) return { problem: problem('index-too-many-entries', { limit: MAX_ENTRIES }) };
    for (const [at, item] of list.entries()) {
      const entry = readEntry(item, strictness);
      if (entry !== 'skipped' && 'fault' in entry) {
        return refuse({ ...entry.fault, path: ['entries', name, at, ...entry.fault.path] }, lineOf);
      }
      if (name === chart) found.push(entry === 'skipped' ? { skippedVersion: versionText(item) } : entry);
    }
  }
  return charts.has(chart) ? lookupOf(found) : chartNotInIndex(chart, charts.keys());
}

function versionText(item: unknown): string {
  const version = fieldsOf(item)?.get('version');
  return typeof version === 'string' ? version : '';
}

function refuse(fault: IndexFault, lineOf: (path: readonly (string | number)[]) => number | null): IndexRefusal {
  const line = lineOf(fault.path);
  const field = quotable(
    fault.path.reduce<string>(
      (written, part) =>
        typeof part === 'number' ? `${written}[${part}]` : written === '' ? part : `${written}.${part}`,
      '',
    ),
  );
  if (fault.kind === 'ambiguous') {
    return { problem: problem('index-ambiguous', { line, detail: `${field} is ${quotable(fault.detail)}` }) };
  }
  return {
    problem: problem('index-invalid', { line, field: field || 'the document', detail: quotable(fault.detail) }),
  };
}

/** Length of the common beginning, more for a name within the other. */
function likeness(name: string, wanted: string): number {
  const a = name.toLowerCase();
  const b = wanted.toLowerCase();
  if (a.includes(b) || b.includes(a)) return 100;
  let same = 0;
  while (same < a.length && a[same] === b[same]) same += 1;
  return same >= 3 ? same : 0;
}
