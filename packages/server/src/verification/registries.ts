import {
  ARGOCD_CACHE_MS,
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
  type SeenArtifact,
  type TokenRealm,
} from '@source-integrity/core';
import type { ClusterView } from '../cluster/cluster.ts';
import type { AccessOutcome } from '../cluster/resolve-access.ts';
import type { ChartVersion, Store } from '../store/store.ts';
import { readRegistryFacts, type RegistryChart, writeRegistryFacts } from './registry-record.ts';
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
    const keyOf = (asked: string): string => JSON.stringify([identities, repoURL, chart, asked, signatureRepositories]);
    const key = keyOf(revision);
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
        if (ask.record) await this.#keep(planned, collected.evidence);
        const exact = askedExactly(collected.evidence);
        if (exact !== null) settling.offer(key, keyOf(exact.revision), exact.evidence);
        return { value: collected.evidence };
      } catch (error) {
        if (!signal.aborted) throw error;
        return { problem: problem('verification-timed-out', { since: startedAt.toISOString() }) };
      }
    });
    if ('problem' in outcome) return outcome;
    // What a dry run has seen counts once somebody rests on it.
    if (ask.record) await this.#keep(planned, outcome.value);
    return { evidence: outcome.value };
  }

  /** What else lay in the registry as the same version of a chart while Argo CD may still hold it. */
  async otherArtifacts(planned: PlannedSource, evidence: RegistryEvidence): Promise<readonly SeenArtifact[]> {
    if (evidence.form !== 'chart') return [];
    const { store, now } = this.#options;
    const seen = await store.digests.seen(versionOf(planned, evidence), now().getTime() - ARGOCD_CACHE_MS);
    const others: SeenArtifact[] = [];
    for (const { digest, lastSeen, facts } of seen) {
      if (digest === evidence.chart.manifest.digest) continue;
      const read = await readRegistryFacts(facts, store.blobs);
      if (read !== null) others.push({ evidence: read, lastSeen: new Date(lastSeen) });
    }
    return others;
  }

  /** Once for each look, dated with that look. */
  async #keep(planned: PlannedSource, evidence: RegistryEvidence): Promise<void> {
    if (this.#kept.has(evidence)) return;
    this.#kept.add(evidence);
    const { blobs, digests } = this.#options.store;
    for (const { bytes } of retainedEvidence(evidence)) await blobs.put(bytes);
    if (evidence.form !== 'chart') return;
    const { manifest, observedAt } = evidence.chart;
    const version = versionOf(planned, evidence);
    const facts = (await this.#knownFacts(version, evidence)) ?? (await writeRegistryFacts(evidence, blobs));
    await digests.record(version, manifest.digest, Date.parse(observedAt), facts);
  }

  /** What is known of the same chart, where this look says less: hiding a signature makes nobody forget it. */
  async #knownFacts(version: ChartVersion, { chart, signatures }: RegistryChart): Promise<string | null> {
    const isWhole =
      chart.provenance.state !== 'unknown' && signatures.candidates.every(({ format }) => format !== 'unreadable');
    if (isWhole) return null;
    const seen = await this.#options.store.digests.seen(version, 0);
    return seen.find(({ digest }) => digest === chart.manifest.digest)?.facts ?? null;
  }
}

/**
 * The answer to who asks for the very version or digest that a range or a tag was resolved to: pin writes it, and the
 * gate asks for it.
 */
function askedExactly(
  evidence: RegistryEvidence,
): { readonly revision: string; readonly evidence: RegistryEvidence } | null {
  if (evidence.form === 'artifact') {
    const { artifact } = evidence;
    const revision = artifact.manifest.digest;
    if (artifact.tag === null) return null;
    const requested = { ...artifact.requested, targetRevision: revision };
    return { revision, evidence: { ...evidence, artifact: { ...artifact, requested, tag: null } } };
  }
  const { chart } = evidence;
  const { revision, kind } = chart.resolved;
  if (kind !== 'constraint') return null;
  const requested = { ...chart.requested, targetRevision: revision };
  return {
    revision,
    evidence: { ...evidence, chart: { ...chart, requested, resolved: { revision, kind: 'version' } } },
  };
}

/** As Argo CD names what it caches: by the URL as it is written, the chart and the version that Helm deploys. */
function versionOf({ source }: PlannedSource, { chart }: RegistryChart): ChartVersion {
  return { repoURL: source.repoURL, chart: source.chart ?? '', version: chart.version };
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
