import { problem, type ReadTrustRoot, type SignatureTrust, type TrustEntries } from '@source-integrity/core';
import { type ClusterView, CONFIG_MAPS, type ConfigEntries, type Lookup } from '../cluster/cluster.ts';

/** cosign keys and trust roots of a view; `publicGood` is the root that holds where a policy names none. */
export function signatureTrust(view: ClusterView, publicGood: () => ReadTrustRoot): SignatureTrust {
  return {
    cosignKeys: entriesOf(view.cosignKeys(), CONFIG_MAPS.cosignKeys),
    trustRoots: entriesOf(view.trustRoots(), CONFIG_MAPS.trustRoots),
    publicGood: () => Promise.resolve(publicGood()),
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
