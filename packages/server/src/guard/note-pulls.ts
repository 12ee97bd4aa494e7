import type { Cluster } from '../cluster/cluster.ts';
import { argocdSettings } from '../verification/argocd-settings.ts';
import type { Pulls } from './pulls.ts';

/** Tells what is remembered of pulls whether the policy says that the guard is before all of them. */
export async function notePulls(cluster: Pick<Cluster, 'view'>, pulls: Pulls): Promise<void> {
  const { policy } = await argocdSettings(await cluster.view());
  // A policy that cannot be read says nothing; if it stays so, that counts as a server that was away.
  if (policy.problems.length === 0) await pulls.note(policy.verifiedPull === 'everywhere');
}
