import { quotable } from '@source-integrity/core';
import { isPlainObject } from '../json-object.ts';

/** Why the API server refuses an object, and where in it. */
export interface RuleFault {
  readonly path: readonly string[];
  /** A whole sentence without its full stop. */
  readonly reason: string;
}

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

/** `ObjectMeta`: anything else is an unknown field, which kubectl has the server refuse. */
const METADATA_FIELDS = new Set([
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
]);

/** Bytes of all annotations together (`TotalAnnotationSizeLimitB`). */
const MAX_ANNOTATIONS = 256 * 1024;

/** The rules for `metadata` of a namespaced object (`apimachinery/pkg/api/validation/objectmeta.go`). */
export function metadataFault(metadata: unknown): RuleFault | null {
  if (!isPlainObject(metadata)) return { path: ['metadata'], reason: 'metadata is missing' };
  const unknown = Object.keys(metadata).find((field) => !METADATA_FIELDS.has(field));
  if (unknown !== undefined) return fault(['metadata', unknown], `unknown field "metadata.${quotable(unknown)}"`);
  return (
    nameFault(metadata['name'], 'metadata.name', DNS_SUBDOMAIN, 253, 'an RFC 1123 subdomain') ??
    nameFault(metadata['namespace'], 'metadata.namespace', DNS_LABEL, 63, 'an RFC 1123 label') ??
    textFault(metadata, 'uid') ??
    labelsFault(metadata['labels']) ??
    annotationsFault(metadata['annotations'])
  );
}

function nameFault(value: unknown, field: string, form: RegExp, length: number, what: string): RuleFault | null {
  const path = field.split('.');
  if (value === undefined || value === null || value === '') return fault(path, `${field} is missing`);
  if (typeof value !== 'string') return fault(path, `${field} is not a text; put it in quotes`);
  if (value.length <= length && form.test(value)) return null;
  const rule = `lower-case letters, digits, "-"${form === DNS_SUBDOMAIN ? ' and "."' : ''}, beginning and ending with a letter or digit, at most ${length} characters`;
  return fault(path, `${field} "${quotable(value)}" is not ${what}: ${rule}`);
}

function textFault(metadata: Readonly<Record<string, unknown>>, field: string): RuleFault | null {
  const value = metadata[field];
  if (value === undefined || value === null || typeof value === 'string') return null;
  return fault(['metadata', field], `metadata.${field} is not a text; put it in quotes`);
}

/** Keys are qualified names; values are empty or of the same form, at most 63 characters. */
function labelsFault(labels: unknown): RuleFault | null {
  const entries = textEntries(labels, 'labels');
  if ('reason' in entries) return entries;
  for (const [key, value] of entries) {
    if (!isQualifiedName(key))
      return fault(['metadata', 'labels', key], `the label key "${quotable(key)}" is not a qualified name`);
    if (value !== '' && (value.length > 63 || !QUALIFIED.test(value))) {
      return fault(
        ['metadata', 'labels', key],
        `the value "${quotable(value)}" of the label "${quotable(key)}" is not one that a label can have`,
      );
    }
  }
  return null;
}

function annotationsFault(annotations: unknown): RuleFault | null {
  const entries = textEntries(annotations, 'annotations');
  if ('reason' in entries) return entries;
  let size = 0;
  for (const [key, value] of entries) {
    if (!isQualifiedName(key.toLowerCase()))
      return fault(['metadata', 'annotations', key], `the annotation key "${quotable(key)}" is not a qualified name`);
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  return size > MAX_ANNOTATIONS ? fault(['metadata', 'annotations'], 'the annotations are larger than 256 KiB') : null;
}

/** A map of texts; or why it is none. */
export function textEntries(
  value: unknown,
  field: string,
  at: readonly string[] = ['metadata'],
): readonly (readonly [string, string])[] | RuleFault {
  if (value === undefined || value === null) return [];
  if (!isPlainObject(value)) return fault([...at, field], `${[...at, field].join('.')} is not a map of texts`);
  const entries: (readonly [string, string])[] = [];
  for (const [key, text] of Object.entries(value)) {
    if (text === null) entries.push([key, '']);
    else if (typeof text === 'string') entries.push([key, text]);
    else
      return fault(
        [...at, field, key],
        `${[...at, field, quotable(key)].join('.')} is ${kindOf(text)} where a text is needed; put it in quotes`,
      );
  }
  return entries;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function isQualifiedName(key: string): boolean {
  const parts = key.split('/');
  const name = parts.pop() ?? '';
  const [prefix, ...more] = parts;
  if (more.length > 0 || name.length > 63 || !QUALIFIED.test(name)) return false;
  return prefix === undefined || (prefix.length <= 253 && DNS_SUBDOMAIN.test(prefix));
}

function fault(path: readonly string[], reason: string): RuleFault {
  return { path, reason };
}
