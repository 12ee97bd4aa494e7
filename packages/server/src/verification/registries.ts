import {
  type AuthorizationCache,
  collectRegistrySource,
  type CollectedRegistrySource,
  type Fetch,
  type PhaseName,
  type PlannedSource,
  type Problem,
  problem,
  type RegistryAccess,
  type RegistryEvidence,
  retainedEvidence,
  type TokenRealm,
} from '@source-integrity/core';
import type { ClusterView } from '../cluster/cluster.ts';
import type { AccessOutcome } from '../cluster/resolve-access.ts';
import type { Store } from '../store/store.ts';
import type { Ask, Settling } from './settling.ts';

export interface RegistriesOptions {
  readonly fetch: Fetch;
  readonly authorizations: AuthorizationCache;
  readonly tokenRealms: readonly TokenRealm[];
  readonly store: Store;
  readonly settling: Settling<RegistryEvidence>;
  readonly now: () => Date;
  /** Milliseconds for one artifact with everything that belongs to it. */
  readonly timeoutMs: number;
}

export interface RegistryAsk extends Ask {
  /** A dry run leaves nothing behind. */
  readonly record: boolean;
  readonly enter: (phase: PhaseName) => void;
}

/** Charts and other artifacts as their registries serve them, with the signatures beside them. */
export class Registries {
  readonly #options: RegistriesOptions;
  readonly #kept = new WeakSet<RegistryEvidence>();

  constructor(options: RegistriesOptions) {
    this.#options = options;
  }

  /** The evidence for a source, no older than asked for. What was asked with other credentials is another answer. */
  async collect(
    view: ClusterView,
    project: string,
    planned: PlannedSource,
    signatureRepositories: readonly string[],
    ask: RegistryAsk,
  ): Promise<CollectedRegistrySource> {
    const { source, revision } = planned;
    const { repoURL, chart } = source;
    const { settling, now, timeoutMs } = this.#options;
    const own = view.access(repoURL, project);
    if ('problem' in own) return own;
    const identities = [repoURL, ...signatureRepositories.map((repository) => `oci://${repository}`)].map((url) =>
      identityOf(view.access(url, project)),
    );
    const key = JSON.stringify([identities, repoURL, chart, revision, signatureRepositories]);
    const outcome = await settling.ask(key, ask, async () => {
      const startedAt = now();
      const signal = AbortSignal.timeout(timeoutMs);
      const accessTo = (url: string): RegistryAccess | { readonly problem: Problem } =>
        registryAccess(view.access(url, project), this.#options, signal);
      const registry = accessTo(repoURL);
      if ('problem' in registry) return registry;
      try {
        const collected = await collectRegistrySource({
          repoURL,
          chart,
          targetRevision: revision,
          signatureRepositories,
          registry,
          accessTo: ({ registry: host, name }) => accessTo(`oci://${host}/${name}`),
          now: startedAt,
          onPhase: ask.enter,
        });
        if ('problem' in collected) return collected;
        // Here too, since whoever asked may be gone by now.
        if (ask.record) await this.#keep(collected.evidence);
        return { value: collected.evidence };
      } catch (error) {
        if (!signal.aborted) throw error;
        return { problem: problem('verification-timed-out', { since: startedAt.toISOString() }) };
      }
    });
    if ('problem' in outcome) return outcome;
    // What a dry run has seen counts once somebody rests on it.
    if (ask.record) await this.#keep(outcome.value);
    return { evidence: outcome.value };
  }

  async #keep(evidence: RegistryEvidence): Promise<void> {
    if (this.#kept.has(evidence)) return;
    this.#kept.add(evidence);
    for (const { bytes } of retainedEvidence(evidence)) await this.#options.store.blobs.put(bytes);
  }
}

/** By whose credentials a repository would be asked; a Secret that cannot be read is nobody's. */
function identityOf(outcome: AccessOutcome): string | null {
  return 'access' in outcome ? outcome.access.identity : null;
}

/** How a registry is asked with what Argo CD's Secrets say of it. */
export function registryAccess(
  outcome: AccessOutcome,
  { fetch, authorizations, tokenRealms }: Pick<RegistriesOptions, 'fetch' | 'authorizations' | 'tokenRealms'>,
  signal: AbortSignal,
): RegistryAccess | { readonly problem: Problem } {
  if ('problem' in outcome) return outcome;
  const { access } = outcome;
  return { fetch, access, plainHttp: access.insecureOCIForceHttp, authorizations, tokenRealms, signal };
}
