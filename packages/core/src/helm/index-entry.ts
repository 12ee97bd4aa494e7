import { isVersion, parseVersion } from '../revision/version.ts';
import { isTime } from './index-scalar.ts';

/** One version of a chart, as `index.yaml` lists it. */
export interface IndexEntry {
  readonly name: string;
  readonly version: string;
  /** As written, usually the bare hex of a SHA-256, sometimes with `sha256:`; null where there is none. */
  readonly digest: string | null;
  /** Helm downloads the first. */
  readonly urls: readonly string[];
  readonly appVersion: string | null;
  /** RFC 3339 as written; null where there is none. */
  readonly created: string | null;
}

/** A field that makes Helm reject the whole index, and what is wrong with it ("a number, not text"). */
export interface IndexFault {
  readonly path: readonly (string | number)[];
  readonly detail: string;
  /** `ambiguous`: Helm would read it, but another reader differently. */
  readonly kind: 'invalid' | 'ambiguous';
}

/** `strict`: YAML, where Helm refuses unknown fields; JSON may have any. */
export type Strictness = 'strict' | 'lax';

/** What a field must hold. */
export type FieldKind =
  'text' | 'decisive text' | 'texts' | 'flag' | 'time' | 'map' | 'text map' | 'list' | 'maintainers' | 'dependencies';

/** The fields of `ChartVersion` and `chart.Metadata` (Helm 4.3.1, pkg/repo/v1/index.go and pkg/chart/v2/metadata.go). */
export const ENTRY_FIELDS: ReadonlyMap<string, FieldKind> = new Map<string, FieldKind>([
  ['annotations', 'text map'],
  ['apiVersion', 'text'],
  ['appVersion', 'text'],
  ['checksum', 'text'],
  ['condition', 'text'],
  ['created', 'time'],
  ['dependencies', 'dependencies'],
  ['deprecated', 'flag'],
  ['description', 'text'],
  ['digest', 'text'],
  ['engine', 'text'],
  ['home', 'text'],
  ['icon', 'text'],
  ['keywords', 'texts'],
  ['kubeVersion', 'text'],
  ['maintainers', 'maintainers'],
  ['name', 'decisive text'],
  ['removed', 'flag'],
  ['sources', 'texts'],
  ['tags', 'text'],
  ['tillerVersion', 'text'],
  ['type', 'decisive text'],
  ['url', 'text'],
  ['urls', 'texts'],
  ['version', 'decisive text'],
]);

export const MAINTAINER_FIELDS: ReadonlyMap<string, FieldKind> = new Map<string, FieldKind>([
  ['email', 'text'],
  ['name', 'text'],
  ['url', 'text'],
]);

export const DEPENDENCY_FIELDS: ReadonlyMap<string, FieldKind> = new Map<string, FieldKind>([
  ['alias', 'text'],
  ['condition', 'text'],
  ['enabled', 'flag'],
  ['import-values', 'list'],
  ['name', 'text'],
  ['repository', 'text'],
  ['tags', 'texts'],
  ['version', 'text'],
]);

/** Fields of a map or an object; null for anything else. */
export function fieldsOf(value: unknown): ReadonlyMap<string, unknown> | null {
  if (value instanceof Map) return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof NotText) return null;
  return new Map<string, unknown>(Object.entries(value));
}

/** An unquoted scalar of YAML that is not text. */
export class NotText {
  readonly kind: 'flag' | 'number';
  constructor(kind: 'flag' | 'number') {
    this.kind = kind;
  }
}

/**
 * Reads one item of `entries.<chart>`: its value, `skipped` where Helm passes over it with a warning (no name, a version
 * that is none …), or the fault for which Helm rejects the whole index.
 */
export function readEntry(
  value: unknown,
  strictness: Strictness,
): IndexEntry | 'skipped' | { readonly fault: IndexFault } {
  if (value === null) return 'skipped';
  const fields = fieldsOf(value);
  if (fields === null) return { fault: { path: [], detail: `${kindOf(value)}, not a map`, kind: 'invalid' } };
  const fault = faultOfFields(fields, ENTRY_FIELDS, strictness);
  if (fault !== null) return { fault };
  if (!isValid(fields)) return 'skipped';
  const urls = fields.get('urls');
  return {
    name: text(fields, 'name'),
    version: text(fields, 'version'),
    digest: text(fields, 'digest') || null,
    urls: Array.isArray(urls) ? urls.map((url) => (typeof url === 'string' ? url : '')) : [],
    appVersion: text(fields, 'appVersion') || null,
    created: text(fields, 'created') || null,
  };
}

/** The first field that Helm does not know or that holds another kind of value. */
export function faultOfFields(
  fields: ReadonlyMap<string, unknown>,
  known: ReadonlyMap<string, FieldKind>,
  strictness: Strictness,
): IndexFault | null {
  for (const [name, value] of fields) {
    const kind = known.get(name);
    if (kind === undefined) {
      const meant = [...known.keys()].find((field) => isSpelling(name, field));
      if (meant !== undefined) {
        return { path: [name], detail: `a spelling of "${meant}" that only some readers accept`, kind: 'ambiguous' };
      }
      if (strictness === 'strict') return { path: [name], detail: 'a field that it does not know', kind: 'invalid' };
      continue;
    }
    const fault = faultOfValue(value, kind, strictness);
    if (fault !== null) return { ...fault, path: [name, ...fault.path] };
  }
  return null;
}

function faultOfValue(value: unknown, kind: FieldKind, strictness: Strictness): IndexFault | null {
  if (value === null) {
    // Go leaves standing what an earlier duplicate of the field set, and JSON.parse tells of no duplicates.
    return strictness === 'lax' && kind === 'decisive text' ? { path: [], detail: 'null', kind: 'ambiguous' } : null;
  }
  switch (kind) {
    case 'text':
    case 'decisive text':
      if (typeof value !== 'string') return invalid(value, 'text');
      return value.isWellFormed() ? null : { path: [], detail: 'text with half a character', kind: 'ambiguous' };
    case 'flag':
      return typeof value === 'boolean' || (value instanceof NotText && value.kind === 'flag')
        ? null
        : invalid(value, 'true or false');
    case 'time':
      return typeof value === 'string' && isTime(value) ? null : invalid(value, 'a time in RFC 3339');
    case 'texts':
      return faultOfItems(value, (item) => faultOfValue(item, 'decisive text', strictness));
    case 'text map':
      return faultOfTextMap(value, strictness);
    case 'maintainers':
      return faultOfItems(value, (item) => faultOfRecord(item, MAINTAINER_FIELDS, strictness));
    case 'dependencies':
      return faultOfItems(value, (item) => faultOfRecord(item, DEPENDENCY_FIELDS, strictness));
    case 'list':
      return Array.isArray(value) ? null : invalid(value, 'a list');
    case 'map':
      return fieldsOf(value) === null ? invalid(value, 'a map') : null;
  }
}

function faultOfItems(value: unknown, faultOf: (item: unknown) => IndexFault | null): IndexFault | null {
  if (!Array.isArray(value)) return invalid(value, 'a list');
  for (const [at, item] of value.entries()) {
    const fault = faultOf(item);
    if (fault !== null) return { ...fault, path: [at, ...fault.path] };
  }
  return null;
}

function faultOfRecord(
  value: unknown,
  known: ReadonlyMap<string, FieldKind>,
  strictness: Strictness,
): IndexFault | null {
  if (value === null) return null;
  const fields = fieldsOf(value);
  return fields === null ? invalid(value, 'a map') : faultOfFields(fields, known, strictness);
}

function faultOfTextMap(value: unknown, strictness: Strictness): IndexFault | null {
  const fields = fieldsOf(value);
  if (fields === null) return invalid(value, 'a map');
  for (const [name, item] of fields) {
    const fault = item === null ? null : faultOfValue(item, 'text', strictness);
    if (fault !== null) return { ...fault, path: [name] };
  }
  return null;
}

/** `Metadata.Validate` after its cleaning of text; what it objects to is skipped, not fatal (index.go `loadIndex`). */
function isValid(fields: ReadonlyMap<string, unknown>): boolean {
  const name = printable(text(fields, 'name'));
  return (
    name !== '' &&
    name !== '.' &&
    name !== '..' &&
    !name.includes('/') &&
    isVersion(parseVersion(text(fields, 'version'))) &&
    ['', 'application', 'library'].includes(text(fields, 'type')) &&
    !list(fields, 'maintainers').includes(null) &&
    hasValidDependencies(list(fields, 'dependencies'))
  );
}

/** A repeated name ends the check, and Helm forgives it. */
function hasValidDependencies(dependencies: readonly unknown[]): boolean {
  const names = new Set<string>();
  for (const dependency of dependencies) {
    const fields = fieldsOf(dependency);
    if (fields === null) return false;
    const alias = text(fields, 'alias');
    if (alias !== '' && !/^[a-zA-Z0-9_-]+$/.test(alias)) return false;
    const name = alias === '' ? printable(text(fields, 'name')) : alias;
    if (names.has(name)) return true;
    names.add(name);
  }
  return true;
}

function text(fields: ReadonlyMap<string, unknown>, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' ? value : '';
}

function list(fields: ReadonlyMap<string, unknown>, name: string): readonly unknown[] {
  const value: unknown = fields.get(name);
  return Array.isArray(value) ? value : [];
}

function printable(value: string): string {
  return value.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '');
}

/** Go matches field names without regard to case, by Unicode's simple folding: `verſion` is `version` to it. */
function isSpelling(name: string, field: string): boolean {
  return name.length === field.length && new RegExp(`^${field}$`, 'iu').test(name);
}

function invalid(value: unknown, wanted: string): IndexFault {
  return { path: [], detail: `${kindOf(value)}, not ${wanted}`, kind: 'invalid' };
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value instanceof NotText) return value.kind === 'flag' ? 'true or false' : 'a number';
  if (typeof value === 'number') return 'a number';
  if (typeof value === 'boolean') return 'true or false';
  if (typeof value === 'string') return 'text';
  return Array.isArray(value) ? 'a list' : 'a map';
}
