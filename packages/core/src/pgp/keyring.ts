import { createHash } from 'node:crypto';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { decodeArmor, trimSpace } from './armor.ts';
import { type KeysRead, readKeys } from './key-reader.ts';
import type { PgpKey } from './pgp-key.ts';

/** One entry of argocd-gpg-keys-cm, or one file. */
export interface KeyringEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * `argocd`: each entry holds exactly one public key and is named by its key ID, as Argo CD keeps them; what is wrong
 * with an entry concerns that entry alone. `files`: each entry is a key ring as `helm verify --keyring` takes it.
 */
export type KeyringForm = 'argocd' | 'files';

export interface KeyringKey extends PgpKey {
  /** Name of the entry that holds it. */
  readonly entry: string;
}

/** A key of an entry that can't be used, whose signatures may therefore look like those of an unknown key. */
export interface KeyringFault {
  /** Key IDs that it may have, the entry's name among them in Argo CD's form; null: any. */
  readonly keyIds: readonly string[] | null;
  readonly problem: Problem;
}

/** Keys whose self-signatures were verified; nothing in it depends on the time. */
export interface Keyring {
  /** In the order of the ring. A key may be there twice: the first copy that may sign counts. */
  readonly keys: readonly KeyringKey[];
  readonly faults: readonly KeyringFault[];
  /** SHA-256 in hex over form, names and contents, for cache keys. */
  readonly identity: string;
}

const MAX_ENTRY_BYTES = 1024 * 1024;
const MAX_KEYS = 1_000;

/**
 * Reads a key ring, armored (any number of blocks) or binary. An entry has at most 1 MiB, the ring at most 1000 keys.
 * Entries of Argo CD's form are taken in the order of their names, files in the given order.
 */
export async function readKeyring(entries: readonly KeyringEntry[], form: KeyringForm): Promise<Keyring> {
  const ordered = form === 'argocd' ? entries.toSorted((a, b) => (a.name < b.name ? -1 : 1)) : entries;
  const identity = identityOf(ordered, form);
  const keys: KeyringKey[] = [];
  const faults: KeyringFault[] = [];
  for (const entry of ordered) {
    const read = await readEntry(entry, form);
    keys.push(...read.keys);
    faults.push(...read.faults);
    if (keys.length > MAX_KEYS || faults.length > MAX_KEYS) {
      const fault = { keyIds: null, problem: problem('keyring-too-many-keys', { limit: MAX_KEYS }) };
      return { keys: [], faults: [fault], identity };
    }
  }
  return { keys, faults, identity };
}

function identityOf(entries: readonly KeyringEntry[], form: KeyringForm): string {
  const hash = createHash('sha256').update(form);
  for (const { name, bytes } of entries) {
    hash.update(`\0${JSON.stringify(name)} ${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

type EntryRead = Pick<Keyring, 'keys' | 'faults'>;

async function readEntry(entry: KeyringEntry, form: KeyringForm): Promise<EntryRead> {
  const name = quotable(entry.name);
  const named = form === 'argocd' ? [entry.name.toUpperCase()] : [];
  const keyIds = form === 'argocd' ? named : null;
  const refused = (reason: Problem): EntryRead => ({ keys: [], faults: [{ keyIds, problem: reason }] });
  if (entry.bytes.length > MAX_ENTRY_BYTES) {
    return refused(problem('keyring-entry-too-large', { entry: name, limitBytes: MAX_ENTRY_BYTES }));
  }
  if (isKeybox(entry.bytes)) return refused(problem('keyring-keybox', { entry: name }));
  const read = await readOctets(entry.bytes, form);
  if (read.fault !== null) {
    return refused(problem('keyring-entry-unreadable', { entry: name, reason: quotable(read.fault) }));
  }
  const faults = [
    ...read.unusable.map((key) => ({
      keyIds: key.keyIds.length === 0 ? keyIds : [...key.keyIds, ...named],
      problem: problem('keyring-key-unusable', {
        entry: name,
        keyId: key.keyIds[0] ?? null,
        reason: quotable(key.reason),
      }),
    })),
    ...read.keys.flatMap((key) => unsupportedParts(key, name)),
  ];
  if (form === 'files') return { keys: read.keys.map((key) => ({ ...key, entry: name })), faults };
  if (read.unusable.length > 0) return { keys: [], faults };
  const [key] = read.keys;
  if (key === undefined) return refused(problem('keyring-entry-unreadable', { entry: name, reason: 'it has no key' }));
  const wrong = argocdProblem(read.keys, key, name);
  return wrong === null ? { keys: [{ ...key, entry: name }], faults } : refused(wrong);
}

/** What Argo CD's rules for an entry say against it; null: nothing. */
function argocdProblem(keys: readonly PgpKey[], { primary, secret }: PgpKey, entry: string): Problem | null {
  if (keys.length > 1) {
    const keyIds = keys.slice(0, 10).map((key) => key.primary.keyId);
    return problem('keyring-entry-several-keys', { entry, keyIds });
  }
  if (secret) return problem('keyring-private-key', { entry, keyId: primary.keyId });
  if (entry.toUpperCase() === primary.keyId) return null;
  return problem('keyring-entry-misnamed', { entry, expected: entry, actual: primary.keyId });
}

function unsupportedParts({ primary, subkeys }: PgpKey, entry: string): KeyringFault[] {
  return [primary, ...subkeys.map(({ material }) => material)].flatMap(({ unsupported, keyId }) =>
    unsupported === null
      ? []
      : [{ keyIds: [keyId], problem: problem('keyring-key-unsupported', { entry, keyId, algorithm: unsupported }) }],
  );
}

async function readOctets(bytes: Uint8Array, form: KeyringForm): Promise<KeysRead> {
  if (!isArmored(bytes, form)) return readKeys(bytes, MAX_KEYS);
  const keys: PgpKey[] = [];
  const unusable: KeysRead['unusable'][number][] = [];
  let block = decodeArmor(bytes);
  for (; block !== null; block = decodeArmor(bytes, block.end)) {
    if (block.type !== 'PGP PUBLIC KEY BLOCK' && block.type !== 'PGP PRIVATE KEY BLOCK') {
      return { keys: [], unusable: [], fault: `it has a ${block.type}, which is not a key` };
    }
    if (block.fault !== null) return { keys: [], unusable: [], fault: block.fault };
    const read = await readKeys(block.octets, MAX_KEYS);
    if (read.fault !== null) return read;
    keys.push(...read.keys);
    unusable.push(...read.unusable);
    if (keys.length > MAX_KEYS) return { keys: [], unusable: [], fault: `there are more than ${MAX_KEYS} keys` };
  }
  if (keys.length === 0 && unusable.length === 0) return { keys, unusable, fault: 'it has no key' };
  return { keys, unusable, fault: null };
}

/** Helm allows nothing but blanks before the first block of a file; Argo CD gives its entries to GnuPG, which does. */
function isArmored(bytes: Uint8Array, form: KeyringForm): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  return form === 'argocd' ? text.includes('-----BEGIN PGP') : trimSpace(text).startsWith('-----BEGIN PGP');
}

/** GnuPG's pubring.kbx, by the magic of its first blob (kbx/keybox-blob.c). */
function isKeybox(bytes: Uint8Array): boolean {
  return bytes[4] === 1 && Buffer.from(bytes.subarray(8, 12)).toString('latin1') === 'KBXf';
}
