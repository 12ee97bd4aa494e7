import { problem, type Problem, quotable } from '@source-integrity/core';
import { CONFIG_MAPS, PART_OF_LABEL } from '../cluster/cluster.ts';
import { isPlainObject, own } from '../cluster/json-object.ts';
import type { Manifest } from '../cluster/manifests/manifest.ts';
import { readManifests } from '../cluster/manifests/read-manifests.ts';
import { InputError } from './command.ts';
import { readTextInput } from './input-files.ts';

/** A ConfigMap has at most 1 MiB; beside it other manifests may lie. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** A trust root of a file: the file itself, or an entry of the ConfigMap in it. */
interface NamedDocument {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface TrustRootFile {
  readonly roots: readonly NamedDocument[];
  /** Why a cluster would refuse the ConfigMap, or Argo CD not see it. */
  readonly faults: readonly Problem[];
}

/** Reads a `trusted_root.json`, or the manifest of `argocd-sigstore-trusted-root-cm`, alone or among others. */
export async function readTrustRootFile(path: string): Promise<TrustRootFile> {
  const text = await readTextInput({ what: 'The file', path, maxBytes: MAX_FILE_BYTES });
  const document = { roots: [{ name: path, bytes: Buffer.from(text) }], faults: [] };
  if (isDocument(text)) return document;
  const meant = readManifests(path, text).filter(({ kind, name }) => isConfigMap(kind, name));
  const [manifest, second] = meant;
  const quoted = JSON.stringify(path);
  if (manifest === undefined) {
    // Broken JSON, of which whoever checks it is told how.
    if (/^\uFEFF?\s*\{/.test(text)) return document;
    throw new InputError(
      `${quoted} holds neither a trusted_root.json nor a ConfigMap named ${CONFIG_MAPS.trustRoots}.`,
    );
  }
  if (second !== undefined) {
    const lines = meant.map(({ line }) => line).join(' and ');
    throw new InputError(`${quoted} holds ${CONFIG_MAPS.trustRoots} more than once: at lines ${lines}.`);
  }
  return { roots: entriesOf(manifest), faults: faultsOf(manifest) };
}

/** JSON that is no object of Kubernetes. */
function isDocument(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return isPlainObject(value) && own(value, 'kind') === undefined;
  } catch {
    return false;
  }
}

function isConfigMap(kind: string | null, name: string | null): boolean {
  return kind === 'ConfigMap' && name === CONFIG_MAPS.trustRoots;
}

function entriesOf({ object }: Manifest): NamedDocument[] {
  const data = own(object, 'data');
  if (!isPlainObject(data)) return [];
  return Object.entries(data).flatMap(([name, value]) =>
    typeof value === 'string' ? [{ name, bytes: Buffer.from(value) }] : [],
  );
}

function faultsOf({ object, fault }: Manifest): Problem[] {
  const { key, value } = PART_OF_LABEL;
  const reasons = [
    ...(fault === null ? [] : [`would be refused by a cluster, line ${fault.line}: ${fault.reason}`]),
    ...(own(object, 'metadata', 'labels', key) === value
      ? []
      : [`lacks the label ${key}: ${value}, without which Argo CD does not see it`]),
    ...(own(object, 'binaryData') === undefined ? [] : ['has binaryData, which nobody reads']),
  ];
  return reasons.map((reason) =>
    problem('trust-root-unreadable', { name: CONFIG_MAPS.trustRoots, reason: quotable(reason) }),
  );
}
