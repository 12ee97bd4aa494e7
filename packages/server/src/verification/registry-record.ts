import { Digest, Location, Problem, type RegistryEvidence } from '@source-integrity/core';
import * as z from 'zod';
import type { Blobs } from '../store/store.ts';
import {
  archiveFacts,
  ArchiveFacts,
  archiveOf,
  isOfRegistry,
  keepProvenance,
  keptProvenance,
  ProvenanceFacts,
} from './evidence-record.ts';

/** A chart that lay in a registry, with the signatures beside it. */
export type RegistryChart = Extract<RegistryEvidence, { form: 'chart' }>;

type Candidate = RegistryChart['signatures']['candidates'][number];

const Place = z.object({ kind: Location.shape.kind, location: z.string() });
const CandidateFacts = z.discriminatedUnion('format', [
  z.object({ format: z.literal('bundle'), place: Place, content: Digest }),
  z.object({
    format: z.literal('legacy'),
    place: Place,
    content: Digest,
    annotations: z.record(z.string(), z.string()),
  }),
  z.object({ format: z.literal('attestation'), place: Place, predicateType: z.string().nullable() }),
  z.object({ format: z.literal('unknown'), place: Place, artifactType: z.string() }),
  z.object({ format: z.literal('unreadable'), place: Place, problem: Problem }),
]);
type CandidateFacts = z.infer<typeof CandidateFacts>;

/** What the ledger keeps, so that it can be judged again; provenance and signatures are blobs of their own. */
const Facts = z.object({
  requested: z.object({ repoURL: z.string(), chart: z.string(), targetRevision: z.string() }),
  resolved: z.object({ revision: z.string(), kind: z.enum(['version', 'constraint', 'literal']) }),
  version: z.string(),
  repository: z.object({ registry: z.string(), name: z.string() }),
  tag: z.string().nullable(),
  manifest: Digest,
  chart: z.object({ fileName: z.string(), digest: Digest, size: z.number() }),
  archive: ArchiveFacts,
  remarks: z.array(Problem),
  provenance: ProvenanceFacts,
  observedAt: z.string(),
  signatures: z.object({ candidates: z.array(CandidateFacts), searched: z.tuple([Location], Location) }),
});
type Facts = z.infer<typeof Facts>;

/** Of one chart. Real signatures are a few, of a few kilobytes each. */
const MAX_SIGNATURES = 50;
const MAX_SIGNATURE_BYTES = 256 * 1024;
const MAX_ANNOTATION_LENGTH = 512 * 1024;

/** Keeps provenance file and signatures, and answers the JSON of the rest. */
export async function writeRegistryFacts({ chart, signatures }: RegistryChart, blobs: Blobs): Promise<string> {
  const facts: Facts = {
    requested: chart.requested,
    resolved: chart.resolved,
    version: chart.version,
    repository: chart.repository,
    tag: chart.tag,
    manifest: chart.manifest.digest,
    chart: chart.chart,
    archive: archiveFacts(chart.archive),
    remarks: [...chart.remarks],
    provenance: await keepProvenance(chart.provenance, blobs),
    observedAt: chart.observedAt,
    signatures: {
      candidates: await keepCandidates(signatures.candidates, blobs),
      searched: [...signatures.searched],
    },
  };
  return JSON.stringify(facts);
}

/**
 * The evidence again, but for the bytes of the manifest, by which nothing is judged; null where a piece of it is no
 * longer kept, or where it is of a chart in a repository over HTTP. Throws for what was not written here.
 */
export async function readRegistryFacts(text: string, blobs: Blobs): Promise<RegistryChart | null> {
  const json: unknown = JSON.parse(text);
  if (!isOfRegistry(json)) return null;
  const { manifest, archive, provenance, signatures, ...rest } = Facts.parse(json);
  const kept = await keptProvenance(provenance, blobs);
  const candidates: Candidate[] = [];
  for (const facts of signatures.candidates) {
    const candidate = await keptCandidate(facts, blobs);
    if (candidate === null) return null;
    candidates.push(candidate);
  }
  if (kept === null) return null;
  return {
    form: 'chart',
    chart: {
      ...rest,
      manifest: { digest: manifest, bytes: new Uint8Array() },
      archive: archiveOf(archive),
      provenance: kept,
    },
    signatures: { candidates, searched: signatures.searched },
  };
}

/**
 * What is beyond the limits is kept as no signature: whoever heaps them up beside bad bytes does not get those out of
 * the ledger.
 */
async function keepCandidates(candidates: readonly Candidate[], blobs: Blobs): Promise<CandidateFacts[]> {
  const kept: CandidateFacts[] = [];
  let bytesLeft = MAX_SIGNATURE_BYTES;
  let lettersLeft = MAX_ANNOTATION_LENGTH;
  for (const candidate of candidates.slice(0, MAX_SIGNATURES)) {
    const { place } = candidate;
    if (candidate.format !== 'bundle' && candidate.format !== 'legacy') {
      kept.push(candidate);
      continue;
    }
    const annotations = candidate.format === 'legacy' ? candidate.annotations : {};
    const letters = JSON.stringify(annotations).length;
    if (candidate.content.length > bytesLeft || letters > lettersLeft) {
      kept.push({ format: 'unknown', place, artifactType: 'a signature that was too large to be kept' });
      continue;
    }
    bytesLeft -= candidate.content.length;
    lettersLeft -= letters;
    const content = await blobs.put(candidate.content);
    kept.push(
      candidate.format === 'legacy'
        ? { format: 'legacy', place, content, annotations: { ...annotations } }
        : { format: 'bundle', place, content },
    );
  }
  return kept;
}

async function keptCandidate(facts: CandidateFacts, blobs: Blobs): Promise<Candidate | null> {
  if (facts.format !== 'bundle' && facts.format !== 'legacy') return facts;
  const content = await blobs.get(facts.content);
  return content === null ? null : { ...facts, content };
}
