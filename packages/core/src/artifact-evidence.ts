import { manifestOf, placeOf, type RegistryEvidence } from './oci/collect-source.ts';
import { formatReference } from './oci/reference.ts';
import type { EvidenceItem } from './report/report.ts';
import { sha256 } from './verdict/sha256.ts';

/** A piece of evidence with its bytes. */
export interface RetainedEvidence {
  readonly item: EvidenceItem;
  readonly bytes: Uint8Array;
}

/** Larger pieces are left out. */
const MAX_RETAINED_BYTES = 1024 * 1024;
/** Of one source: what somebody heaps up beside an artifact must not push out other Applications' evidence. */
const MAX_TOTAL_BYTES = 4 * 1024 * 1024;
const MAX_PIECES = 50;

/** Evidence never changes, and is shown for every verdict that rests on it. */
const known = new WeakMap<RegistryEvidence, readonly RetainedEvidence[]>();

/** What can be kept of a source in a registry: its manifest, its provenance file, the signatures beside it. */
export function retainedEvidence(evidence: RegistryEvidence): readonly RetainedEvidence[] {
  const retained = known.get(evidence) ?? retain(evidence);
  known.set(evidence, retained);
  return retained;
}

function retain(evidence: RegistryEvidence): RetainedEvidence[] {
  const { repository } = placeOf(evidence);
  const { digest, bytes } = manifestOf(evidence);
  const provenance = evidence.form === 'chart' ? evidence.chart.provenance : null;
  const pieces = [
    { kind: 'manifest' as const, bytes, mediaType: 'application/json', location: formatReference(repository, digest) },
    ...(provenance !== null && provenance.state === 'found'
      ? [{ kind: 'provenance' as const, mediaType: 'text/plain; charset=utf-8', ...provenance }]
      : []),
    ...evidence.signatures.candidates.flatMap((candidate) =>
      candidate.format === 'bundle' || candidate.format === 'legacy'
        ? [
            {
              kind: 'signature' as const,
              bytes: candidate.content,
              mediaType: 'application/json',
              location: candidate.place.location,
            },
          ]
        : [],
    ),
  ];
  let left = MAX_TOTAL_BYTES;
  const kept = pieces.filter((piece) => {
    const fits = piece.bytes.length <= Math.min(MAX_RETAINED_BYTES, left);
    if (fits) left -= piece.bytes.length;
    return fits;
  });
  return kept.slice(0, MAX_PIECES).map(({ kind, bytes: content, mediaType, location }) => ({
    bytes: content,
    item: { kind, digest: sha256(content), size: content.length, mediaType, location, retained: true },
  }));
}
