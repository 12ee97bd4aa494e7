import { quotable } from '@source-integrity/core';
import { isPlainObject, own } from '../json-object.ts';
import { kindFault } from './kind-rules.ts';
import { API_VERSIONS, isKnownKind, type Manifest } from './manifest.ts';
import { metadataFault, type RuleFault } from './object-rules.ts';
import { readYamlDocuments, type YamlDocument } from './yaml-documents.ts';

const MAX_DOCUMENTS = 5000;

/**
 * The objects in one file, by the rules of kubectl and kube-apiserver: what a cluster would refuse is at fault here,
 * with its line, and leaves the other documents of the file as they are.
 */
export function readManifests(file: string, text: string): readonly Manifest[] {
  const documents = readYamlDocuments(text);
  if (documents.length > MAX_DOCUMENTS) return [unreadable(file, `it holds more than ${MAX_DOCUMENTS} documents`)];
  return documents.flatMap((document) => readDocument(file, document));
}

/** A file of which nothing can be said but why. */
export function unreadable(file: string, reason: string): Manifest {
  return { file, line: 1, object: null, kind: null, namespace: null, name: null, fault: { line: 1, reason } };
}

function readDocument(file: string, document: YamlDocument): readonly Manifest[] {
  const { value } = document;
  if (own(value, 'kind') === 'List' && document.fault === null) {
    const items = own(value, 'items');
    const list: readonly unknown[] = Array.isArray(items) ? items : [];
    return list.map((item, at) => readObject(file, document, item, ['items', at]));
  }
  return [readObject(file, document, value, [])];
}

function readObject(file: string, document: YamlDocument, value: unknown, at: readonly PropertyKey[]): Manifest {
  const line = at.length === 0 ? document.line : document.lineOf(at);
  const found = document.fault ?? located(objectFault(value), document, at);
  return {
    file,
    line,
    object: isPlainObject(value) ? value : null,
    kind: kindOf(value),
    namespace: textOrNull(own(value, 'metadata', 'namespace')),
    name: textOrNull(own(value, 'metadata', 'name')),
    fault: found,
  };
}

function objectFault(value: unknown): RuleFault | null {
  if (!isPlainObject(value)) return { path: [], reason: 'this is not an object of Kubernetes' };
  const { kind, apiVersion } = { kind: own(value, 'kind'), apiVersion: own(value, 'apiVersion') };
  if (typeof kind !== 'string' || kind === '') return { path: ['kind'], reason: 'kind is missing' };
  if (typeof apiVersion !== 'string' || apiVersion === '')
    return { path: ['apiVersion'], reason: 'apiVersion is missing' };
  if (!isKnownKind(kind)) {
    const meant = Object.keys(API_VERSIONS).find((known) => known.toLowerCase() === kind.toLowerCase());
    return meant === undefined
      ? null
      : { path: ['kind'], reason: `no kind "${quotable(kind)}"; it is called ${meant}` };
  }
  const expected = API_VERSIONS[kind];
  if (groupOf(apiVersion) !== groupOf(expected)) return null;
  if (apiVersion !== expected) {
    return { path: ['apiVersion'], reason: `no ${kind} in ${quotable(apiVersion)}; it is in ${expected}` };
  }
  return metadataFault(value['metadata']) ?? kindFault(kind, value);
}

/** Another group may have a kind of the same name: that one is nobody's business here. */
function kindOf(value: unknown): string | null {
  const kind = textOrNull(own(value, 'kind'));
  const apiVersion = textOrNull(own(value, 'apiVersion'));
  if (!isKnownKind(kind) || apiVersion === null || groupOf(apiVersion) === groupOf(API_VERSIONS[kind])) return kind;
  return `${kind}.${groupOf(apiVersion)}`;
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

function located(found: RuleFault | null, document: YamlDocument, at: readonly PropertyKey[]): Manifest['fault'] {
  return found === null ? null : { line: document.lineOf([...at, ...found.path]), reason: found.reason };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
