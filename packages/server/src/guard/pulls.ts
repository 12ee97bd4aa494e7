import type { Digest, SourceReport } from '@source-integrity/core';
import { LRUCache } from 'lru-cache';
import type { AskedChart } from './concern.ts';

/** A chart of which the repo-server was seen to pull exactly the bytes that were verified. */
export interface VerifiedPull {
  readonly chart: AskedChart;
  /** What a report calls these bytes: the archive's digest over HTTP, the manifest's in a registry. */
  readonly digest: Digest;
}

/** What the guard has seen since this server started, for the tab: nothing is decided by it. */
export class Pulls {
  readonly #seen = new LRUCache<string, { readonly digest: Digest; readonly at: string }>({ max: 10_000 });

  record({ chart, digest }: VerifiedPull, at: Date): void {
    const { registry, repository } = chart;
    this.#seen.set(keyOf(registry, repository, chart.chart, chart.version), { digest, at: at.toISOString() });
  }

  /** The source with what is known of its pull; a plain artifact is pulled by its digest, and has nothing to tell. */
  withPull(source: SourceReport): SourceReport {
    if (source.kind !== 'helm-http' && source.kind !== 'helm-oci') return source;
    const { repoURL, chart, revision, digest } = source;
    const seen = this.#seen.get(keyOf(source.kind === 'helm-oci', repoURL, chart ?? '', revision ?? ''));
    return { ...source, pull: seen?.digest === digest ? { at: seen.at } : null };
  }
}

/** Of a registry the whole address counts: an Application divides it as it likes. */
function keyOf(registry: boolean, repository: string, chart: string, version: string): string {
  return registry
    ? JSON.stringify([`${repository.replace(/^[a-z]+:\/\//, '')}/${chart}`, version])
    : JSON.stringify([repository, chart, version]);
}
