import { parseApplication, parseProject, type Problem, quotable } from '@source-integrity/core';
import { isPlainObject, own } from '../json-object.ts';
import type { KnownKind } from './manifest.ts';
import { type RuleFault, textEntries } from './object-rules.ts';

/** Bytes of all data of a ConfigMap or a Secret (`MaxSecretSize`). */
const MAX_DATA = 1024 * 1024;
/** Bytes of one object that etcd takes. */
const MAX_OBJECT = 1.5 * 1024 * 1024;
const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/;
/** Standard base64 with padding, as Go's decoder takes it: line ends are ignored. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const FIELDS: Readonly<Record<KnownKind, readonly string[]>> = {
  Application: ['spec', 'status', 'operation'],
  AppProject: ['spec', 'status'],
  ConfigMap: ['data', 'binaryData', 'immutable'],
  Secret: ['data', 'stringData', 'type', 'immutable'],
};

const SOURCE_FIELDS = [
  'chart',
  'directory',
  'helm',
  'kustomize',
  'name',
  'path',
  'plugin',
  'ref',
  'repoURL',
  'tagPrefix',
  'targetRevision',
];

/** Fields and requirements of Argo CD's CRDs, as far as a slip there would change what is verified. */
const APPLICATION_SPEC = [
  'destination',
  'ignoreDifferences',
  'info',
  'project',
  'revisionHistoryLimit',
  'source',
  'sourceHydrator',
  'sources',
  'syncPolicy',
];
const PROJECT_SPEC = [
  'clusterResourceBlacklist',
  'clusterResourceWhitelist',
  'description',
  'destinationServiceAccounts',
  'destinations',
  'namespaceResourceBlacklist',
  'namespaceResourceWhitelist',
  'orphanedResources',
  'permitOnlyProjectScopedClusters',
  'roles',
  'signatureKeys',
  'sourceIntegrity',
  'sourceNamespaces',
  'sourceRepos',
  'syncWindows',
];

/** The rules for one kind: known fields, required ones, and what its data may be. */
export function kindFault(kind: KnownKind, object: Readonly<Record<string, unknown>>): RuleFault | null {
  const fields = ['apiVersion', 'kind', 'metadata', ...FIELDS[kind]];
  return fieldsFault(object, fields, []) ?? sizeFault(object) ?? contentFault(kind, object);
}

function contentFault(kind: KnownKind, object: Readonly<Record<string, unknown>>): RuleFault | null {
  switch (kind) {
    case 'ConfigMap':
      return configMapFault(object);
    case 'Secret':
      return secretFault(object);
    case 'Application':
      return applicationFault(object);
    case 'AppProject':
      return (
        required(object, ['spec']) ??
        fieldsFault(own(object, 'spec'), PROJECT_SPEC, ['spec']) ??
        schemaFault(parseProject(object, ''))
      );
  }
}

/** `ValidateConfigMap`. */
function configMapFault(object: Readonly<Record<string, unknown>>): RuleFault | null {
  const data = textEntries(object['data'], 'data', []);
  if ('reason' in data) return data;
  const binary = textEntries(object['binaryData'], 'binaryData', []);
  if ('reason' in binary) return binary;
  const twice = binary.find(([key]) => own(object, 'data', key) !== undefined);
  if (twice !== undefined)
    return { path: ['binaryData', twice[0]], reason: `${twice[0]} stands in data and in binaryData` };
  return (
    keysFault('data', data) ??
    keysFault('binaryData', binary) ??
    base64Fault('binaryData', binary) ??
    dataSizeFault([...data, ...binary])
  );
}

/** `ValidateSecret`; `stringData` is written over `data`. */
function secretFault(object: Readonly<Record<string, unknown>>): RuleFault | null {
  const data = textEntries(object['data'], 'data', []);
  if ('reason' in data) return data;
  const texts = textEntries(object['stringData'], 'stringData', []);
  if ('reason' in texts) return texts;
  return (
    keysFault('data', data) ??
    keysFault('stringData', texts) ??
    base64Fault('data', data) ??
    dataSizeFault([...data, ...texts])
  );
}

function applicationFault(object: Readonly<Record<string, unknown>>): RuleFault | null {
  const spec = own(object, 'spec');
  return (
    required(object, ['spec']) ??
    required(object, ['spec', 'destination']) ??
    required(object, ['spec', 'project']) ??
    fieldsFault(spec, APPLICATION_SPEC, ['spec']) ??
    sourceFault(own(spec, 'source'), ['spec', 'source']) ??
    listOf(own(spec, 'sources'))
      .map((source, at) => sourceFault(source, ['spec', 'sources', String(at)]))
      .find((found) => found !== null) ??
    schemaFault(parseApplication(object))
  );
}

/** What the CRD's types would refuse, as far as they are read here. */
function schemaFault(parsed: object | { readonly problem: Problem }): RuleFault | null {
  if (!('problem' in parsed)) return null;
  const { path, reason } = parsed.problem.params;
  return { path: String(path).split('.'), reason: `${String(path)} ${String(reason)}` };
}

function sourceFault(source: unknown, path: readonly string[]): RuleFault | null {
  if (source === undefined || source === null) return null;
  const missing =
    typeof own(source, 'repoURL') === 'string' ? null : { path, reason: `${path.join('.')}.repoURL is required` };
  return missing ?? fieldsFault(source, SOURCE_FIELDS, path);
}

function required(object: unknown, path: readonly string[]): RuleFault | null {
  const value = own(object, ...path);
  return value === undefined || value === null ? { path, reason: `${path.join('.')} is required` } : null;
}

function fieldsFault(value: unknown, fields: readonly string[], at: readonly string[]): RuleFault | null {
  if (!isPlainObject(value)) return { path: at, reason: `${at.join('.')} is not an object` };
  const unknown = Object.keys(value).find((field) => !fields.includes(field));
  if (unknown === undefined) return null;
  return { path: [...at, unknown], reason: `unknown field "${[...at, quotable(unknown)].join('.')}"` };
}

function keysFault(field: string, entries: readonly (readonly [string, string])[]): RuleFault | null {
  for (const [key] of entries) {
    if (key.length > 253)
      return { path: [field, key], reason: `the key "${quotable(key)}" in ${field} is longer than 253 characters` };
    if (!CONFIG_KEY.test(key) || key === '.' || key.startsWith('..')) {
      return {
        path: [field, key],
        reason: `the key "${quotable(key)}" in ${field} may hold only letters, digits, "-", "_" and ".", and may not be "." nor begin with ".."`,
      };
    }
  }
  return null;
}

function base64Fault(field: string, entries: readonly (readonly [string, string])[]): RuleFault | null {
  const bad = entries.find(([, value]) => !BASE64.test(value.replaceAll(/[\r\n]/g, '')));
  return bad === undefined
    ? null
    : {
        path: [field, bad[0]],
        reason: `${field}.${quotable(bad[0])} is not base64; write plain text under stringData`,
      };
}

function dataSizeFault(entries: readonly (readonly [string, string])[]): RuleFault | null {
  const size = entries.reduce((sum, [, value]) => sum + Buffer.byteLength(value), 0);
  return size > MAX_DATA ? { path: ['data'], reason: 'the data is larger than 1 MiB' } : null;
}

function sizeFault(object: Readonly<Record<string, unknown>>): RuleFault | null {
  return Buffer.byteLength(JSON.stringify(object)) > MAX_OBJECT
    ? { path: [], reason: 'the object is larger than 1.5 MiB' }
    : null;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
