import {
  ARGOCD_CACHE_MS,
  type ChartEvidence,
  collectChart,
  type Collected,
  type CollectLimits,
  type CollectPhase,
  type Fetch,
  type IndexThread,
  type PlannedSource,
  problem,
  type SeenBytes,
} from '@source-integrity/core';
import type { ClusterView } from '../cluster/cluster.ts';
import type { ChartVersion, Store } from '../store/store.ts';
import { readFacts, writeFacts } from './evidence-record.ts';
import type { Ask, Settling } from './settling.ts';

export interface ChartsOptions {
  readonly fetch: Fetch;
  readonly indexThread: IndexThread;
  readonly limits: CollectLimits;
  readonly store: Store;
  readonly settling: Settling<ChartEvidence>;
  readonly now: () => Date;
  /** Milliseconds for one chart with everything that belongs to it. */
  readonly timeoutMs: number;
}

export interface ChartAsk extends Ask {
  /** A dry run leaves nothing behind. */
  readonly record: boolean;
  readonly onPhase: (phase: CollectPhase) => void;
}

/** Charts as their repositories serve them, and the other bytes that were served under the same versions. */
export class Charts {
  readonly #options: ChartsOptions;
  readonly #recorded = new WeakSet<ChartEvidence>();

  constructor(options: ChartsOptions) {
    this.#options = options;
  }

  /** The evidence for a source, no older than asked for. What was asked with other credentials is another answer. */
  async collect(view: ClusterView, project: string, planned: PlannedSource, ask: ChartAsk): Promise<Collected> {
    const { source, revision } = planned;
    const resolved = view.access(source.repoURL, project);
    if ('problem' in resolved) return resolved;
    const { access } = resolved;
    const chart = source.chart ?? '';
    const keyOf = (asked: string): string =>
      JSON.stringify([access.identity, source.repoURL, chart, asked, source.passCredentials]);
    const key = keyOf(revision);
    const { settling, fetch, indexThread, limits, timeoutMs, now } = this.#options;
    const outcome = await settling.ask(key, ask, async () => {
      const startedAt = now();
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        const collected = await collectChart({
          repoURL: source.repoURL,
          chart,
          targetRevision: revision,
          access,
          passCredentials: source.passCredentials,
          fetch,
          indexThread,
          limits,
          now: startedAt,
          signal,
          onPhase: ask.onPhase,
        });
        if ('problem' in collected) return collected;
        // Here too, since whoever asked may be gone by now.
        if (ask.record) await this.#record(planned, collected.evidence);
        const exact = askedExactly(collected.evidence);
        if (exact !== null) settling.offer(key, keyOf(exact.resolved.revision), exact);
        return { value: collected.evidence };
      } catch (error) {
        if (!signal.aborted) throw error;
        return { problem: problem('verification-timed-out', { since: startedAt.toISOString() }) };
      }
    });
    if ('problem' in outcome) return outcome;
    // What a dry run has seen, or was asked for together with one, counts once somebody rests on it.
    if (ask.record) await this.#record(planned, outcome.value);
    return { evidence: outcome.value };
  }

  /** Bytes other than these that were served as the same version while Argo CD may still hold them. */
  async otherBytes(planned: PlannedSource, evidence: ChartEvidence): Promise<readonly SeenBytes[]> {
    const { store, now } = this.#options;
    const seen = await store.digests.seen(versionOf(planned, evidence), now().getTime() - ARGOCD_CACHE_MS);
    const others: SeenBytes[] = [];
    for (const { digest, lastSeen, facts } of seen) {
      if (digest === evidence.chart.digest) continue;
      const read = await readFacts(facts, store.blobs);
      if (read !== null) others.push({ evidence: read, lastSeen: new Date(lastSeen) });
    }
    return others;
  }

  /** Once for each look at the bytes, dated with that look. */
  async #record(planned: PlannedSource, evidence: ChartEvidence): Promise<void> {
    const { blobs, digests } = this.#options.store;
    if (this.#recorded.has(evidence)) return;
    this.#recorded.add(evidence);
    const version = versionOf(planned, evidence);
    const { digest } = evidence.chart;
    const facts = (await this.#knownFacts(version, evidence)) ?? (await writeFacts(evidence, blobs));
    await digests.record(version, digest, Date.parse(evidence.observedAt), facts);
  }

  /**
   * What is known of the same bytes, where this look says less: a repository that hides a provenance file does not
   * make anybody forget what was wrong with it.
   */
  async #knownFacts(version: ChartVersion, { chart, provenance }: ChartEvidence): Promise<string | null> {
    if (provenance.state !== 'unknown') return null;
    const seen = await this.#options.store.digests.seen(version, 0);
    return seen.find(({ digest }) => digest === chart.digest)?.facts ?? null;
  }
}

/** The answer to who asks for the very version that a range was resolved to: pin writes it, and the gate asks for it. */
function askedExactly(evidence: ChartEvidence): ChartEvidence | null {
  const { requested, resolved } = evidence;
  if (resolved.kind !== 'constraint') return null;
  const { revision } = resolved;
  return {
    ...evidence,
    requested: { ...requested, targetRevision: revision },
    resolved: { revision, kind: 'version' },
  };
}

/** As Argo CD names what it caches: by the URL as it is written, the chart and the version that Helm deploys. */
function versionOf({ source }: PlannedSource, { version }: ChartEvidence): ChartVersion {
  return { repoURL: source.repoURL, chart: source.chart ?? '', version };
}
