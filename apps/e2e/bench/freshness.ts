import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How long a version's bytes count, as an administrator would change it. */
export function setFreshness(cluster: string, freshness: string): void {
  const path = join(cluster, 'argocd-source-integrity-cm.yaml');
  const policy = readFileSync(path, 'utf8').replace(/^ {2}freshness: .*\n/m, '');
  writeFileSync(path, policy.replace(/^data:\n/m, `data:\n  freshness: ${freshness}\n`));
}
