import {
  problem,
  type ReadTrustRoot,
  readTrustRoot,
  type SignatureTrust,
  type TrustEntries,
} from '@source-integrity/core';
import seeds from '@sigstore/tuf/seeds.json' with { type: 'json' };
import * as z from 'zod';
import { type ClusterView, CONFIG_MAPS, type ConfigEntries, type Lookup } from '../cluster/cluster.ts';

const Seeds = z.record(z.string(), z.object({ targets: z.record(z.string(), z.string()) }));

/** cosign keys and trust roots of a view. The public-good root is the one that came with this release. */
export function signatureTrust(view: ClusterView, now: Date): SignatureTrust {
  return {
    cosignKeys: entriesOf(view.cosignKeys(), CONFIG_MAPS.cosignKeys),
    trustRoots: entriesOf(view.trustRoots(), CONFIG_MAPS.trustRoots),
    publicGood: () => Promise.resolve(shippedTrustRoot(now)),
  };
}

function entriesOf(lookup: Lookup<ConfigEntries>, configMap: string): TrustEntries {
  switch (lookup.status) {
    case 'found':
      return { entries: lookup.value };
    case 'missing':
      return { problem: problem('trust-config-map-missing', { configMap }) };
    case 'unreadable':
      return { problem: lookup.problem };
  }
}

/** The root of the public-good instance, as the library that ships it keeps it: base64 of `trusted_root.json`. */
export function shippedTrustRoot(now: Date): ReadTrustRoot {
  const [seed] = Object.values(Seeds.parse(seeds));
  const encoded = seed?.targets['trusted_root.json'];
  if (encoded === undefined) return { problem: problem('trust-root-missing', {}) };
  return readTrustRoot('public-good', Buffer.from(encoded, 'base64'), now);
}
