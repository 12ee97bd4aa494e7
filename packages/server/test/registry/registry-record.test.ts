import { createHash } from 'node:crypto';
import { Digest, type JudgedEvidence } from '@source-integrity/core';
import { expect, test } from 'vitest';
import { ARTIFACT, asCandidate, DIGEST } from '../../../core/test/cosign/fake-sigstore.ts';
import { bundle, legacy } from '../../../core/test/cosign/world.ts';
import type { Blobs } from '../../src/store/store.ts';
import { readFacts, writeFacts } from '../../src/verification/evidence-record.ts';
import { readRegistryFacts, type RegistryChart, writeRegistryFacts } from '../../src/verification/registry-record.ts';

class Kept implements Pick<Blobs, 'put' | 'get'> {
  readonly bytes = new Map<string, Uint8Array>();

  put(bytes: Uint8Array): Promise<Digest> {
    const digest = Digest.parse(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
    this.bytes.set(digest, bytes);
    return Promise.resolve(digest);
  }

  get(digest: Digest): Promise<Uint8Array | null> {
    return Promise.resolve(this.bytes.get(digest) ?? null);
  }

  grant(): Promise<void> {
    return Promise.resolve();
  }

  isGranted(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

const metadata = { name: 'payments', version: '1.0.0', appVersion: null, dependencies: [] };
const judged: JudgedEvidence = {
  version: '1.0.0',
  chart: { fileName: 'payments-1.0.0.tgz', digest: DIGEST, size: 1 },
  archive: { archive: { metadata, dependencies: [], fileCount: 0, unpackedBytes: 0 } },
  indexDigest: null,
  provenance: { state: 'found', location: 'registry.test/charts', bytes: Buffer.from('provenance') },
};
const place = { kind: 'referrers', location: ARTIFACT.repository } as const;
const registryChart: RegistryChart = {
  form: 'chart',
  chart: {
    requested: { repoURL: 'registry.test/charts', chart: 'payments', targetRevision: '1.0.0' },
    resolved: { revision: '1.0.0', kind: 'version' },
    version: '1.0.0',
    repository: { registry: 'registry.test', name: 'charts/payments' },
    tag: '1.0.0',
    manifest: { digest: DIGEST, bytes: new Uint8Array() },
    chart: judged.chart,
    archive: judged.archive,
    remarks: [],
    provenance: judged.provenance,
    observedAt: '2026-11-01T00:00:00.000Z',
  },
  signatures: {
    candidates: [
      asCandidate(bundle()),
      legacy(),
      { format: 'attestation', place, predicateType: null },
      { format: 'unknown', place, artifactType: 'application/spdx+json' },
      { format: 'unreadable', place, problem: { code: 'oci-unsigned', params: {} } },
    ],
    searched: [{ ...place, found: '5 referrers' }],
  },
};

test('a chart of a registry is read as it was written', async () => {
  const blobs = new Kept();
  expect(await readRegistryFacts(await writeRegistryFacts(registryChart, blobs), blobs)).toEqual(registryChart);
});

test('it is not read where a piece of it is gone', async () => {
  const blobs = new Kept();
  const facts = await writeRegistryFacts(registryChart, blobs);
  for (const [digest, bytes] of new Map(blobs.bytes)) {
    blobs.bytes.delete(digest);
    expect(await readRegistryFacts(facts, blobs)).toBeNull();
    blobs.bytes.set(digest, bytes);
  }
});

test('a repository that became a registry, or the other way round, is not read as what it was', async () => {
  const blobs = new Kept();
  expect(await readFacts(await writeRegistryFacts(registryChart, blobs), blobs)).toBeNull();
  expect(await readRegistryFacts(await writeFacts(judged, blobs), blobs)).toBeNull();
});

test('what is beyond the limits is kept as no signature', async () => {
  const blobs = new Kept();
  const large = { ...asCandidate(bundle()), content: Buffer.alloc(300_000, ' ') };
  const many = Array.from({ length: 1000 }, () => ({
    ...legacy(),
    annotations: { 'dev.cosignproject.cosign/signature': '"'.repeat(200_000) },
  }));
  const signatures = { ...registryChart.signatures, candidates: [large, ...many] };
  const facts = await writeRegistryFacts({ ...registryChart, signatures }, blobs);
  expect(facts.length).toBeLessThan(1024 * 1024);
  const read = await readRegistryFacts(facts, blobs);
  expect(read?.signatures.candidates).toHaveLength(50);
  expect(read?.signatures.candidates[0]).toMatchObject({ format: 'unknown' });
});
