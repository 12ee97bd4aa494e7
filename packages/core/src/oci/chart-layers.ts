import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import type { Descriptor, ImageManifest } from './manifest.ts';

export const HELM_CONFIG = 'application/vnd.cncf.helm.config.v1+json';
export const HELM_CHART = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
const LEGACY_CHART = 'application/tar+gzip';
const HELM_PROVENANCE = 'application/vnd.cncf.helm.chart.provenance.v1.prov';

export interface ChartLayers {
  readonly config: Descriptor;
  readonly chart: Descriptor;
  readonly provenance: Descriptor | null;
  /** More layers of a type than count. */
  readonly warnings: readonly Problem[];
}

/**
 * Which parts of a manifest are the chart's: by media type, never by position, since layers may be sorted by digest;
 * the last of a type counts (Helm 4.3.1, pkg/registry/client.go `processChartPull`). Helm copies what the manifest and
 * its subject refer to concurrently, so where several charts are within reach it is chance which of them comes last,
 * and an adversary could have one signed and another deployed: then nobody can say what is deployed.
 */
export function chartLayers({ config, layers, subject }: ImageManifest): ChartLayers | { readonly problem: Problem } {
  if (config.mediaType !== HELM_CONFIG) {
    return { problem: problem('oci-not-a-chart', { mediaType: quotable(config.mediaType) }) };
  }
  if (subject !== null) {
    return { problem: problem('oci-chart-ambiguous', { reason: 'refers to another manifest as its subject' }) };
  }
  const charts = layers.filter(({ mediaType }) => mediaType === HELM_CHART || mediaType === LEGACY_CHART);
  const chart = charts.at(-1);
  if (chart === undefined) return { problem: problem('oci-chart-layer-missing', {}) };
  if (charts.some(({ digest }) => digest !== chart.digest)) {
    return { problem: problem('oci-chart-ambiguous', { reason: `has ${charts.length} layers of charts` }) };
  }
  const provenances = layers.filter(({ mediaType }) => mediaType === HELM_PROVENANCE);
  const warnings = [...extra(chart.mediaType, charts.length), ...extra(HELM_PROVENANCE, provenances.length)];
  return { config, chart, provenance: provenances.at(-1) ?? null, warnings };
}

function extra(mediaType: string, count: number): Problem[] {
  return count > 1 ? [problem('oci-extra-layers', { mediaType, count })] : [];
}
