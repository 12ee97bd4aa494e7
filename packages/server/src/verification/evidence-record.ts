import { Digest, type JudgedEvidence, Location, type NonEmpty, Problem } from '@source-integrity/core';
import * as z from 'zod';
import type { Blobs } from '../store/store.ts';

/** What of a packed chart is judged beside its digest. */
export const ArchiveFacts = z.union([
  z.object({
    metadata: z.object({
      name: z.string(),
      version: z.string(),
      appVersion: z.string().nullable(),
      dependencies: z.array(z.object({ name: z.string(), version: z.string(), repository: z.string() })),
    }),
  }),
  z.object({ problem: Problem }),
]);
type ArchiveFacts = z.infer<typeof ArchiveFacts>;

/** A provenance file is a blob of its own; here is its digest. */
export const ProvenanceFacts = z.discriminatedUnion('state', [
  z.object({ state: z.literal('found'), location: z.string(), digest: Digest }),
  z.object({ state: z.literal('absent'), searched: z.tuple([Location], Location) }),
  z.object({ state: z.literal('unknown'), problem: Problem }),
]);
type ProvenanceFacts = z.infer<typeof ProvenanceFacts>;

/** What the ledger keeps of a chart's bytes, so that they can be judged again by other keys and another policy. */
const Facts = z.object({
  version: z.string(),
  chart: z.object({ fileName: z.string(), digest: Digest, size: z.number() }),
  archive: ArchiveFacts,
  indexDigest: z.nullable(Digest),
  provenance: ProvenanceFacts,
});
type Facts = z.infer<typeof Facts>;

/** Keeps the provenance file, and answers the JSON of the rest. */
export async function writeFacts(evidence: JudgedEvidence, blobs: Blobs): Promise<string> {
  const { version, chart, archive, indexDigest, provenance } = evidence;
  const facts: Facts = {
    version,
    chart: { fileName: chart.fileName, digest: chart.digest, size: chart.size },
    archive: archiveFacts(archive),
    indexDigest,
    provenance: await keepProvenance(provenance, blobs),
  };
  return JSON.stringify(facts);
}

/**
 * The evidence again; null where its provenance file is no longer kept, or where it is of a chart in a registry, as the
 * same URL may have been before. Throws for what was not written here.
 */
export async function readFacts(text: string, blobs: Blobs): Promise<JudgedEvidence | null> {
  const json: unknown = JSON.parse(text);
  if (isOfRegistry(json)) return null;
  const { archive, provenance, ...rest } = Facts.parse(json);
  const kept = await keptProvenance(provenance, blobs);
  return kept === null ? null : { ...rest, archive: archiveOf(archive), provenance: kept };
}

export function isOfRegistry(json: unknown): boolean {
  return typeof json === 'object' && json !== null && Object.hasOwn(json, 'signatures');
}

export function archiveFacts(archive: JudgedEvidence['archive']): ArchiveFacts {
  return 'archive' in archive ? { metadata: metadataOf(archive.archive.metadata) } : archive;
}

export function archiveOf(facts: ArchiveFacts): JudgedEvidence['archive'] {
  return 'metadata' in facts
    ? { archive: { metadata: facts.metadata, dependencies: [], fileCount: 0, unpackedBytes: 0 } }
    : facts;
}

export async function keepProvenance(provenance: JudgedEvidence['provenance'], blobs: Blobs): Promise<ProvenanceFacts> {
  switch (provenance.state) {
    case 'found':
      return { state: 'found', location: provenance.location, digest: await blobs.put(provenance.bytes) };
    case 'absent':
      return { state: 'absent', searched: [...provenance.searched] satisfies NonEmpty<Location> };
    case 'unknown':
      return provenance;
  }
}

export async function keptProvenance(
  facts: ProvenanceFacts,
  blobs: Blobs,
): Promise<JudgedEvidence['provenance'] | null> {
  if (facts.state !== 'found') return facts;
  const bytes = await blobs.get(facts.digest);
  return bytes === null ? null : { state: 'found', location: facts.location, bytes };
}

type Metadata = Extract<ArchiveFacts, { metadata: unknown }>['metadata'];

function metadataOf(metadata: {
  readonly name: string;
  readonly version: string;
  readonly appVersion: string | null;
  readonly dependencies: readonly Metadata['dependencies'][number][];
}): Metadata {
  return { ...metadata, dependencies: [...metadata.dependencies] };
}
