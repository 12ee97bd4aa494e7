import type { Lookup, ObjectFault, Unreadable } from '../cluster.ts';
import { unreadableBecause } from '../unreadable.ts';
import { isKnownKind, type KnownKind, type Manifest, titleOf } from './manifest.ts';

type Json = Readonly<Record<string, unknown>>;

/** The objects of a folder by kind, namespace and name; and what is wrong with those that are not to be had. */
export interface Inventory {
  readonly get: (kind: KnownKind, namespace: string, name: string) => Lookup<Json>;
  /** Like `get`, for an object that need not be there: only what is known to be it keeps it from being "missing". */
  readonly find: (kind: KnownKind, namespace: string, name: string) => Lookup<Json>;
  /** Every sound object of a kind in a namespace (null: in all of them), by namespace and name. */
  readonly all: (kind: KnownKind, namespace: string | null) => readonly Json[];
  readonly faults: readonly ObjectFault[];
}

/**
 * Puts the objects of a folder in order. One that stands twice is neither of the two. What cannot be told from the
 * object that is looked for – a file that cannot be read, a document that breaks off before its name – keeps the
 * answer from being "missing".
 */
export function takeInventory(manifests: readonly Manifest[]): Inventory {
  const sound = new Map<string, Manifest>();
  const spoilt = new Map<string, Unreadable>();
  const nameless: Manifest[] = [];
  const faults: ObjectFault[] = [];
  for (const manifest of manifests) {
    const { kind, namespace, name, fault } = manifest;
    if (fault !== null) {
      faults.push(faultOf(manifest, fault));
      if (kind === null || (isKnownKind(kind) && name === null)) nameless.push(manifest);
      // Without a namespace it may have been meant for any.
      else if (name !== null) spoilt.set(keyOf(kind, namespace ?? ANY, name), unreadable(manifest, fault));
    } else if (isKnownKind(kind)) {
      const key = keyOf(kind, namespace ?? ANY, name ?? '');
      const twin = sound.get(key);
      if (twin === undefined) {
        sound.set(key, manifest);
        continue;
      }
      const reason = `it stands also in ${twin.file}, line ${twin.line}, and nobody can say which is meant`;
      faults.push(faultOf(manifest, { line: manifest.line, reason }));
      spoilt.set(key, unreadable(manifest, { line: manifest.line, reason }));
    }
  }

  function find(kind: KnownKind, namespace: string, name: string): Lookup<Json> {
    const key = keyOf(kind, namespace, name);
    const object = sound.get(key)?.object ?? null;
    const bad = spoilt.get(key) ?? (object === null ? spoilt.get(keyOf(kind, ANY, name)) : undefined);
    if (bad !== undefined) return bad;
    return object === null ? { status: 'missing' } : { status: 'found', value: object };
  }

  return {
    find,
    get(kind, namespace, name) {
      const found = find(kind, namespace, name);
      const suspect = nameless.find((manifest) => manifest.kind === null || manifest.kind === kind);
      if (found.status !== 'missing' || suspect?.fault === undefined || suspect.fault === null) return found;
      return unreadable(suspect, suspect.fault);
    },
    all(kind, namespace) {
      const prefix = namespace === null ? `${kind}/` : keyOf(kind, namespace, '');
      return [...sound]
        .filter(([key]) => key.startsWith(prefix) && !spoilt.has(key))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([, { object }]) => (object === null ? [] : [object]));
    },
    faults,
  };
}

/** No namespace has this name. */
const ANY = '*';

function keyOf(kind: string, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}

function faultOf(manifest: Manifest, { line, reason }: NonNullable<Manifest['fault']>): ObjectFault {
  return { place: `${manifest.file}:${line}`, reason };
}

function unreadable(manifest: Manifest, { line, reason }: NonNullable<Manifest['fault']>): Unreadable {
  const title = titleOf(manifest);
  return unreadableBecause(`${title === null ? '' : `${title}: `}${manifest.file}, line ${line}: ${reason}`);
}
