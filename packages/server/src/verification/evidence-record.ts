import { Digest, type JudgedEvidence, Location, type NonEmpty, Problem } from '@source-integrity/core';
import * as z from 'zod';
import type { Blobs } from '../store/store.ts';

/**
 * What the ledger keeps of a chart's bytes, so that they can be judged again by other keys and another policy.
 * The provenance file is a blob of its own; here is its digest.
 */
const Facts = z.object({
  version: z.string(),
  chart: z.object({ fileName: z.string(), digest: Digest, size: z.number() }),
  archive: z.union([
    z.object({
      metadata: z.object({
        name: z.string(),
        version: z.string(),
        appVersion: z.string().nullable(),
        dependencies: z.array(z.object({ name: z.string(), version: z.string(), repository: z.string() })),
      }),
    }),
    z.object({ problem: Problem }),
  ]),
  indexDigest: z.nullable(Digest),
  provenance: z.discriminatedUnion('state', [
    z.object({ state: z.literal('found'), location: z.string(), digest: Digest }),
    z.object({ state: z.literal('absent'), searched: z.tuple([Location], Location) }),
    z.object({ state: z.literal('unknown'), problem: Problem }),
  ]),
});
type Facts = z.infer<typeof Facts>;

/** Keeps the provenance file, and answers the JSON of the rest. */
export async function writeFacts(evidence: JudgedEvidence, blobs: Blobs): Promise<string> {
  const { version, chart, archive, indexDigest, provenance } = evidence;
  const facts: Facts = {
    version,
    chart: { fileName: chart.fileName, digest: chart.digest, size: chart.size },
    archive: 'archive' in archive ? { metadata: metadataOf(archive.archive.metadata) } : archive,
    indexDigest,
    provenance:
      provenance.state === 'found'
        ? { state: 'found', location: provenance.location, digest: await blobs.put(provenance.bytes) }
        : provenance.state === 'absent'
          ? { state: 'absent', searched: [...provenance.searched] satisfies NonEmpty<Location> }
          : provenance,
  };
  return JSON.stringify(facts);
}

/** The evidence again; null where its provenance file is no longer kept. Throws for what was not written here. */
export async function readFacts(text: string, blobs: Blobs): Promise<JudgedEvidence | null> {
  const { archive, provenance, ...rest } = Facts.parse(JSON.parse(text));
  const read = {
    ...rest,
    archive:
      'metadata' in archive
        ? { archive: { metadata: archive.metadata, dependencies: [], fileCount: 0, unpackedBytes: 0 } }
        : archive,
  };
  if (provenance.state !== 'found') return { ...read, provenance };
  const bytes = await blobs.get(provenance.digest);
  return bytes === null ? null : { ...read, provenance: { state: 'found', location: provenance.location, bytes } };
}

type Metadata = Extract<Facts['archive'], { metadata: unknown }>['metadata'];

function metadataOf(metadata: {
  readonly name: string;
  readonly version: string;
  readonly appVersion: string | null;
  readonly dependencies: readonly Metadata['dependencies'][number][];
}): Metadata {
  return { ...metadata, dependencies: [...metadata.dependencies] };
}
