import {
  type Keyring,
  missingPolicy,
  parsePolicy,
  type PolicySet,
  type Problem,
  problem,
  readKeyring,
  sha256,
  unreadablePolicy,
} from '@source-integrity/core';
import type { ClusterView, ConfigEntries, Lookup } from '../cluster/cluster.ts';

/** Policy and key ring of one view, parsed. */
export interface ArgocdSettings {
  readonly policy: PolicySet;
  /** Of the policy's entries, `sha256:…`; null where none are there or can be read. */
  readonly policyDigest: string | null;
  readonly keyring: Keyring | { readonly problem: Problem };
}

/** A view never changes, so what is parsed from it is parsed once; a change of the objects makes another view. */
const parsed = new WeakMap<ClusterView, Promise<ArgocdSettings>>();

/** Reads policy and key ring. What is missing or unreadable is a value under which nothing passes. */
export function argocdSettings(view: ClusterView): Promise<ArgocdSettings> {
  let settings = parsed.get(view);
  if (settings === undefined) {
    settings = parse(view);
    parsed.set(view, settings);
  }
  return settings;
}

async function parse(view: ClusterView): Promise<ArgocdSettings> {
  return { policy: readPolicy(view), policyDigest: digestOf(view.policy()), keyring: await readKeys(view) };
}

function readPolicy(view: ClusterView): PolicySet {
  const policy = view.policy();
  switch (policy.status) {
    case 'found':
      return parsePolicy(Object.fromEntries(policy.value));
    case 'missing':
      return missingPolicy();
    case 'unreadable':
      return unreadablePolicy(policy.reason);
  }
}

function digestOf(policy: Lookup<ConfigEntries>): string | null {
  if (policy.status !== 'found') return null;
  const entries = [...policy.value].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sha256(Buffer.from(JSON.stringify(entries)));
}

/** The last key ring, since most changes of the objects are none of the keys, and reading them takes long. */
let last: { readonly contents: string; readonly keyring: Promise<Keyring> } | null = null;

async function readKeys(view: ClusterView): Promise<ArgocdSettings['keyring']> {
  const keyring = view.keyring();
  switch (keyring.status) {
    case 'found': {
      const contents = JSON.stringify([...keyring.value]);
      if (last?.contents !== contents) {
        const entries = [...keyring.value].map(([name, armored]) => ({ name, bytes: Buffer.from(armored, 'utf8') }));
        last = { contents, keyring: readKeyring(entries, 'argocd') };
      }
      return last.keyring;
    }
    case 'missing':
      return { problem: problem('keyring-missing', {}) };
    case 'unreadable':
      return { problem: keyring.problem };
  }
}
