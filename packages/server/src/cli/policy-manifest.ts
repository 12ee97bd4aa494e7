import { problem, type Problem, quotable } from '@source-integrity/core';
import { CONFIG_MAPS, PART_OF_LABEL } from '../cluster/cluster.ts';
import { isPlainObject, own } from '../cluster/json-object.ts';
import type { Manifest } from '../cluster/manifests/manifest.ts';
import { readManifests } from '../cluster/manifests/read-manifests.ts';
import { readYamlDocuments } from '../cluster/manifests/yaml-documents.ts';
import { InputError } from './command.ts';

/** A place in a file, from 1. */
interface FilePlace {
  readonly line: number;
  readonly column: number;
}

/** The policy ConfigMap of a file. */
export interface PolicyManifest {
  readonly data: Readonly<Record<string, string>>;
  /** Why a cluster would refuse it, or Argo CD not see it, and where. */
  readonly faults: readonly { readonly line: number; readonly problem: Problem }[];
  /** Where a line of an entry stands in the file; null where the YAML around it leaves that open. */
  readonly placeOf: (entry: string, line: number, column: number) => FilePlace | null;
}

/** Finds `argocd-source-integrity-cm` among the documents of a file. Throws an {@link InputError} if it is not there. */
export function readPolicyManifest(file: string, text: string): PolicyManifest {
  const manifests = readManifests(file, text);
  const meant = manifests.filter(({ kind, name }) => kind === 'ConfigMap' && name === CONFIG_MAPS.policy);
  const nameless = manifests.filter(({ kind, name, fault }) => fault !== null && (kind === null || name === null));
  const [first, second] = meant;
  if (first === undefined && nameless.length === 0) throw new InputError(absence(file, manifests));
  if (second !== undefined) {
    const lines = meant.map(({ line }) => line).join(' and ');
    throw new InputError(`${JSON.stringify(file)} holds ${CONFIG_MAPS.policy} more than once: at lines ${lines}.`);
  }
  return {
    data: first === undefined ? {} : dataOf(first),
    faults: [
      ...(first === undefined ? nameless : [first]).flatMap(clusterFault),
      ...(first === undefined ? [] : labelFault(first)),
    ],
    placeOf: entryPlaces(text),
  };
}

function absence(file: string, manifests: readonly Manifest[]): string {
  const found = manifests.map(({ kind, name }) => [kind, name].filter((part) => part !== null).join(' ')).join(', ');
  const but = found === '' ? 'it is empty' : `it holds ${quotable(found)}`;
  return `${JSON.stringify(file)} holds no ConfigMap named ${CONFIG_MAPS.policy}; ${but}.`;
}

function dataOf({ object }: Manifest): Record<string, string> {
  const data = own(object, 'data');
  if (!isPlainObject(data)) return {};
  return Object.fromEntries(
    Object.entries(data).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  );
}

function clusterFault({ fault }: Manifest): PolicyManifest['faults'] {
  if (fault === null) return [];
  return [
    { line: fault.line, problem: problem('policy-unreadable', { reason: `line ${fault.line}: ${fault.reason}` }) },
  ];
}

function labelFault({ object, line }: Manifest): PolicyManifest['faults'] {
  const { key, value } = PART_OF_LABEL;
  if (own(object, 'metadata', 'labels', key) === value) return [];
  const reason = `it lacks the label ${key}: ${value}, without which Argo CD does not see it`;
  return [{ line, problem: problem('policy-unreadable', { reason }) }];
}

/**
 * The place of an entry's text in the file, wherever the file has that text as it is: below `key: |`, or behind the
 * key on the same line. Every answer is checked against the file.
 */
function entryPlaces(text: string): PolicyManifest['placeOf'] {
  const fileLines = text.split(/\r?\n/);
  const entries = new Map<string, { readonly keyLine: number; readonly lines: readonly string[] }>();
  for (const document of readYamlDocuments(text)) {
    const roots: readonly (readonly PropertyKey[])[] = [[], ...listItems(document.value)];
    for (const root of roots) {
      const object = at(document.value, root);
      const data = own(object, 'data');
      if (own(object, 'metadata', 'name') !== CONFIG_MAPS.policy || !isPlainObject(data)) continue;
      for (const [key, value] of Object.entries(data)) {
        if (typeof value !== 'string') continue;
        entries.set(key, { keyLine: document.lineOf([...root, 'data', key]), lines: value.split('\n') });
      }
    }
  }
  return (entry, line, column) => {
    const found = entries.get(entry);
    const wanted = found?.lines[line - 1];
    if (found === undefined || wanted === undefined) return null;
    const header = fileLines[found.keyLine - 1] ?? '';
    if (/:\s*\|[-+0-9]*\s*(?:#.*)?$/.test(header)) {
      const there = fileLines[found.keyLine - 1 + line] ?? '';
      if (!there.endsWith(wanted)) return null;
      return { line: found.keyLine + line, column: there.length - wanted.length + column };
    }
    const offset = found.lines.length === 1 && wanted !== '' ? header.indexOf(wanted, header.indexOf(':')) : -1;
    return offset < 0 ? null : { line: found.keyLine, column: offset + column };
  };
}

function listItems(value: unknown): readonly (readonly PropertyKey[])[] {
  const items = own(value, 'kind') === 'List' ? own(value, 'items') : [];
  return Array.isArray(items) ? items.map((_, index) => ['items', index]) : [];
}

function at(value: unknown, [first, index]: readonly PropertyKey[]): unknown {
  if (first === undefined) return value;
  const items = own(value, 'items');
  return Array.isArray(items) && typeof index === 'number' ? items.at(index) : null;
}
