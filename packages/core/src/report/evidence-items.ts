import { sha256 } from '../verdict/sha256.ts';
import type { Digest } from '../verdict/verdict.ts';
import type { EvidenceItem } from './report.ts';

/** Evidence never changes, and is shown for every verdict that rests on it. */
const digests = new WeakMap<object, Digest>();

/** What of the evidence can be shown: the chart by its digest, the provenance file with its text. */
export function evidenceItems(evidence: {
  readonly chart: { readonly digest: Digest; readonly size: number };
  readonly chartUrl: string;
  readonly provenance:
    | { readonly state: 'found'; readonly location: string; readonly bytes: Uint8Array }
    | { readonly state: 'absent' | 'unknown' };
}): EvidenceItem[] {
  const chart: EvidenceItem = {
    kind: 'chart',
    digest: evidence.chart.digest,
    size: evidence.chart.size,
    mediaType: 'application/gzip',
    location: evidence.chartUrl,
    retained: false,
  };
  const { provenance } = evidence;
  if (provenance.state !== 'found') return [chart];
  const digest = digests.get(provenance) ?? sha256(provenance.bytes);
  digests.set(provenance, digest);
  return [
    chart,
    {
      kind: 'provenance',
      digest,
      size: provenance.bytes.length,
      mediaType: 'text/plain; charset=utf-8',
      location: provenance.location,
      retained: true,
    },
  ];
}
